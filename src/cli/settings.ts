/**
 * `sparekey settings`: what may be changed while nodes run, with history. The same service as in the console: a change is a numbered
 * version, judged by the schema of the file; every node takes it over within seconds.
 */
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { createAudit } from '../audit/index.ts';
import type { Layers } from '../config/load.ts';
import { renderProblems } from '../config/problem.ts';
import { written } from '../config/words.ts';
import { systemClock } from '../kernel/clock.ts';
import { attributesRead, openDatabase, openMethods } from '../open.ts';
import type { SparekeyConfig } from '../registries.ts';
import type { Change } from '../settings/change.ts';
import { createSettingsService, type Decided, type Proposed, type SettingsService } from '../settings/service.ts';
import type { SettingsVersion } from '../storage/repositories/settings-versions.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

const BY = { actor: 'operator:command-line' };
const MOST = 200;

interface Options {
  config: string;
  json?: boolean;
  comment?: string;
}

async function atSettings(file: string, work: (settings: SettingsService) => Promise<string>): Promise<void> {
  const layers = loadOrExit(file);
  const { config } = layers;
  const { storage, keyring } = await openDatabase({ config, layers, keys: keysOrExit(config.keysFile) });
  try {
    const open = (next: Layers['config']) =>
      openMethods(next as unknown as SparekeyConfig, keyring, storage, systemClock);
    const settings = createSettingsService({
      storage,
      audit: createAudit({ keyring, clock: systemClock }),
      clock: systemClock,
      layers: layers as unknown as Layers,
      secondApproval: config.console.secondApproval,
      async tryOut(next) {
        try {
          await open(next);
          return undefined;
        } catch (error) {
          return error instanceof Error ? error.message : String(error);
        }
      },
      attributes: async (next) => attributesRead(next as unknown as SparekeyConfig, await open(next)),
    });
    const said = await work(settings);
    if (said !== '') process.stdout.write(`${said}\n`);
  } finally {
    await storage.close();
  }
}

const shown = (value: unknown): string => (value === undefined ? '(not set)' : written(value));
const line = ({ path, before, after }: Change): string => `  ${path}: ${shown(before)} → ${shown(after)}`;
const lines = (changes: readonly Change[]): string => changes.map(line).join('\n');

const versionJson = ({ createdAt, decidedAt, ...version }: SettingsVersion) => ({
  ...version,
  createdAt: new Date(createdAt).toISOString(),
  ...(decidedAt === undefined ? {} : { decidedAt: new Date(decidedAt).toISOString() }),
});

function versionLine({ number, state, author, createdAt, comment, decidedBy, rollsBackTo }: SettingsVersion): string {
  const decided = decidedBy === undefined ? '' : ` by ${decidedBy}`;
  const back = rollsBackTo === undefined ? '' : `  (back to ${rollsBackTo})`;
  return `${number}  ${new Date(createdAt).toISOString()}  ${author}  ${state}${decided}${back}  ${comment}`;
}

/** @throws Error with a sentence for everything that is not done. */
function done(outcome: Proposed | Decided | { is: 'gone' }): number | undefined {
  switch (outcome.is) {
    case 'proposed':
    case 'applied':
    case 'rejected':
      return outcome.number;
    case 'unchanged':
      return undefined;
    case 'invalid':
      throw new Error(renderProblems(outcome.problems));
    case 'gone':
      throw new Error('There is no such version, or it was decided already: sparekey settings history');
    case 'own':
      throw new Error('Somebody else has to agree (console.secondApproval): not whoever proposed it.');
    case 'conflict':
      throw new Error(
        `Somebody else was faster: version ${outcome.current} is in force.\nTheirs:\n${lines(outcome.theirs)}\nYours, against it:\n${lines(outcome.own)}\nNothing was changed. Run it again.`,
      );
  }
}

async function putInForce(
  settings: SettingsService,
  proposed: Proposed | { is: 'gone' },
  json?: boolean,
): Promise<string> {
  const number = done(proposed);
  if (number === undefined) return json ? JSON.stringify({ state: 'unchanged' }) : 'Nothing differs.';
  if (!settings.secondApproval) done(await settings.apply(number, BY));
  const state = settings.secondApproval ? 'proposed' : 'applied';
  if (json) return JSON.stringify({ version: number, state });
  if (state === 'proposed') return `Version ${number} waits for somebody else to agree.`;
  const version = await settings.find(number);
  const restart = version ? await settings.later(version) : [];
  const later = restart.length === 0 ? '' : ` After a restart only: ${restart.join(', ')}.`;
  return `Version ${number} is in force; every node has it within seconds.${later}`;
}

