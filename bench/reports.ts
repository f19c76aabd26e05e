/**
 * Reports at size: rolls 100,000 and then 1,000,000 (or more: `--sizes 10000000`) records of the audit up and asks what the page
 * asks. What it writes is deleted at the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCalendar } from '../src/insight/reports/calendar.ts';
import type { ReportDeps } from '../src/insight/reports/deps.ts';
import { createReports } from '../src/insight/reports/reports.ts';
import { openStorage } from '../src/storage/index.ts';

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '100000,1000000' } } });
const BATCH = 5_000;
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

const line = (seq: number): { seq: number; body: string } => {
  const [event, detail] = STEPS[seq % STEPS.length] as (typeof STEPS)[number];
  const at = new Date(BEGIN + (seq / most) * YEAR).toISOString();
  const rule = seq % 5 === 0 ? 'privileged' : 'default';
  const method = METHODS[seq % METHODS.length];
  return {
    seq,
    body: JSON.stringify({ at, event, outcome: 'success', actor: 'anonymous', method, detail: { rule, ...detail } }),
  };
};

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
const columns = await storage.db.introspection.getTables();
const audit = columns.find(({ name }) => name === 'audit')?.columns.map(({ name }) => name) ?? [];
let made = 0;
try {
  for (const size of sizes) {
    for (; made < size; made += BATCH) {
      const rows = Array.from({ length: BATCH }, (_, n) => line(made + n + 1));
      await storage.transaction(async (trx) => {
        for (const row of rows)
          await trx
            .insertInto('audit')
            .values(
              Object.fromEntries(
                audit.map((name) => [name, name === 'seq' ? row.seq : name === 'body' ? row.body : '']),
              ) as never,
            )
            .execute();
      });
      if (made % 50_000 === 0) process.stderr.write(`\r${made} of ${size} written`);
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
