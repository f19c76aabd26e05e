/**
 * `sparekey rollout`: phases, reminder campaigns, and lists from outside. A list is always looked at first; `--apply` carries it out.
 */
import { createWriteStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { pino } from 'pino';
import { compose } from '../compose.ts';
import { systemClock } from '../kernel/clock.ts';
import { campaignFaults, type NewCampaign } from '../rollout/campaigns.ts';
import { ENCODINGS, type Encoding, fileBytes } from '../rollout/import/encoding.ts';
import type { Imports, Progress } from '../rollout/import/imports.ts';
import { importReport } from '../rollout/import/report.ts';
import { openRollout, type Rollout } from '../rollout.ts';
import { createProgressView } from './progress.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

const ACTOR = 'cli';
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const iso = (at: number): string => new Date(at).toISOString();

async function opened(file: string, work: (rollout: Rollout) => Promise<void>): Promise<void> {
  const { config } = loadOrExit(file);
  const keys = keysOrExit(config.keysFile);
  const sparekey = await compose({ config, keys, clock: systemClock, logger: pino({ level: 'silent' }) });
  try {
    await work(openRollout(config, sparekey.flow));
  } finally {
    await sparekey.close();
  }
}

interface Common {
  config: string;
  json?: boolean;
}

const print = (json: boolean | undefined, value: unknown, text: () => string): void =>
  say(json ? JSON.stringify(value) : text());

// --- lists ---

interface ImportOptions extends Common {
  encoding?: Encoding;
  column?: Record<string, string>;
  attribute?: string;
  question?: Record<string, string>;
  apply?: boolean;
  allOrNothing?: boolean;
  report?: string;
}

const pair = (text: string, all: Record<string, string> = {}): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('Write it like name=value.');
  return { ...all, [text.slice(0, at)]: text.slice(at + 1) };
};

/** A bar for each part of the work, one after the other. */
function bars() {
  let current: { is: Progress['is']; view: ReturnType<typeof createProgressView> } | undefined;
  return {
    show({ is, done, all }: Progress): void {
      if (current?.is !== is) {
        current?.view.end();
        current = { is, view: createProgressView('lines', systemClock) };
      }
      current.view.show(all > 0 ? Math.min(1, done / all) : 0, done);
    },
    end: () => current?.view.end(),
  };
}

async function goOn(imports: Imports, id: string, show: (progress: Progress) => void): Promise<void> {
  const worked = await imports.work(id, show);
  if (worked.is === 'unavailable')
    throw new Error(`The directory can’t be asked: ${worked.cause} Go on later: sparekey rollout list apply ${id}`);
  if (worked.is === 'idle') throw new Error('A node is at it already. Look again in a minute: sparekey rollout lists');
}

async function toldList(imports: Imports, id: string) {
  const list = await imports.find(id);
  if (!list) throw new Error(`There is no list ${id}.`);
  const { id: _, digest: __, options: ___, ...facts } = list;
  return { id, ...facts, createdAt: iso(list.createdAt), counts: await imports.counts(id) };
}

type ToldList = Awaited<ReturnType<typeof toldList>>;

function sentences({ id, state, lines, notes, counts }: ToldList): string {
  const { ready, done, same, refused } = counts;
  return [
    ...notes,
    `${lines} lines: ${state === 'done' ? `${done} carried out` : `${ready} would be carried out`}, ${same} bring nothing new, ${refused} can’t be used.`,
    ...(state === 'checked' ? [`Nothing was changed. To carry it out: sparekey rollout list apply ${id}`] : []),
    ...(state === 'refused' ? ['All or nothing: nothing was carried out.'] : []),
  ].join('\n');
}

async function finish({ imports }: Rollout, id: string, options: ImportOptions): Promise<void> {
  const bar = bars();
  let refused = false;
  try {
    await goOn(imports, id, bar.show);
    if (options.apply) {
      const begun = await imports.apply(id, { all: options.allOrNothing === true, actor: ACTOR });
      if (begun.is === 'closed') throw new Error('It is not waiting to be carried out.');
      refused = begun.is === 'refused';
      if (!refused) await goOn(imports, id, bar.show);
    }
  } finally {
    bar.end();
  }
  if (options.report) await pipeline(importReport(imports, id), createWriteStream(options.report, { mode: 0o600 }));
  const told = await toldList(imports, id);
  print(options.json, told, () => sentences(told));
  if (refused) process.exitCode = 1;
}

const withImport = (command: Command): Command =>
  withConfig(command)
    .option('--apply', 'carry it out; without this it is only looked at')
    .option('--all-or-nothing', 'with --apply: nothing, if a single line can’t be used')
    .option('--report <file>', 'write a CSV with a sentence for each line there')
    .option('--json', 'as JSON');

