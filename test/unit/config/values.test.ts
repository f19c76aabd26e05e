import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/config/duration.ts';
import { nearest } from '../../../src/config/nearest.ts';
import { envName, join, parentOf } from '../../../src/config/path.ts';

describe('durations', () => {
  test.each([
    ['250 ms', 250],
    ['60 s', 60_000],
    ['10 min', 600_000],
    ['1h', 3_600_000],
    ['2 d', 172_800_000],
    ['0 s', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    '10',
    '10 m',
    '10 minutes',
    '1.5 h',
    '-1 s',
    ' 1 s',
    '1  s',
    '1 S',
    '1 s ',
    '1 h 30 min',
    '١ s',
    '9999999999 s',
  ])('"%s" is not one', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test.each([
    [90_000, '90 s'],
    [3_600_000, '1 h'],
    [86_400_000, '1 d'],
    [1_234, '1234 ms'],
    [0, '0 ms'],
  ])('%d ms is written %s, and reads back the same', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    expect(parseDuration(text)).toBe(ms);
  });
});

test.each([
  ['bindDN', 'bindDn'],
  ['bind_dn', 'bindDn'],
  ['bidnDn', 'bindDn'],
  ['bindPasword', 'bindPassword'],
  ['userfilter', 'userFilter'],
  ['timeout', undefined],
])('somebody who writes %s means %s', (word, expected) => {
  expect(nearest(word, ['bindDn', 'bindPassword', 'userFilter', 'url'])).toBe(expected);
});

test('places have one spelling in messages and one in the environment', () => {
  expect(join(join('policy.groups', 1), 'gates')).toBe('policy.groups[1].gates');
  expect(parentOf('policy.groups[1].gates')).toBe('policy.groups[1]');
  expect(parentOf('policy.groups[1]')).toBe('policy.groups');
  expect(parentOf('policy')).toBe('');
  expect(envName('limits.starts.perIpPerHour')).toBe('SPAREKEY_LIMITS_STARTS_PER_IP_PER_HOUR');
  // No shell sets a variable with a hyphen in its name.
  expect(envName('methods.helper-pass.perDay')).toBe('SPAREKEY_METHODS_HELPER_PASS_PER_DAY');
});
