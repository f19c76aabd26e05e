/** Windows complexity without a server: Microsoft's own words as cases. That Samba agrees is shown on a real one (test/live). */
import { describe, expect, test } from 'vitest';
import { judgeDirectoryRules } from '../../../src/policy/passwords/directory-rules.ts';
import { mergeRules } from '../../../src/policy/passwords/merge.ts';
import {
  holdsWindowsName,
  windowsCategories,
  windowsNameParts,
} from '../../../src/policy/passwords/windows-complexity.ts';

describe('three of five categories', () => {
  test.each([
    ['upper, lower, digit', 'Heron7', 'met'],
    ['upper, lower, sign', 'Heron!', 'met'],
    ['lower, digit, sign', 'heron7!', 'met'],
    ['Greek and Cyrillic capitals count', 'Ωж7', 'met'],
    ['a letter without case counts', 'heron7字', 'met'],
    ['Arabic with both cases', 'كلمةAa', 'met'],
    ['one letter, one category', 'HERON77', 'unmet'],
    ['two only', 'heronheron7', 'unmet'],
    ['one only', 'كلمة', 'unmet'],
    ['nothing', '', 'unmet'],
    ['a blank is on no list', 'heron 7', 'unsure'],
    ['a currency sign is on no list', 'heron7€', 'unsure'],
    ['beyond the basic plane Windows sees half characters', 'heron7𠮷', 'unsure'],
    ['Arabic digits are not 0 to 9', 'heronH٣', 'unsure'],
    ['an unlisted one does not make two of one', 'heron heron', 'unmet'],
  ])('%s: %j is %s', (_, password, verdict) => expect(windowsCategories(password)).toBe(verdict));

  test.each([...'~!@#$%^&*_-+=`|\\(){}[]:;"\'<>,.?/'])('%s is a sign', (sign) =>
    expect(windowsCategories(`aA${sign}`)).toBe('met'),
  );
});

describe('names', () => {
  const erin = { accountName: 'ehagens', displayName: 'Erin M. Hagens' };

  test('the parts are those of Microsoft’s example; short ones do not count', () => {
    expect(windowsNameParts(erin)).toEqual(['ehagens', 'erin', 'hagens']);
  });

  test.each([',', '.', '-', '_', ' ', '#', '\t'])('%j parts a display name', (separator) => {
    expect(windowsNameParts({ accountName: 'x', displayName: `Anna${separator}Lena` })).toEqual(['anna', 'lena']);
  });

  test('nothing else does: an apostrophe stays inside', () => {
    expect(windowsNameParts({ accountName: 'x', displayName: "Sean O'Neil/Smith" })).toEqual(['sean', "o'neil/smith"]);
  });

  test.each([
    ['anywhere, whatever the case', 'Quiet-HAGENS-7', true],
    ['the whole account name', 'x9Ehagens!', true],
    ['a part of a part is fine', 'Quiet-Hagen-7', false],
    ['the initial is fine', 'M-Quiet-Heron-7', false],
  ])('%s: %s', (_, password, found) => expect(holdsWindowsName(password, erin)).toBe(found));

  test('an account name under three characters is not looked for', () => {
    expect(holdsWindowsName('Quiet-jo-7', { accountName: 'jo', displayName: undefined })).toBe(false);
  });
});

describe('what a directory brings along', () => {
  const own = { minLength: 15, maxLength: 128, history: 5, contextWords: [] };
  const silent = { minLength: undefined, maxLength: undefined, history: undefined, complexity: false };
  const merged = (directory: Partial<Parameters<typeof mergeRules>[1]>) =>
    mergeRules(own, { ...silent, ...directory }, false);
  const states = (password: string, directory: Partial<Parameters<typeof mergeRules>[1]>) => {
    const rules = merged(directory);
    const results = judgeDirectoryRules(password, rules.complexity, rules.composition ?? {});
    expect(results.every(({ fromDirectory }) => fromDirectory)).toBe(true);
    return Object.fromEntries(results.map(({ id, state }) => [id, state]));
  };

  test('the stricter length wins; a greatest length in bytes is a rule of its own', () => {
    expect(merged({ minLength: 20, maxLength: 64 })).toMatchObject({ minLength: 20, maxLength: 64, composition: {} });
    expect(merged({ maxLength: 20, lengthIn: 'bytes' })).toMatchObject({
      maxLength: 20,
      composition: { maxBytes: 20 },
    });
    expect(states('ä'.repeat(11), { maxLength: 20, lengthIn: 'bytes' })).toEqual({ 'max-bytes': 'no' });
    expect(states('a'.repeat(20), { maxLength: 20, lengthIn: 'bytes' })).toEqual({ 'max-bytes': 'ok' });
  });

  test.each([
    ['min-digits', { minDigits: 2 }, 'heron7', 'heron77'],
    ['min-uppers', { minUppers: 1 }, 'Äheron', 'Heron'],
    ['min-lowers', { minLowers: 1 }, 'HERON', 'HERoN'],
    ['min-letters', { minLetters: 3 }, 'ab123', 'abC123'],
    ['min-specials', { minSpecials: 2 }, 'heron!', 'heron !'],
    ['min-categories', { minCategories: 4 }, 'Heron7', 'Heron7é'],
    ['max-repeats', { maxRepeats: 2 }, 'herooon', 'heroon'],
  ] as const)('%s', (id, rule, breaks, keeps) => {
    expect(states(breaks, rule)).toEqual({ [id]: 'no' });
    expect(states(keeps, rule)).toEqual({ [id]: 'ok' });
    expect(states('', rule)).toEqual({ [id]: 'open' });
  });

  test('names are only looked for together with complexity', () => {
    const names = { accountName: 'ehagens', displayName: 'Erin Hagens' };
    expect(states('Erin-herons-7', { names })).toEqual({});
    expect(states('Erin-herons-7', { names, complexity: true })).toEqual({ complexity: 'ok', 'name-parts': 'no' });
    expect(states('quiet herons 7', { names, complexity: true })).toEqual({ complexity: 'open', 'name-parts': 'ok' });
  });

  test('what can not be read stays open to the end', () => {
    expect(states('anything', { furtherChecks: true })).toEqual({ further: 'open' });
  });
});
