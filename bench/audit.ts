/**
 * The audit at size: writes 10,000 and then 1,000,000 records with their chain on SQLite and asks what the console asks. What it
 * writes is deleted at the end.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AuditRecord } from '../src/audit/audit.ts';
import { createAudit, searchAudit } from '../src/audit/index.ts';
import { createKeyring } from '../src/kernel/keyring.ts';
import { openStorage } from '../src/storage/index.ts';

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '10000,1000000' } } });
const sizes = values.sizes.split(',').map(Number);
const BATCH = 1_000;
const ROUNDS = 100;
const SPAN = 365 * 86_400_000;
const BEGIN = Date.UTC(2025, 10, 24);
const COMMON = ['recovery.started', 'recovery.challenged', 'recovery.verified', 'session.opened'] as const;

let now = BEGIN;
const clock = { now: () => now };
const audit = createAudit({ keyring: createKeyring([{ id: 'bench', bytes: Buffer.alloc(32, 1) }]), clock });
const folder = mkdtempSync(join(tmpdir(), 'sparekey-bench-'));
const file = join(folder, 'bench.sqlite');
const storage = await openStorage({ engine: 'sqlite', file });

const record = (n: number): AuditRecord => ({
  // One in five thousand is rare in each way that can be asked for.
  event: n % 5_000 === 7 ? 'keys.rotated' : (COMMON[n % 4] ?? 'recovery.started'),
  outcome: n % 5_000 === 7 ? 'unknown' : n % 9 === 0 ? 'failure' : 'success',
  actor: n % 5_000 === 7 ? 'staff:olga' : 'anonymous',
  subject: `account-${(n * 7_919) % 20_011}`,
  ip: n % 5_000 === 7 ? '2001:db8::7' : `198.51.${n % 200}.${n % 251}`,
  flow: `flow-${Math.floor(n / 8)}`,
  reason: 'An answer was given.',
});

const median = async (work: () => Promise<unknown>): Promise<string> => {
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return `${(times[ROUNDS / 2] ?? 0).toFixed(1)} / ${(times[ROUNDS - 1] ?? 0).toFixed(1)}`;
};

let size = 0;
const { db } = storage;
const page = { limit: 50 };
const middle = () => BEGIN + SPAN / 2;
const questions: [string, () => Promise<unknown>][] = [
  ['newest page', () => searchAudit(db, {}, page)],
  ['a page in the middle', () => searchAudit(db, {}, { ...page, before: Math.floor(size / 2) })],
  ['one person', () => searchAudit(db, { subject: 'account-4' }, page)],
  ['a rare event', () => searchAudit(db, { event: 'keys.rotated' }, page)],
  ['three common events by their beginning', () => searchAudit(db, { event: 'recovery.' }, page)],
  ['who did it', () => searchAudit(db, { actor: 'staff:olga' }, page)],
  ['a source address', () => searchAudit(db, { ip: '2001:db8::7' }, page)],
  ['a journey', () => searchAudit(db, { flow: `flow-${Math.floor(size / 16)}` }, page)],
  ['a rare outcome', () => searchAudit(db, { outcome: 'unknown' }, page)],
  ['a day in the middle', () => searchAudit(db, { since: middle(), until: middle() + 86_400_000 }, page)],
  ['a word that is nowhere (first 20,000)', () => searchAudit(db, { text: 'nowhere' }, page)],
];

const results = new Map<string, string[]>(questions.map(([name]) => [name, []]));
const more: string[] = [];
for (const wanted of sizes) {
  const begun = performance.now();
  for (; size < wanted; size += BATCH) {
    now = BEGIN + (size / Math.max(...sizes)) * SPAN;
    const records = Array.from({ length: BATCH }, (_, n) => record(size + n));
    await storage.transaction((trx) => audit.append(trx, ...records));
    if (size % 50_000 === 0) process.stderr.write(`\r${size} of ${wanted}`);
  }
  const took = (performance.now() - begun) / 1_000;
  process.stderr.write(`\r${wanted} records, ${took.toFixed(0)} s, ${(statSync(file).size / 1e6).toFixed(0)} MB\n`);
  for (const [name, ask] of questions) {
    await ask();
    results.get(name)?.push(await median(ask));
  }
}
now = BEGIN + SPAN;
const single = await median(() => storage.transaction((trx) => audit.append(trx, record(1))));
more.push(`One record, durable: ${single} ms.`);
let begun = performance.now();
const { records } = await audit.verify(db);
more.push(
  `Verified: ${Math.round(records / ((performance.now() - begun) / 1_000)).toLocaleString('en')} records a second.`,
);
begun = performance.now();
const gone = await audit.prune(storage, { before: BEGIN + SPAN / 5 });
more.push(
  `Deleted by age: ${gone.toLocaleString('en')} records, ${Math.round(gone / ((performance.now() - begun) / 1_000)).toLocaleString('en')} a second.`,
);
console.log(`| p50 / longest ms | ${sizes.map((one) => `${one.toLocaleString('en')} records`).join(' | ')} |`);
console.log(`| --- |${sizes.map(() => ' --- |').join('')}`);
for (const [name, cells] of results) console.log(`| ${name} | ${cells.join(' | ')} |`);
console.log(`\n${more.join('\n')}`);
await storage.close();
rmSync(folder, { recursive: true });
