/**
 * `sparekey readiness`: who could recover today, and why not. `sparekey rules preview` and `sparekey rules try` say what a changed
 * rule would do, and what would happen to a person, without changing anything.
 */
import { createWriteStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { pino } from 'pino';
import { changedPolicy } from '../changed-policy.ts';
import { compose, type Sparekey } from '../compose.ts';
import { renderProblems } from '../config/problem.ts';
import { changesCsv } from '../insight/readiness/csv.ts';
import type { Overview } from '../insight/readiness/figures.ts';
import { changes, preview } from '../insight/rules/preview.ts';
import type { Trial } from '../insight/trial/trial.ts';
import { systemClock } from '../kernel/clock.ts';
import { type OpenReadiness, openReadiness, trialOf } from '../readiness.ts';
import type { SparekeyConfig } from '../registries.ts';
import { createProgressView } from './progress.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

interface Opened {
  sparekey: Sparekey;
  config: SparekeyConfig;
  readiness: OpenReadiness;
}

async function opened(file: string, work: (all: Opened) => Promise<void>): Promise<void> {
  const layers = loadOrExit(file);
  const { config } = layers;
  const keys = keysOrExit(config.keysFile);
  const sparekey = await compose({ config, layers, keys, clock: systemClock, logger: pino({ level: 'silent' }) });
  try {
    const inForce = sparekey.config;
    await work({ sparekey, config: inForce, readiness: await openReadiness(inForce, sparekey.flow) });
  } finally {
    await sparekey.close();
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const figures = ({ group, ready, notReady, off, reasons, groups, state, waiting }: Overview) => ({
  group: group?.name ?? null,
  ready,
  notReady,
  off,
  reasons: Object.fromEntries(reasons.map(({ reason, people }) => [reason, people])),
  groups: groups.map(({ name, ready, notReady, alarmed }) => ({ name, ready, notReady, alarmed })),
  walkedAt: state?.walk_ended_at == null ? null : new Date(state.walk_ended_at).toISOString(),
  waiting,
  problem: state?.problem ?? null,
});

function tell(overview: Overview): void {
  const { ready, notReady, off, reasons, walkedAt, waiting, problem } = figures(overview);
  const share = ready + notReady === 0 ? '' : ` (${((100 * ready) / (ready + notReady)).toFixed(1)} %)`;
  say(
    `${overview.group?.name ?? 'Everybody'}: ${ready} could recover today${share}, ${notReady} could not, ${off} are switched off.`,
  );
  for (const [reason, people] of Object.entries(reasons)) say(`  ${String(people).padStart(9)}  ${reason}`);
  if (overview.groups.length > 0) say('Most of them in:');
  for (const { name, notReady: people, alarmed } of overview.groups.slice(0, 10))
    say(`  ${String(people).padStart(9)}  ${name}${alarmed ? '  (fell since yesterday)' : ''}`);
  if (walkedAt === null) say('The directory has not been walked through to the end yet: sparekey readiness refresh');
  if (waiting > 0) say(`${waiting} changes are not counted yet.`);
  if (problem) say(`It can’t go on: ${problem}`);
}

async function refresh({ readiness }: Opened): Promise<void> {
  const view = createProgressView('accounts', systemClock);
  const worked = await readiness.work({
    force: true,
    onProgress: ({ done, left }) => view.show(left > 0 ? done / (done + left) : 0, done),
  });
  view.end();
  if (worked.is === 'busy') throw new Error('A node is at it already. Look again in a few minutes.');
  if (worked.is === 'unavailable') throw new Error(worked.cause);
}

const told = (trial: Trial) => ({
  username: trial.account.username,
  end: trial.end,
  rule: trial.rule.name,
  gates: trial.gates ?? null,
  routes: trial.routes,
  missing: trial.missing,
  ways: trial.ways.map(({ method, label, state }) => ({ method, label, state })),
  preflight: trial.preflight,
  risk: { usual: trial.risk.usual.says, strange: trial.risk.strange.says },
  password: trial.password.map(({ id, value }) => ({ id, ...(value === undefined ? {} : { value }) })),
  systems: trial.systems,
  told: trial.told,
});

function tellTrial(trial: Trial): void {
  const { end, rule, gates, routes, missing, risk, systems, told: whom, preflight } = told(trial);
  say(`${trial.account.username} (${trial.account.displayName}): ${end}. Nothing was sent or changed.`);
  say(`  rule       ${rule}${gates === null ? '' : `, ${gates} gates`}`);
  for (const route of routes) say(`  way        ${route.join(' + ')}`);
  for (const set of missing) say(`  missing    ${set.join(' + ')}`);
  say(`  directory  ${preflight.is}${'cause' in preflight ? `: ${preflight.cause}` : ''}`);
  say(`  risk       usual: ${risk.usual}`);
  say(`             elsewhere: ${risk.strange}`);
  say(`  systems    ${systems.join(', ') || 'none'}`);
  say(`  told       ${whom.join(', ') || 'nobody'}`);
}

interface PreviewOptions {
  config: string;
  file: string;
  csv?: string;
  json?: boolean;
}

async function previewRules({ sparekey, config, readiness }: Opened, options: PreviewOptions): Promise<void> {
  const changed = changedPolicy(config, readFileSync(options.file, 'utf8'), options.file);
  if (changed.is === 'invalid') throw new Error(renderProblems(changed.problems));
  if (changed.warnings.length > 0) process.stderr.write(`${renderProblems(changed.warnings)}\n`);
  const unread = readiness.unread(changed.config);
  const view = createProgressView('accounts', systemClock);
  const { ready, notReady, off } = await readiness.figures.overview(undefined, systemClock.now());
  const all = Math.max(1, ready + notReady + off);
  const input = {
    storage: sparekey.storage,
    present: readiness.judging,
    changed: readiness.judgingBy(changed.config),
    onProgress: (people: number) => view.show(Math.min(1, people / all), people),
  };
  const found = await preview(input);
  if (options.csv) await pipeline(changesCsv(changes(input)), createWriteStream(options.csv, { mode: 0o600 }));
  view.end();
  const part = ({ people, groups, rows }: typeof found.stranded) => ({
    people,
    groups,
    first: rows.map(({ row, judged }) => ({ username: row.username, reasons: judged.reasons })),
  });
  if (options.json) {
    say(JSON.stringify({ people: found.people, stranded: part(found.stranded), freed: part(found.freed), unread }));
    return;
  }
  say(
    `Of ${found.people} people it would strand ${found.stranded.people} and free ${found.freed.people}. Nothing was changed.`,
  );
  for (const { name, people } of found.stranded.groups.slice(0, 10)) say(`  ${String(people).padStart(9)}  ${name}`);
  for (const { row } of found.stranded.rows.slice(0, 10)) say(`  stranded   ${row.username} (${row.displayName})`);
  if (unread.length > 0) say(`Not read of anybody so far, so nobody is meant by it here: ${unread.join(', ')}`);
}

export const readinessCommand = (program: Command) => {
  const readiness = withConfig(program.command('readiness').description('who could recover today, and why not'))
    .option('--group <name>', 'only of this group')
    .option('--json', 'as JSON')
    .action(({ config, group, json }: { config: string; group?: string; json?: boolean }) =>
      opened(config, async ({ readiness: { figures: shown } }) => {
        const overview = await shown.overview(group, systemClock.now());
        if (group !== undefined && !overview.group) throw new Error(`Nobody is known to be in a group ${group}.`);
        if (json) say(JSON.stringify(figures(overview)));
        else tell(overview);
      }),
    );
  withConfig(readiness.command('refresh').description('walk through the directory now'))
    .option('--json', 'as JSON')
    .action((_own: unknown, command: Command) => {
      const { config, json } = command.optsWithGlobals<{ config: string; json?: boolean }>();
      return opened(config, async (all) => {
        await refresh(all);
        const overview = await all.readiness.figures.overview(undefined, systemClock.now());
        if (json) say(JSON.stringify(figures(overview)));
        else tell(overview);
      });
    });

  const rules = program.command('rules').description('what rules would do; nothing is changed');
  withConfig(rules.command('preview').description('whom a changed policy would strand, and whom it would free'))
    .requiredOption('--file <file>', 'YAML with the changed part of `policy`; the rest stays as it is')
    .option('--csv <file>', 'write everybody whom it concerns there')
    .option('--json', 'as JSON')
    .action((options: PreviewOptions) => opened(options.config, (all) => previewRules(all, options)));
  withConfig(rules.command('try <username>').description('what would happen if this person forgot the password now'))
    .option('--json', 'as JSON')
    .action((username: string, { config: file, json }: { config: string; json?: boolean }) =>
      opened(file, async ({ config, sparekey }) => {
        const tried = await trialOf(config, sparekey.flow).run(undefined, username);
        if (tried.is === 'none') throw new Error(`No account is called ${username}.`);
        if (tried.is === 'unavailable') throw new Error(tried.cause);
        if (json) say(JSON.stringify(told(tried.trial)));
        else tellTrial(tried.trial);
      }),
    );
};
