import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { accountId } from '../../../src/kernel/account.ts';
import { newDigits, newId, newToken } from '../../../src/kernel/random.ts';
import { Secret } from '../../../src/kernel/secret.ts';

test('tokens have 256 bits, ids 128, and none comes twice', () => {
  expect(newToken()).toMatch(/^[\w-]{43}$/);
  expect(newId()).toMatch(/^[\w-]{22}$/);
  expect(new Set(Array.from({ length: 1_000 }, newToken)).size).toBe(1_000);
});

test('digits are digits, as many as asked for, and each comes about equally often', () => {
  expect(newDigits(8)).toMatch(/^\d{8}$/);
  const counts = new Map<string, number>();
  for (const digit of newDigits(20_000)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  expect(counts.size).toBe(10);
  // Six standard deviations of 42 around 2,000.
  for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(260);
});

test('an account’s id hangs on directory and key, however they are cut', () => {
  expect(accountId('a', 'bc')).toHaveLength(22);
  expect(new Set([accountId('a', 'bc'), accountId('ab', 'c'), accountId('', 'abc')]).size).toBe(3);
});

test('a secret leaves by reveal() only', () => {
  const secret = new Secret('seven quiet herons');
  for (const text of [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ secret }, { depth: 9, showHidden: true }),
  ])
    expect(text).not.toContain('herons');
  expect(secret.reveal()).toBe('seven quiet herons');
});
