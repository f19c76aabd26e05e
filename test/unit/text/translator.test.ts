import { describe, expect, test } from 'vitest';
import { createTranslator, formatMoment, formatWait } from '../../../src/text/index.ts';

describe('createTranslator', () => {
  test('fills in values and plurals', () => {
    const t = createTranslator('en');
    expect(t('step', { at: 2, of: 3 })).toBe('Step 2 of 3');
    expect(t('code.tries-left', { n: 1 })).toBe('You have 1 try left.');
    expect(t('code.tries-left', { n: 4 })).toBe('You have 4 tries left.');
  });

  test('a value is text, never a pattern and never a tag', () => {
    const t = createTranslator('en');
    expect(t('signed-in-as', { name: '{x} <b>{y}' })).toBe('Signed in as {x} <b>{y}');
  });

  test('keeps names in one piece in a right-to-left sentence, but leaves web addresses bare', () => {
    const t = createTranslator('ar');
    expect(t('signed-in-as', { name: 'Amina' })).toContain('\u2068Amina\u2069');
    expect(t('signed-in-as', { name: 'https://x.example' })).not.toContain('\u2068');
  });

  test('Arabic uses the digits that codes have', () => {
    expect(createTranslator('ar')('time.minutes', { n: 10 })).toBe('10 دقائق');
  });

  test('a missing value is a bug and throws', () => {
    expect(() => createTranslator('en')('step', { at: 1 })).toThrow();
  });

  test('parses once per language', () => {
    expect(createTranslator('de')).toBe(createTranslator('de'));
  });
});

test('waits are rounded up', () => {
  const t = createTranslator('en');
  expect(formatWait(t, 0)).toBe('1 second');
  expect(formatWait(t, 61)).toBe('61 seconds');
  expect(formatWait(t, 91)).toBe('2 minutes');
  expect(formatWait(t, 5400)).toBe('2 hours');
});

test('instants are told in the time zone of the organisation', () => {
  const at = Date.UTC(2026, 5, 3, 12, 5);
  expect(formatMoment('en', at, 'Europe/Berlin')).toContain('14:05');
  expect(formatMoment('de', at, 'Europe/Berlin')).toContain('3. Juni');
});