const fromFile = (command: Command, kind: 'csv' | 'pwm' | 'ssp'): void => {
  withImport(command)
    .addOption(new Option('--encoding <name>', 'of the file; found out if absent').choices([...ENCODINGS]))
    .option('--column <name=title>', 'a column that is called otherwise, again for each', pair)
    .option('--attribute <name>', 'of an LDIF that holds the answers')
    .option('--question <id=text>', 'wording of a question that is kept as an id, again for each', pair)
    .action((file: string, options: ImportOptions) =>
      opened(options.config, async (rollout) => {
        if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Error(`There is no file ${file}.`);
        const bar = bars();
        const id = await rollout.imports
          .read(
            { kind, name: basename(file), actor: ACTOR },
            () => fileBytes(file),
            {
              encoding: options.encoding,
              ...(options.column ? { columns: options.column } : {}),
              ...(options.attribute ? { attribute: options.attribute } : {}),
              ...(options.question ? { questions: options.question } : {}),
            },
            bar.show,
          )
          .finally(bar.end);
        await finish(rollout, id, options);
      }),
    );
};

const importCommands = (rollout: Command): void => {
  const bring = rollout.command('import').description('a list from outside: looked at first, carried out with --apply');
  fromFile(bring.command('csv <file>').description('username, mail, phone, language'), 'csv');
  fromFile(bring.command('pwm <file>').description('answers of PWM: LDIF, or a table with its XML'), 'pwm');
  fromFile(bring.command('ssp <file>').description('answers of LTB Self Service Password: LDIF or a table'), 'ssp');
  withImport(
    bring.command('attributes').description('what rollout.attributes names, of everybody in the directory'),
  ).action((options: ImportOptions) =>
    opened(options.config, async (all) => {
      const bar = bars();
      const one = { kind: 'attributes' as const, name: 'attributes', actor: ACTOR };
      const id = await all.imports.take(one, all.entriesOfDirectory, bar.show).finally(bar.end);
      await finish(all, id, options);
    }),
  );

  withConfig(rollout.command('lists').description('lists that came in, newest first'))
    .option('--json', 'one JSON object a line')
    .action(({ config, json }: Common) =>
      opened(config, async ({ imports }) => {
        const lists = await imports.list();
        for (const one of lists)
          print(
            json,
            { ...one, createdAt: iso(one.createdAt) },
            () => `${iso(one.createdAt)}  ${one.id}  ${one.state.padEnd(9)}  ${one.kind}  ${one.lines}  ${one.name}`,
          );
        if (lists.length === 0 && !json) say('No list came in.');
      }),
    );
  const list = rollout.command('list').description('one list');
  withImport(list.command('apply <id>').description('carry out what was looked at')).action(
    (id: string, options: ImportOptions) =>
      opened(options.config, (all) => finish(all, id, { ...options, apply: true })),
  );
  withConfig(list.command('show <id>').description('how far it is, and what its lines say'))
    .option('--report <file>', 'write a CSV with a sentence for each line there')
    .option('--json', 'as JSON')
    .action((id: string, { config, json, report }: Common & { report?: string }) =>
      opened(config, async ({ imports }) => {
        const told = await toldList(imports, id);
        if (report) await pipeline(importReport(imports, id), createWriteStream(report, { mode: 0o600 }));
        print(json, told, () => sentences(told));
      }),
    );
  withConfig(list.command('cancel <id>').description('give it up before it is carried out')).action(
    (id: string, { config }: Common) =>
      opened(config, async ({ imports }) => {
        if (!(await imports.cancel(id, ACTOR))) throw new Error('It is too late for that, or there is no such list.');
        say('Given up. What it brought is gone.');
      }),
  );
};

// --- campaigns ---

interface CreateOptions extends Common {
  name: string;
  who: NewCampaign['who'];
  group?: string[];
  every: number;
  most: number;
  starts?: string;
  text?: Record<string, string>;
  dryRun?: boolean;
}

const number = (text: string): number => {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
};

const FAULTS = {
  name: '--name must be 1 to 80 characters.',
  'every-days': '--every must be 1 to 365 days.',
  most: '--most must be 1 to 50.',
  text: '--text must be at most 600 plain characters.',
  groups: '--group: at most 20, each with a name.',
  'starts-at': '--starts must be a day like 2026-12-01.',
} as const;

