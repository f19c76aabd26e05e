/**
 * The check of a new password as the portal does it on every key and at the end: all rules, blocklist, score and names; no
 * directory, no leak, no history. `node bench/password-check.ts` → p50 and p99 of each kind of input, and of the worst ones. Wall
 * clock: only a quiet machine says something about p99.
 */
import { randomInt } from 'node:crypto';
import { createPasswordRules } from '../src/flow/password-rules.ts';
import { createMeter } from '../src/flow/strength/meter.ts';
import { wordsFor } from '../src/flow/word-lists.ts';
import type { Account } from '../src/kernel/account.ts';
import { createBlocklist } from '../src/policy/passwords/blocklist.ts';

const ROUNDS = 5_000;
const ESTIMATES = 60;

const before = performance.now();
const blocklist = createBlocklist();
const loaded = performance.now() - before;

const policy = {
  minLength: 7,
  maxLength: 256,
  history: 24,
  complexity: true,
  minAge: undefined,
  maxAge: undefined,
  lockoutThreshold: undefined,
};
const rules = createPasswordRules({
  directory: { can: { resetHistory: true }, readPolicy: async () => policy } as never,
  passwords: {
    minLength: 15,
    maxLength: 128,
    history: 5,
    contextWords: ['Northfield College', 'northfield', 'college'],
  },
  blocklist,
});
const account = {
  username: 'amina',
  displayName: 'Amina Haddad-Benali',
  mail: ['amina.haddad@northfield.example'],
} as unknown as Account;

const words = wordsFor('en');
const word = () => words[randomInt(words.length)] ?? '';
const inputs: Record<string, () => string> = {
  'a passphrase of five words': () => Array.from({ length: 5 }, word).join(' '),
  'one word with digits': () => `${word()}${randomInt(1e8)}`,
  '16 random characters': () => Array.from({ length: 16 }, () => String.fromCodePoint(33 + randomInt(90))).join(''),
  'a listed password': () => `P@ssw0rd${randomInt(1e4)}`,
  '128 random characters': () => Array.from({ length: 128 }, () => String.fromCodePoint(33 + randomInt(90))).join(''),
  'worst: one digit, 128 times': () => '4'.repeat(128),
  'worst: listed words, 128': () => 'love1234'.repeat(16),
  'worst: one character that stands for 18': () => '\uFDFA'.repeat(128),
  'worst: 128 emoji': () => '🦩'.repeat(128),
  'worst: marks, as many as a form takes': () => `a${'\u0301\u0323'.repeat(680)}`,
  'worst: 8 KiB': () => 'x'.repeat(8_192),
};

const at = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(3).padStart(9);

const heading = (what: string): void =>
  console.log(`\n${what.padEnd(44)}${['p50', 'p99', 'max'].map((one) => one.padStart(9)).join('')}`);

async function measure(name: string, rounds: number, run: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < Math.min(200, rounds); n += 1) await run();
  const times: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(`${name.padEnd(44)}${at(times, 0.5)}${at(times, 0.99)}${at(times, 1)}`);
}

console.log(`Blocklist of ${blocklist.size} with its index of edits: ${loaded.toFixed(0)} ms, once at start.`);
heading('the check, ms');
for (const [name, make] of Object.entries(inputs)) await measure(name, ROUNDS, () => rules.judge(make(), account));

heading('a suggestion, ms');
for (const kind of ['words', 'random'] as const)
  await measure(kind, ROUNDS / 10, () => rules.suggest(account, 'en', kind));

heading('an estimate in its worker, ms');
const meter = createMeter({ clock: { now: Date.now }, log: { warn: () => {} }, patience: 60_000, limit: 60_000 });
await meter.measure('warm', []);
for (const [name, make] of Object.entries(inputs)) await measure(name, ESTIMATES, () => meter.measure(make(), []));
await meter.close();
