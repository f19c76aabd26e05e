/**
 * `sparekey privacy`: what is kept for how long, everything of one person as a file, erasure, and the work that a node does every
 * hour, now. The same acts as in the console.
 */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { pino } from 'pino';
import { pruneByAge } from '../audit-keeping.ts';
import { compose, type Sparekey } from '../compose.ts';
import { formatDuration } from '../config/duration.ts';
import { holdsNumber } from '../flow/assisted/note.ts';
import { systemClock } from '../kernel/clock.ts';
import { type DataClass, dataClasses } from '../privacy/data-classes.ts';
import type { Looked } from '../privacy/leavers.ts';
import type { PrivacyService, Subject } from '../privacy/service.ts';
import { sweepByAge } from '../privacy/sweep.ts';
import { privacyOf } from '../privacy-keeping.ts';
import type { SparekeyConfig } from '../registries.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

interface Opened {
  sparekey: Sparekey;
  config: SparekeyConfig;
  privacy: PrivacyService;
}

async function opened(file: string, work: (all: Opened) => Promise<void>): Promise<void> {
  const { config } = loadOrExit(file);
  const keys = keysOrExit(config.keysFile);
  const sparekey = await compose({ config, keys, clock: systemClock, logger: pino({ level: 'silent' }) });
  try {
    await work({ sparekey, config, privacy: privacyOf({ ...sparekey, config }) });
  } finally {
    await sparekey.close();
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function keepOf({ keep }: DataClass, { privacy, audit }: SparekeyConfig): string {
  if (keep.is === 'setting') return formatDuration(privacy.keep[keep.key]);
  if (keep.is === 'audit') return formatDuration(audit.keep);
  if (keep.is === 'own') return keep.says;
  if (keep.is === 'no-person') return 'names nobody';
  return privacy.leaving.erase
    ? `${formatDuration(privacy.leaving.after)} after leaving the directory`
    : 'until erased';
}

async function subjectOf(privacy: PrivacyService, who: string): Promise<Subject> {
  const found = await privacy.find(undefined, who);
  if (found.is === 'unavailable') throw new Error(found.cause);
  if (found.is === 'none') throw new Error(`Nobody is called ${who}, and nothing is kept under that account id.`);
  return found.subject;
}

interface EraseOptions {
  config: string;
  reason: string;
  second?: string;
  json?: boolean;
}

async function erase({ privacy, config }: Opened, who: string, { reason, second, json }: EraseOptions): Promise<void> {
  if (holdsNumber(reason)) throw new Error('--reason holds a number: say why, never a number of a document.');
  const subject = await subjectOf(privacy, who);
  const { username } = subject.account ?? {};
  if (second?.trim() && second.trim().toLowerCase() === username?.toLowerCase())
    throw new Error('The second person must not be the person whom it is about.');
  const erased = await privacy.erase(subject, { actor: 'system', helper: config.organisation.name, reason, second });
  if (erased.is === 'second-needed')
    throw new Error(`${erased.cause} Somebody else has to agree: name them with --second.`);
  if (erased.is === 'busy') throw new Error('A password of theirs is being written just now. Try again in a minute.');
  if (erased.is === 'refused') throw new Error(erased.cause);
  const { rows, told } = erased;
  if (json) say(JSON.stringify({ accountId: subject.accountId, rows, told }));
  else say(`Erased: ${rows} rows.${told.length > 0 ? ` Told: ${told.join(', ')}.` : ''}`);
}

const LOOKED: Record<Looked['is'], string> = {
  done: 'People who left were looked for.',
  off: 'People who left are not erased: privacy.leaving.erase is false.',
  busy: 'A node is looking for people who left at this moment.',
  'too-early': 'The directory was not walked through to its end yet: sparekey readiness refresh',
  unavailable: 'The directory can’t be asked now, so nobody was erased.',
  held: 'Too many are missing in the directory. It looks like a fault, so nobody was erased.',
};

async function run({ sparekey, config, privacy }: Opened, json: boolean, accept: boolean): Promise<void> {
  const { flow } = sparekey;
  const deleted = await sweepByAge(flow, config.privacy.keep);
  const pruned = await pruneByAge(flow, config);
  let looked = await privacy.leavers.work();
  if (accept && looked.is === 'held') {
    await privacy.leavers.accept({ actor: 'system' });
    looked = await privacy.leavers.work();
  }
  process.exitCode = looked.is === 'held' || looked.is === 'unavailable' ? 1 : 0;
  if (json) {
    say(JSON.stringify({ deleted: { ...deleted, audit: pruned }, leavers: looked }));
    return;
  }
  for (const [id, rows] of Object.entries({ ...deleted, audit: pruned })) say(`${String(rows).padStart(9)}  ${id}`);
  say(LOOKED[looked.is]);
  if (looked.is === 'done') say(`${looked.known} known, ${looked.missing} missing, ${looked.erased} erased.`);
  if (looked.is === 'held')
    say(`${looked.missing} of ${looked.known}. If they have really left: sparekey privacy run --accept-leavers`);
}

export const privacyCommand = (program: Command) => {
  const privacy = program.command('privacy').description('what is kept about people, for how long; export and erase');
  withConfig(privacy.command('classes').description('every class of data, with its keep time'))
    .option('--json', 'one JSON object a line')
    .action(({ config: file, json }: { config: string; json?: boolean }) => {
      const { config } = loadOrExit(file);
      for (const one of dataClasses) {
        const { id, purpose, end, people, others } = one;
        const keep = keepOf(one, config);
        const tables = [...people.map(({ table }) => table), ...others];
        say(json ? JSON.stringify({ id, purpose, keep, end, tables }) : `${id}  (${keep})\n  ${purpose}`);
      }
    });
  withConfig(privacy.command('export <who>').description('everything that is kept of a person: username or account id'))
    .option('--out <file>', 'a new file, instead of the terminal')
    .action((who: string, { config, out }: { config: string; out?: string }) =>
      opened(config, async (all) => {
        const subject = await subjectOf(all.privacy, who);
        const file = JSON.stringify(await all.privacy.file(subject, { actor: 'system' }), null, 2);
        if (out === undefined) say(file);
        else writeFileSync(out, `${file}\n`, { mode: 0o600, flag: 'wx' });
      }),
    );
  withConfig(privacy.command('erase <who>').description('erase everything that leads to a person'))
    .requiredOption('--reason <text>', 'why; kept in the audit')
    .option('--second <name>', 'who else agreed; needed for privileged and protected accounts')
    .option('--json', 'as JSON')
    .action((who: string, options: EraseOptions) => opened(options.config, (all) => erase(all, who, options)));
  withConfig(privacy.command('run').description('delete what is too old and erase people who left, now'))
    .option('--accept-leavers', 'the many people who are missing have really left')
    .option('--json', 'as JSON')
    .action(({ config, json, acceptLeavers }: { config: string; json?: boolean; acceptLeavers?: boolean }) =>
      opened(config, (all) => run(all, json === true, acceptLeavers === true)),
    );
};
