/**
 * `sparekey audit`: `verify` walks the hash chain, in the database or in an exported file, and names every record that was
 * changed, taken out or swapped; `search` and `export` read it by what is looked for; `feeds` says how its feeds are, `prune`
 * deletes what is older than it is kept.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { KnownHead } from '../audit/audit.ts';
import { feedHealth } from '../audit/feeds/health.ts';
import {
  type AuditFilter,
  createAudit,
  EXPORT_FORMATS,
  type ExportFormat,
  exportAudit,
  instantOf,
  searchAudit,
} from '../audit/index.ts';
import { openFeeds, pruneByAge } from '../audit-keeping.ts';
import { systemClock } from '../kernel/clock.ts';
import { createKeyring, type Keyring } from '../kernel/keyring.ts';
import { openDatabase, openDirectory } from '../open.ts';
import type { SparekeyConfig } from '../registries.ts';
import { openStorage } from '../storage/index.ts';
import type { Storage } from '../storage/storage.ts';
import { createProgressView } from './progress.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

const SAYS = {
  changed: 'was changed',
  missing: 'is missing',
  swapped: 'stands in another place than it was written to',
  truncated: 'is the last one left; the chain was longer',
} as const;

interface VerifyOptions {
  config: string;
  expectHead?: string;
  file?: string;
  filtered?: boolean;
  json?: boolean;
}

async function verifyStored(file: string, known: KnownHead | undefined) {
  const { config } = loadOrExit(file);
  const keyring = createKeyring(keysOrExit(config.keysFile));
  const storage = await openStorage(config.storage, { migrate: false });
  try {
    return await createAudit({ keyring, clock: systemClock }).verify(storage.db, known);
  } finally {
    await storage.close();
  }
}

async function verifyFile({ config: file, file: exported = '', filtered = false }: VerifyOptions, known?: KnownHead) {
  const { config } = loadOrExit(file);
  // New ones would prove nothing.
  if (!existsSync(config.keysFile))
    throw new Error(`The key file ${config.keysFile} is missing: it is what proves the records.`);
  const audit = createAudit({ keyring: createKeyring(keysOrExit(config.keysFile)), clock: systemClock });
  const lines = createInterface({ input: createReadStream(exported, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  return audit.verifyLines(lines, { known, filtered });
}

async function verify(options: VerifyOptions): Promise<void> {
  const known = options.expectHead === undefined ? undefined : knownHead(options.expectHead);
  const result =
    options.file === undefined ? await verifyStored(options.config, known) : await verifyFile(options, known);
  const good = result.faults.length === 0;
  if (options.json) process.stdout.write(`${JSON.stringify({ ok: good, ...result })}\n`);
  else {
    for (const fault of result.faults) process.stdout.write(`Record ${fault.seq} ${SAYS[fault.is]}.\n`);
    const verdict = good ? 'chain intact' : 'chain BROKEN';
    const older = result.from > 1 ? ` from ${result.from} on` : '';
    process.stdout.write(`${result.records} records${older}, ${verdict}. Head: ${result.seq}:${result.head}\n`);
  }
  process.exitCode = good ? 0 : 1;
}

function knownHead(text: string): KnownHead {
  const [seq = '', hash = ''] = text.split(':');
  if (!/^\d+$/.test(seq) || hash === '')
    throw new Error('--expect-head wants what an earlier run printed: NUMBER:HASH.');
  return { seq: Number(seq), hash };
}

const instant =
  (end: boolean) =>
  (text: string): number => {
    const at = instantOf(text, end);
    if (at === undefined) throw new InvalidArgumentError('A day or moment like 2026-11-24 or 2026-11-24T08:30Z.');
    return at;
  };

const countOf = (text: string): number => {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('A number from 1 to 9999999.');
  return Number(text);
};

type FilterOptions = AuditFilter & { config: string; user?: string };

const withFilter = (command: Command): Command =>
  withConfig(command)
    .option('--since <time>', 'from this day or moment on (UTC)', instant(false))
    .option('--until <time>', 'up to this day or moment (UTC)', instant(true))
    .option('--event <name>', 'event, or how it begins: "recovery."')
    .option('--outcome <outcome>', 'success, failure, refused or unknown')
    .option('--actor <actor>', 'who did it')
    .addOption(new Option('--user <username>', 'whom it is about').conflicts('subject'))
    .option('--subject <id>', 'account id of whom it is about, also when the account is gone')
    .option('--ip <address>', 'source address')
    .option('--flow <id>', 'journey')
    .option('--method <id>', 'way to verify')
    .option('--text <text>', 'somewhere in the reason');

const FILTERS = ['since', 'until', 'event', 'outcome', 'actor', 'subject', 'ip', 'flow', 'method', 'text'] as const;

async function filterOf(options: FilterOptions, config: SparekeyConfig, storage: Storage, keyring: Keyring) {
  const given = FILTERS.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]);
  const filter: AuditFilter = Object.fromEntries(given);
  if (options.user === undefined) return filter;
  const directory = await openDirectory(config, storage, keyring, systemClock);
  try {
    const found = await directory.find(options.user);
    if (found.is !== 'found') throw new Error(found.cause ?? `No account is called ${options.user}.`);
    return { ...filter, subject: found.account.id };
  } finally {
    await directory.close();
  }
}

async function forRecords(
  options: FilterOptions,
  work: (storage: Storage, filter: AuditFilter, keyring: Keyring) => Promise<void>,
): Promise<void> {
  const { config } = loadOrExit(options.config);
  const { storage, keyring } = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
  try {
    await work(storage, await filterOf(options, config, storage, keyring), keyring);
  } finally {
    await storage.close();
  }
}

const search = (options: FilterOptions & { limit: number; json?: boolean }): Promise<void> =>
  forRecords(options, async ({ db }, filter) => {
    let left = options.limit;
    for (let before: number | undefined; left > 0; ) {
      const from = before === undefined ? {} : { before };
      const page = await searchAudit(db, filter, { ...from, limit: Math.min(left, 1_000) });
      for (const one of page.entries) {
        const line = [one.seq, one.at, one.event, one.outcome, one.actor, one.subject ?? '-', one.reason ?? ''];
        process.stdout.write(`${options.json ? JSON.stringify(one) : line.join('  ').trimEnd()}\n`);
      }
      left -= page.entries.length;
      if (page.next === undefined) return;
      before = page.next;
    }
  });

const save = (options: FilterOptions & { format: ExportFormat; out?: string }): Promise<void> =>
  forRecords(options, async (storage, filter, keyring) => {
    const { format, out } = options;
    // Recorded first: whoever breaks the export off has seen records, too.
    await storage.transaction((trx) =>
      createAudit({ keyring, clock: systemClock }).append(trx, {
        event: 'audit.exported',
        outcome: 'success',
        actor: 'system',
        detail: { format, filter: { ...filter } },
      }),
    );
    const pieces = Readable.from(exportAudit(storage.db, filter, format));
    if (out === undefined) await pipeline(pieces, process.stdout, { end: false });
    else await pipeline(pieces, createWriteStream(out, { mode: 0o600, flags: 'wx' }));
  });

interface StateOptions {
  config: string;
  json?: boolean;
}

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

async function feeds({ config: file, json }: StateOptions): Promise<void> {
  const { config } = loadOrExit(file);
  const { storage } = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
  try {
    const all = await feedHealth(storage.db, openFeeds(config, systemClock));
    for (const one of all) {
      const { id, type, to, state, behind, oldest, deliveredAt, failingSince, nextAt, cause = null, fix = null } = one;
      if (json) {
        const times = { oldest: iso(oldest), deliveredAt: iso(deliveredAt), failingSince: iso(failingSince) };
        const said = { id, type, to, state, behind, ...times, nextAt: iso(nextAt), cause, fix };
        process.stdout.write(`${JSON.stringify(said)}\n`);
        continue;
      }
      const waiting = behind === 0 ? 'nothing waits' : `${behind} records wait`;
      process.stdout.write(
        `${id}  ${type}  ${to}  ${state}, ${waiting}, last delivery ${iso(deliveredAt) ?? 'never'}\n`,
      );
      if (cause !== null) process.stdout.write(`  why: ${cause}\n  fix: ${fix ?? ''}\n`);
    }
    if (all.length === 0 && !json) process.stdout.write('There are no feeds: audit.feeds names them.\n');
    process.exitCode = all.some(({ state }) => state === 'failing') ? 1 : 0;
  } finally {
    await storage.close();
  }
}

async function prune({ config: file, json }: StateOptions): Promise<void> {
  const { config } = loadOrExit(file);
  const { storage, keyring } = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
  const view = createProgressView('records', systemClock);
  try {
    const audit = createAudit({ keyring, clock: systemClock });
    const deleted = await pruneByAge({ storage, audit, clock: systemClock }, config, (done, all) =>
      view.show(all > 0 ? done / all : 1, done),
    );
    view.end();
    process.stdout.write(json ? `${JSON.stringify({ deleted })}\n` : `${deleted} records were deleted.\n`);
  } finally {
    await storage.close();
  }
}

export const auditCommand = (program: Command) => {
  const audit = program.command('audit').description('the tamper-evident record of what happened');
  withConfig(audit.command('verify').description('check that no record was changed, removed or swapped'))
    .option('--expect-head <seq:hash>', 'head noted at an earlier run: proves that the end was not replaced')
    .option('--file <export.jsonl>', 'check an exported file; the database is not opened')
    .option('--filtered', 'the file holds only some records: gaps are no fault')
    .option('--json', 'machine-readable result')
    .action(verify);
  withFilter(audit.command('search').description('records by what is looked for, newest first'))
    .option('--limit <n>', 'how many at most', countOf, 100)
    .option('--json', 'one JSON object a line')
    .action(search);
  withFilter(audit.command('export').description('records as a file, oldest first'))
    .addOption(
      new Option('--format <format>', 'jsonl can be verified later').choices([...EXPORT_FORMATS]).default('jsonl'),
    )
    .option('--out <file>', 'a new file, instead of the terminal')
    .action(save);
  withConfig(audit.command('feeds').description('how the feeds to other systems are'))
    .option('--json', 'one JSON object a line')
    .action(feeds);
  withConfig(audit.command('prune').description('delete what is older than audit.keep, now'))
    .option('--json', 'as JSON')
    .action(prune);
};
