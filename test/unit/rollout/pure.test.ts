/** Phases, quiet hours and addresses to come back to: pure decisions. */
import { describe, expect, test } from 'vitest';
import { isOpenOn } from '../../../src/rollout/phases.ts';
import { createQuiet } from '../../../src/rollout/quiet-hours.ts';
import { allowedReturn } from '../../../src/rollout/return-to.ts';

describe('phases', () => {
  const pilot = { name: 'Pilot', groups: ['cn=pilot,dc=example'], opens: '2026-11-01' };
  const all = { name: 'Everybody', groups: [], opens: '2027-01-01' };

  test('none: everybody, now', () => {
    expect(isOpenOn([], { groups: [] }, '2026-11-24')).toBe(true);
  });

  test.each([
    [['CN=Pilot, DC=example'], '2026-11-01', true],
    [['CN=Pilot, DC=example'], '2026-10-31', false],
    [['cn=others,dc=example'], '2026-12-31', false],
    [[], '2027-01-01', true],
  ])('members of %j on %s: %s', (groups, day, open) => {
    expect(isOpenOn([pilot, all], { groups }, day)).toBe(open);
  });
});

describe('quiet hours', () => {
  const berlin = createQuiet({ from: 20, until: 8 }, 'Europe/Berlin');

  test('hold across midnight, on the clock of the organisation', () => {
    expect(berlin.isQuiet(Date.UTC(2026, 10, 24, 18, 59))).toBe(false);
    expect(berlin.isQuiet(Date.UTC(2026, 10, 24, 19))).toBe(true);
    expect(berlin.endsAt(Date.UTC(2026, 10, 24, 23))).toBe(Date.UTC(2026, 10, 25, 7));
    expect(berlin.beginsAt(Date.UTC(2026, 10, 24, 12))).toBe(Date.UTC(2026, 10, 24, 19));
  });

  test('end at the right instant in the night in which the clock is changed', () => {
    expect(berlin.endsAt(Date.UTC(2026, 9, 24, 22))).toBe(Date.UTC(2026, 9, 25, 7));
    expect(berlin.endsAt(Date.UTC(2027, 2, 27, 22))).toBe(Date.UTC(2027, 2, 28, 6));
  });

  test('the same hour twice means none', () => {
    const none = createQuiet({ from: 9, until: 9 }, 'UTC');
    expect(none.isQuiet(Date.UTC(2026, 10, 24, 9, 30))).toBe(false);
    expect(none.endsAt(5)).toBe(5);
  });
});

describe('an address to come back to', () => {
  const allowed = ['https://login.example.org/start', 'https://other.example.org/'];

  test.each([
    'https://login.example.org/start',
    'https://login.example.org/start/here?state=1#x',
    'https://other.example.org/any/where',
    'https://other.example.org:443/x',
  ])('%s is followed', (url) => {
    expect(allowedReturn(url, allowed)).toBe(new URL(url).href);
  });

  test.each([
    'https://login.example.org/starting',
    'https://login.example.org/start/../admin',
    'https://login.example.org.evil.example/start',
    'https://login.example.org@evil.example/start',
    'https://user@login.example.org/start',
    'http://login.example.org/start',
    'https://login.example.org:8443/start',
    '//login.example.org/start',
    '\\\\evil.example\\start',
    'javascript:alert(1)//https://other.example.org/',
    'https://other.example.org/\r\nx: y',
    `https://other.example.org/${'x'.repeat(3_000)}`,
    '',
    undefined,
  ])('%j is not', (url) => {
    expect(allowedReturn(url, allowed)).toBeUndefined();
  });
});
