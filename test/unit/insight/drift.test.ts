/** When a fall of readiness is worth telling. */
import { expect, test } from 'vitest';
import { hasFallen } from '../../../src/insight/readiness/drift.ts';

const limits = { alarmPeople: 50, alarmShare: 0.1 };
const from = (ready: number, notReady: number) => ({
  to: (nowReady: number, nowNotReady: number) =>
    hasFallen({ before: { ready, notReady }, now: { ready: nowReady, notReady: nowNotReady } }, limits),
});

test('so many more people who can not recover are told of, whatever their share', () => {
  expect(from(100_000, 10).to(99_950, 60)).toBe(true);
  expect(from(100_000, 10).to(99_951, 59)).toBe(false);
});

test('a share that falls is told of, but not among a handful of people', () => {
  expect(from(40, 10).to(35, 15)).toBe(true);
  expect(from(40, 10).to(36, 14)).toBe(false);
  expect(from(4, 0).to(0, 4)).toBe(false);
});

test('people who leave, and newcomers who are ready, are no fall', () => {
  expect(from(1_000, 100).to(100, 100)).toBe(false);
  expect(from(0, 0).to(500, 0)).toBe(false);
});
