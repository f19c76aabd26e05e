/** What a change of the rules would newly refuse, before it is made. */
import { describe, expect, test } from 'vitest';
import { createBlocklist } from '../../../src/policy/passwords/blocklist.ts';
import { previewRules, type RuleSet } from '../../../src/policy/passwords/preview.ts';
import type { PasswordRules } from '../../../src/policy/passwords/rules.ts';

const small = createBlocklist(['password', 'lantern']);
const rules: PasswordRules = {
  minLength: 15,
  maxLength: 128,
  history: 5,
  complexity: false,
  fromDirectory: { minLength: false, history: false },
  contextWords: ['northfield'],
};
const set = (more: Partial<PasswordRules> = {}, blocklist = small): RuleSet => ({
  rules: { ...rules, ...more },
  blocklist,
});
const samples = [
  { password: 'seven quiet herons', people: 300 },
  { password: 'xkqjzvwpfmhgtbd', people: 20 },
  { password: 'gryffindor 2026!', people: 7 },
  { password: 'short', people: 4 },
];

describe('a preview', () => {
  test('of no change says nothing', () => {
    expect(previewRules(set(), set(), samples)).toEqual({ changes: [], newlyRefused: 0, people: 331 });
  });

  test('of a longer least length counts who would be refused and was not', () => {
    expect(previewRules(set(), set({ minLength: 17 }), samples)).toEqual({
      changes: [{ id: 'min-length', is: 'stricter', before: 15, after: 17, newlyRefused: 27 }],
      newlyRefused: 27,
      people: 331,
    });
  });

  test('of a looser rule refuses nobody', () => {
    expect(previewRules(set(), set({ minLength: 8, history: 0 }), samples)).toEqual({
      changes: [
        { id: 'min-length', is: 'looser', before: 15, after: 8, newlyRefused: 0 },
        { id: 'history', is: 'gone', before: 5, newlyRefused: 0 },
      ],
      newlyRefused: 0,
      people: 331,
    });
  });

  test('of a greatest length knows that less is stricter', () => {
    const { changes } = previewRules(set(), set({ maxLength: 16 }), samples);
    expect(changes).toEqual([{ id: 'max-length', is: 'stricter', before: 128, after: 16, newlyRefused: 300 }]);
  });

  test('of new words of the place, of complexity and of the directory’s counts names each rule', () => {
    const after = set({ contextWords: ['northfield', 'gryffindor'], complexity: true, composition: { minDigits: 2 } });
    const { changes, newlyRefused } = previewRules(set(), after, samples);
    expect(changes.map(({ id, is, newlyRefused: many }) => [id, is, many])).toEqual([
      ['complexity', 'new', 324],
      ['min-digits', 'new', 324],
      ['context', 'stricter', 7],
    ]);
    expect(newlyRefused).toBe(327);
  });

  test('of substring mode and of a longer list', () => {
    const bigger = createBlocklist(['password', 'lantern', 'seven', 'quiet', 'herons', 'seven quiet herons']);
    expect(previewRules(set(), set({}, bigger), samples)).toMatchObject({
      changes: [{ id: 'common', is: 'stricter', newlyRefused: 300 }],
    });
    const place = set({ contextWords: ['heron'] });
    expect(previewRules(place, set({ contextWords: ['heron'], substrings: true }), samples)).toMatchObject({
      changes: [{ id: 'contains', is: 'new', newlyRefused: 300 }],
    });
  });
});
