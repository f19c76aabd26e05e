/**
 * Reports at size: rolls 100,000 and then 1,000,000 (or more: `--sizes 10000000`) records of the audit up and asks what the page
 * asks. What it writes is deleted at the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { createCalendar } from '../src/insight/reports/calendar.ts';
import type { ReportDeps } from '../src/insight/reports/deps.ts';
import { createReports } from '../src/insight/reports/reports.ts';
import { openStorage } from '../src/storage/index.ts';

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '100000,1000000' } } });
const BATCH = 100_000;
const ROUNDS = 100;
const BEGIN = Date.UTC(2026, 0, 1);
/** A busy organisation: a year of records whatever their number. */
const YEAR = 365 * 86_400_000;

const folder = mkdtempSync(join(tmpdir(), 'sparekey-bench-'));
const storage = await openStorage({ engine: 'sqlite', file: join(folder, 'bench.sqlite') });
const sizes = values.sizes.split(',').map(Number);
const most = Math.max(...sizes);

const STEPS = [
  ['recovery.started', {}],
  ['recovery.challenged', { gate: 1, first: true, messages: { mail: 1 } }],
  ['recovery.verified', { gate: 1, to: 'gate' }],
  ['recovery.challenged', { gate: 2, first: true }],
  ['recovery.verified', { gate: 2, to: 'goal' }],
  ['recovery.done', { end: 'done', ms: 71_000, messages: { mail: 1 } }],
] as const;
const METHODS = ['email', 'email', 'email', 'totp', 'totp', 'totp'];

/** Made by the database itself, so that ten million take a minute. */
async function write(from: number, to: number): Promise<void> {
  const cases = STEPS.map(([event, detail], n) => {
    const body = JSON.stringify({
      at: '@',
      event,
      outcome: 'success',
      actor: 'anonymous',
      method: METHODS[n],
      detail: { rule: '#', ...detail },
    });
    return `when ${n} then '${body}'`;
  }).join(' ');
  const ms = YEAR / most;
  await sql
    .raw(
      `insert into audit (seq, body, previous, hash)
       with recursive n(i) as (select ${from} union all select i + 1 from n where i < ${to})
       select i, replace(replace(case i % ${STEPS.length} ${cases} end,
         '@', strftime('%Y-%m-%dT%H:%M:%SZ', ${BEGIN / 1_000} + i * ${ms / 1_000}, 'unixepoch')),
         '#', case when i % 5 = 0 then 'privileged' else 'default' end), '', '' from n`,
    )
    .execute(storage.db);
}

const reports = createReports(
  {
    storage,
    clock: { now: () => BEGIN + YEAR },
    calendar: createCalendar('Europe/Berlin'),
    settings: {
      costPerCall: 22,
      currency: 'EUR',
      callsAvoidedShare: 0.8,
      prices: { mail: 0, text: 0, call: 0 },
      weekly: [],
      keep: 10 * YEAR,
    },
    language: 'en',
    rules: ['default'],
    log: console as unknown as ReportDeps['log'],
    audit: undefined as never,
    outbox: undefined as never,
  },
  async () => [{ group: 'default', eligible: 100, enrolled: 80 }],
);

const year = { from: '2026-01-01', to: '2026-12-31' };
const questions: [string, () => Promise<unknown>][] = [
  ['thirty days', () => reports.report({ from: '2026-06-01', to: '2026-06-30' })],
  ['a year', () => reports.report(year)],
  ['a year of one rule', () => reports.report({ ...year, group: 'privileged' })],
];

const results = new Map<string, string[]>([
  ['roll up, records a second', []],
  ...questions.map(([name]) => [name, []] as [string, string[]]),
]);
let made = 0;
try {
  for (const size of sizes) {
    for (; made < size; made += BATCH) {
      await write(made + 1, made + BATCH);
      process.stderr.write(`\r${made + BATCH} of ${size} written`);
    }
    const begun = performance.now();
    const rolled = await reports.work({
      onProgress: (done, left) => process.stderr.write(`\r${done} counted, ${left} left   `),
    });
    const took = (performance.now() - begun) / 1_000;
    const records = rolled.is === 'done' ? rolled.records : 0;
    results.get('roll up, records a second')?.push(Math.round(records / took).toLocaleString('en'));
    for (const [name, ask] of questions) {
      const times: number[] = [];
      for (let n = 0; n < ROUNDS; n += 1) {
        const from = performance.now();
        await ask();
        times.push(performance.now() - from);
      }
      times.sort((a, b) => a - b);
      results.get(name)?.push(`${times[ROUNDS / 2]?.toFixed(1)} ms, p99 ${times[ROUNDS - 1]?.toFixed(1)} ms`);
    }
  }
  process.stderr.write('\n');
  for (const [name, figures] of results) process.stdout.write(`${name.padEnd(28)} ${figures.join('  |  ')}\n`);
} finally {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
}
