/** What the test and the nodes that it kills agree on: passwords in order, and short waits. */
import { existsSync, readFileSync } from 'node:fs';
import { seconds } from '../../src/kernel/clock.ts';

export const FIRST = 'Seven-quiet-herons-000000';

export const WAITS = {
  outbox: { leaseMs: 600, pollMs: 50, stopMs: 500 },
  spread: {
    attemptMs: 2_000,
    leaseMs: 1_500,
    firstMs: 50,
    longestMs: 200,
    breaker: { failures: 1_000, firstMs: 100, longestMs: 100 },
    deadline: seconds(3_600),
  },
};

const linesOf = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);

/** Passwords that may be in force: everything that was tried, the newest first. */
export const candidates = (journal: string, username: string): string[] => {
  const tried = linesOf(journal)
    .filter((line) => line.startsWith(`${username} `))
    .map((line) => line.split(' ')[2] ?? '');
  return [...new Set([...tried.toReversed(), FIRST])];
};

/** The next one: larger than all before. */
export const passwordOf = (username: string, journal: string): string => {
  const last = candidates(journal, username)[0]?.slice(-6) ?? '0';
  return `Seven-quiet-herons-${String(Number(last) + 1).padStart(6, '0')}`;
};

/** What a connected system was told of a person, in the order in which it was told. */
export const toldOf = (log: string, username: string): string[] =>
  linesOf(log)
    .filter((line) => line.startsWith(`${username} `))
    .map((line) => line.slice(username.length + 1));

/** Acknowledged to the person. */
export const acknowledged = (journal: string, username: string): string | undefined =>
  linesOf(journal)
    .findLast((line) => line.startsWith(`${username} has `))
    ?.split(' ')[2];
