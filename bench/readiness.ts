/**
 * Readiness at size: builds 10,000 and then 1,000,000 accounts on SQLite and asks what the pages ask. What it writes is deleted at
 * the end.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFigures } from '../src/insight/readiness/figures.ts';
import { openStorage } from '../src/storage/index.ts';
import * as store from '../src/storage/repositories/readiness.ts';

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '10000,1000000' } } });
const sizes = values.sizes.split(',').map(Number);
const BATCH = 1_000;
const ROUNDS = 200;
const FACTS = JSON.stringify({ usable: [], held: [], settled: [], bound: [], unconfirmedMail: true });
const REASONS = ['never-enrolled', 'too-few-gates', 'catch-22-mailbox', 'phone-shared'];

const row = (n: number): store.ReadinessRow => ({
  accountId: `account-${String(n).padStart(9, '0')}`,
  directory: 'corp',
  directoryKey: String(n),
  username: `user${n}`,
  displayName: `Person ${(n * 7_919) % 1_000_003}`,
  locator: `uid=user${n},ou=people,dc=example`,
  groups: [`cn=class-${n % 997},ou=groups,dc=example`, `cn=year-${n % 12},ou=groups,dc=example`],
  attributes: {},
  facts: FACTS,
  rule: 'default',
  verdict: n % 5 === 0 ? 'not-ready' : 'ready',
  // One reason is rare, so that a filter that had to search for it would be slow.
  reasons: n % 5 === 0 ? [REASONS[n % 10_000 === 0 ? 2 : n % 2] as string] : [],
  stamp: '1',
  readAt: 0,
  checkedAt: 0,
  recheckAt: undefined,
});

const folder = mkdtempSync(join(tmpdir(), 'sparekey-bench-'));
const file = join(folder, 'bench.sqlite');
const storage = await openStorage({ engine: 'sqlite', file });
const figures = createFigures({ storage, dayOf: () => '2026-11-24' });

const median = async (work: () => Promise<unknown>): Promise<{ p50: number; p99: number }> => {
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return { p50: times[ROUNDS / 2] ?? 0, p99: times[Math.floor(ROUNDS * 0.99)] ?? 0 };
};

const questions: [string, () => Promise<unknown>][] = [
  ['overview of everybody', () => figures.overview(undefined, 0)],
  ['overview of a group', () => figures.overview('year-3', 0)],
  ['first page, not ready', () => figures.list({})],
  [
    'a page in the middle',
    () => figures.list({ after: Buffer.from(JSON.stringify(['person 5', ''])).toString('base64url') }),
  ],
  ['a rare reason in a big group', () => figures.list({ group: 'year-0', mark: 'catch-22-mailbox' })],
  ['beginning of a username', () => figures.list({ search: 'user99' })],
];

const results = new Map<string, string[]>(questions.map(([name]) => [name, []]));
let made = 0;
for (const size of sizes) {
  const begun = performance.now();
  for (; made < size; made += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, n) => row(made + n));
    await storage.transaction((trx) => store.write(trx, { rows, gone: [], done: [], walk: 1 }));
    if (made % 50_000 === 0) process.stderr.write(`\r${made} of ${size}`);
  }
  const took = (performance.now() - begun) / 1_000;
  process.stderr.write(`\r${size} accounts, ${took.toFixed(0)} s, ${(statSync(file).size / 1e6).toFixed(0)} MB\n`);
  for (const [name, ask] of questions) {
    await ask();
    const { p50, p99 } = await median(ask);
    results.get(name)?.push(`${p50.toFixed(2)} / ${p99.toFixed(2)}`);
  }
}
console.log(`| p50 / p99 ms | ${sizes.map((size) => `${size.toLocaleString('en')} accounts`).join(' | ')} |`);
console.log(`| --- |${sizes.map(() => ' --- |').join('')}`);
for (const [name, cells] of results) console.log(`| ${name} | ${cells.join(' | ')} |`);
await storage.close();
rmSync(folder, { recursive: true });