async function create({ campaigns, beginOf }: Rollout, options: CreateOptions): Promise<void> {
  const campaign: NewCampaign = {
    name: options.name,
    who: options.who,
    groups: options.group ?? [],
    texts: options.text ?? {},
    everyDays: options.every,
    most: options.most,
    startsAt: options.starts === undefined ? systemClock.now() : (beginOf(options.starts) ?? Number.NaN),
  };
  const faults = campaignFaults(campaign);
  if (faults.length > 0) throw new Error(faults.map((fault) => FAULTS[fault]).join('\n'));
  const { people, first } = await campaigns.audience(campaign);
  if (options.dryRun) {
    print(options.json, { people, first: first.map(({ username }) => username) }, () =>
      [`It would reach ${people} people as of now. Nothing was sent.`, ...first.map((one) => `  ${one.username}`)].join(
        '\n',
      ),
    );
    return;
  }
  const id = await campaigns.create(campaign, ACTOR);
  print(options.json, { id, people }, () => `Begun: ${id}. It reaches ${people} people as of now.`);
}

async function toldCampaign({ campaigns }: Rollout, id: string) {
  const campaign = await campaigns.find(id);
  if (!campaign) throw new Error(`There is no campaign ${id}.`);
  const { cursor: _, leaseUntil: __, ...facts } = campaign;
  const times = { nextAt: iso(campaign.nextAt), createdAt: iso(campaign.createdAt) };
  return { ...facts, ...times, ...(await campaigns.progress(id)) };
}

const ACTS = {
  pause: ['no reminder leaves until it is resumed', 'Paused.'],
  resume: ['go on where it was', 'Resumed.'],
  end: ['for good', 'Ended.'],
  'send-now': ['the next round begins at once, outside of quiet hours', 'Sends now.'],
} as const;

const campaignCommands = (rollout: Command): void => {
  withConfig(rollout.command('campaigns').description('reminder campaigns, newest first'))
    .option('--json', 'one JSON object a line')
    .action(({ config, json }: Common) =>
      opened(config, async (all) => {
        const list = await all.campaigns.list();
        for (const { id } of list) {
          const one = await toldCampaign(all, id);
          print(
            json,
            one,
            () =>
              `${one.createdAt}  ${id}  ${one.state.padEnd(6)}  round ${one.round}, next ${one.nextAt}  ${one.name}`,
          );
        }
        if (list.length === 0 && !json) say('There is no campaign.');
      }),
    );
  const campaign = rollout.command('campaign').description('one campaign');
  withConfig(campaign.command('create').description('remind people to enrol, round after round'))
    .requiredOption('--name <name>', 'shown in the console')
    .addOption(
      new Option('--who <whom>', 'who is reminded').choices(['never-enrolled', 'not-ready']).default('never-enrolled'),
    )
    .option('--group <name...>', 'only these groups')
    .option('--every <days>', 'days between two rounds', number, 7)
    .option('--most <n>', 'reminders that one person gets', number, 4)
    .option('--starts <day>', 'first day, like 2026-12-01; now if absent')
    .option('--text <language=words>', 'own words instead of ours, again for each language', pair)
    .option('--dry-run', 'only say whom it would reach')
    .option('--json', 'as JSON')
    .action((options: CreateOptions) => opened(options.config, (all) => create(all, options)));
  withConfig(campaign.command('show <id>').description('what came of it'))
    .option('--json', 'as JSON')
    .action((id: string, { config, json }: Common) =>
      opened(config, async (all) => {
        const told = await toldCampaign(all, id);
        print(json, told, () =>
          [
            `${told.name}: ${told.state}, round ${told.round}, next ${told.nextAt}`,
            ...told.rounds.map(
              ({ round, sent, noAddress }) => `  round ${round}: ${sent} sent, ${noAddress} without an address`,
            ),
            `  ${told.enrolled} of them have enrolled since.`,
          ].join('\n'),
        );
      }),
    );
  for (const [act, [description, done]] of Object.entries(ACTS))
    withConfig(campaign.command(`${act} <id>`).description(description)).action((id: string, { config }: Common) =>
      opened(config, async ({ campaigns }) => {
        const acts = {
          pause: campaigns.pause,
          resume: campaigns.resume,
          end: campaigns.end,
          'send-now': async (one: string, by: string) => (await campaigns.sendNow(one, by)) !== undefined,
        };
        if (!(await acts[act as keyof typeof acts](id, ACTOR)))
          throw new Error('There is no such campaign, or it is not in a state for that.');
        say(done);
      }),
    );
};

export const rolloutCommand = (program: Command) => {
  const rollout = program.command('rollout').description('phases, reminders, and lists from outside');
  withConfig(rollout.command('phases').description('who may begin from when on'))
    .option('--json', 'one JSON object a line')
    .action(({ config, json }: Common) =>
      opened(config, async ({ phases }) => {
        const all = phases();
        for (const one of all)
          print(
            json,
            one,
            () =>
              `${one.opens}  ${one.open ? 'open  ' : 'closed'}  ${one.name}: ${one.groups.join(', ') || 'everybody'}`,
          );
        if (all.length === 0 && !json) say('There are no phases: everybody may begin.');
      }),
    );
  campaignCommands(rollout);
  importCommands(rollout);
};