const numberOf = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${text} is not the number of a version.`);
  return Number(text);
};

function changesOf(settings: SettingsService, assignments: readonly string[], unset: readonly string[]) {
  const set = assignments.map((assignment) => {
    const at = assignment.indexOf('=');
    if (at < 1) throw new Error(`Write it like path=value, not ${assignment}.`);
    const path = assignment.slice(0, at);
    return { path, after: settings.typed(path, assignment.slice(at + 1)) };
  });
  return [...set, ...unset.map((path) => ({ path, after: undefined }))];
}

export const settingsCommand = (program: Command) => {
  const group = program.command('settings').description('settings that change while nodes run, with history');
  const command = (name: string, description: string) =>
    withConfig(group.command(name).description(description)).option('--json', 'as JSON');
  const comment = ['-m, --comment <text>', 'why; kept in the history', ''] as const;

  command('show [path]', 'values, where they come from, and which the file fixes').action(
    (path: string | undefined, { config, json }: Options) =>
      atSettings(config, async (settings) => {
        const { current, settings: all, ignored } = await settings.show();
        const list = all.filter((one) => path === undefined || one.path === path || one.path.startsWith(`${path}.`));
        if (list.length === 0) throw new Error(`No setting ${path} can be changed here.`);
        if (json) return JSON.stringify({ version: current, settings: list, ignored });
        const left = ignored.map(({ path: at, why }) => `ignored: ${at} ${why}`);
        const rows = list.map(({ path: at, value, from, lockedBy, takesEffect }) => {
          const place = lockedBy === undefined ? from : `fixed by the file: ${lockedBy}`;
          return `${at}: ${shown(value)}  (${place}${takesEffect === 'at-restart' ? '; after a restart' : ''})`;
        });
        return [`Version ${current}`, ...rows, ...left].join('\n');
      }),
  );

  command('set [assignments...]', 'change settings: path=value …')
    .option('--unset <path...>', 'no longer set here: the default holds')
    .option(...comment)
    .action((assignments: string[], { config, json, comment: why = '', unset = [] }: Options & { unset?: string[] }) =>
      atSettings(config, async (settings) => {
        const changes = changesOf(settings, assignments, unset);
        const { current } = await settings.show();
        return putInForce(settings, await settings.propose({ base: current, changes, comment: why }, BY), json);
      }),
    );

  command('history', 'versions, newest first: who, when, why').action(({ config, json }: Options) =>
    atSettings(config, async (settings) => {
      const list = await settings.history({ limit: MOST });
      if (json) return list.map((one) => JSON.stringify(versionJson(one))).join('\n');
      return list.length === 0 ? 'Nothing was ever set here.' : list.map(versionLine).join('\n');
    }),
  );

  command(
    'diff <from> [to]',
    'what differs between two versions (0: the file alone); without `to`: what a version changed',
  ).action((from: string, to: string | undefined, { config, json }: Options) =>
    atSettings(config, async (settings) => {
      const one = numberOf(from);
      const version = await settings.find(one);
      const changes =
        to === undefined ? version && (await settings.changesOf(version)) : await settings.diff(one, numberOf(to));
      if (!changes) throw new Error('There is no such version: sparekey settings history');
      if (json) return JSON.stringify(changes);
      return changes.length === 0 ? 'Nothing differs.' : lines(changes);
    }),
  );

  command('rollback <version>', 'bring an older version back, as a new one (0: the file alone)')
    .option(...comment)
    .action((to: string, { config, json, comment: why = '' }: Options) =>
      atSettings(config, async (settings) =>
        putInForce(settings, await settings.rollBack(numberOf(to), why, BY), json),
      ),
    );

  command('approve <version>', 'put a proposed version in force').action((number: string, { config, json }: Options) =>
    atSettings(config, async (settings) => {
      const applied = done(await settings.apply(numberOf(number), BY));
      return json ? JSON.stringify({ version: applied, state: 'applied' }) : `Version ${applied} is in force.`;
    }),
  );

  command('reject <version>', 'reject a proposed version')
    .option(...comment)
    .action((number: string, { config, json, comment: why }: Options) =>
      atSettings(config, async (settings) => {
        const rejected = done(await settings.reject(numberOf(number), BY, why));
        return json ? JSON.stringify({ version: rejected, state: 'rejected' }) : `Version ${rejected} is rejected.`;
      }),
    );

  command('lint', 'risky settings, each with why and what to do').action(({ config, json }: Options) =>
    atSettings(config, async (settings) => {
      const risks = await settings.risks();
      if (json) return JSON.stringify(risks);
      if (risks.length === 0) return 'Nothing risky was found.';
      return risks
        .map(({ weight, path, what, why, fix }) => `${weight}  ${path}: ${what}.\n    why: ${why}\n    fix: ${fix}`)
        .join('\n');
    }),
  );

  command('export', 'what is set here, as it would be written in the file').action(({ config, json }: Options) =>
    atSettings(config, async (settings) => {
      const values = await settings.values();
      if (json) return JSON.stringify(values);
      const tree: Record<string, unknown> = {};
      for (const [path, value] of Object.entries(values)) {
        const steps = path.split('.');
        const last = steps.pop() as string;
        let section = tree;
        for (const step of steps) {
          section[step] = section[step] ?? {};
          section = section[step] as Record<string, unknown>;
        }
        section[last] = value;
      }
      return Object.keys(tree).length === 0 ? '' : stringify(tree).trimEnd();
    }),
  );
};
