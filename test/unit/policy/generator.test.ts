/** Suggestions always satisfy the rules they were made for, or `contradictions` says why there is none. */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordsFor } from '../../../src/flow/word-lists.ts';
import { createBlocklist } from '../../../src/policy/passwords/blocklist.ts';
import { contradictions, contradictionText } from '../../../src/policy/passwords/contradictions.ts';
import { type SuggestionKind, suggest } from '../../../src/policy/passwords/generator.ts';
import { type DirectoryRules, mergeRules } from '../../../src/policy/passwords/merge.ts';
import { brokenRules, judgePassword } from '../../../src/policy/passwords/rules.ts';

const blocklist = createBlocklist();
const person = { username: 'amina', displayName: 'Amina Haddad-Benali', mail: ['amina.haddad@northfield.example'] };
const own = { minLength: 15, maxLength: 128, history: 5, contextWords: ['Northfield College', 'northfield'] };
const silent: DirectoryRules = { minLength: undefined, maxLength: undefined, history: undefined, complexity: false };
const rulesOf = (directory: Partial<DirectoryRules> = {}, ours = own) =>
  mergeRules(ours, { ...silent, ...directory }, false);
const random = (below: number) => randomInt(below);
const make = (
  kind: SuggestionKind,
  rules = rulesOf(),
  words = wordsFor('en'),
  more: Partial<Parameters<typeof suggest>[0]> = {},
) => suggest({ rules, blocklist, person, words, ...more }, kind, random);

describe('a suggestion', () => {
  test.each([
    ['en', /^[a-z-]+( [a-z-]+){4}$/],
    ['de', /^[a-z]+( [a-z]+){4}$/],
    // No list of Arabic words is shipped: English ones, or random characters.
    ['ar', /^[a-z-]+( [a-z-]+){4}$/],
  ])('in words (%s) is five of 7,776: 64 bits', (language, shape) => {
    expect(new Set(wordsFor(language)).size).toBe(7_776);
    const made = make('words', rulesOf(), wordsFor(language));
    expect(made).toMatchObject({ kind: 'words', bits: 64 });
    expect(made?.password).toMatch(shape);
  });

  test('of random characters is sixteen in groups, without those that look alike: 78 bits or more', () => {
    for (let n = 0; n < 50; n += 1) {
      const made = make('random');
      expect(made?.password).toMatch(/^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
      expect(made?.bits).toBeGreaterThanOrEqual(78);
    }
  });

  test('brings what Windows complexity and the counts of 389-DS want', () => {
    expect(make('words', rulesOf({ complexity: true }))?.password).toMatch(/^[A-Za-z-]+-\d$|^[a-z]+(-[a-z]+)+-\d$/);
    const counts = { minDigits: 3, minUppers: 2, minSpecials: 6, maxRepeats: 1 };
    const made = make('words', rulesOf(counts));
    expect(made?.kind).toBe('words');
    expect(made?.password).toMatch(/^[A-Z][a-z]+-[A-Z][a-z]+-/);
    expect(made?.password).not.toMatch(/(.)\1/);
  });

  test('that has no room for words of 60 bits is random', () => {
    const short = { ...own, minLength: 8 };
    expect(make('words', rulesOf({ maxLength: 20 }, short))).toMatchObject({ kind: 'random' });
    expect(make('words', rulesOf({ maxLength: 8 }, short))?.password).toHaveLength(8);
  });

  test('never holds a name where the rules forbid it anywhere', () => {
    const rules = { ...rulesOf(), substrings: true, contextWords: ['lantern'] };
    const words = ['lantern', 'aminate', ...wordsFor('en').slice(0, 40)];
    // A short list has too few bits, so these are many words or random characters.
    for (let n = 0; n < 50; n += 1)
      expect(suggest({ rules, blocklist, person, words }, 'words', random)?.password).not.toMatch(/lantern|amina/);
  });

  test('draws from the whole list, evenly', () => {
    const words = wordsFor('en');
    const rolled = Array.from({ length: 5 }, (_, n) => n * 1_555);
    const made = suggest({ rules: rulesOf(), blocklist, person, words }, 'words', () => rolled.shift() ?? 0);
    expect(made?.password).toBe([0, 1_555, 3_110, 4_665, 6_220].map((n) => words[n]).join(' '));
    const below: number[] = [];
    suggest({ rules: rulesOf(), blocklist, person, words }, 'words', (limit) => {
      below.push(limit);
      return below.length * 7;
    });
    expect(below).toEqual([7_776, 7_776, 7_776, 7_776, 7_776]);
  });
});

const few = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 3 });
const policies = fc.record({
  ours: fc.record({ minLength: fc.integer({ min: 8, max: 64 }), maxLength: fc.integer({ min: 64, max: 128 }) }),
  directory: fc.record({
    minLength: fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined, freq: 2 }),
    maxLength: fc.option(fc.integer({ min: 3, max: 200 }), { nil: undefined, freq: 2 }),
    lengthIn: fc.constantFrom('utf16' as const, 'bytes' as const, undefined),
    complexity: fc.boolean(),
    minDigits: few,
    minUppers: few,
    minLowers: few,
    minLetters: few,
    minSpecials: few,
    minCategories: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 3 }),
    maxRepeats: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 2 }),
    names: fc.option(fc.constant({ accountName: 'amina', displayName: 'Amina Haddad-Benali' }), { nil: undefined }),
  }),
  substrings: fc.boolean(),
  kind: fc.constantFrom<SuggestionKind>('words', 'random'),
  language: fc.constantFrom('en', 'de'),
});
/** Absent rather than undefined, as directories give it. */
const given = (directory: object) =>
  ({
    ...silent,
    ...Object.fromEntries(Object.entries(directory).filter(([, value]) => value !== undefined)),
  }) as DirectoryRules;

describe('thousands of random policies', () => {
  test('have a suggestion that every rule accepts, or two rules that contradict each other', {
    timeout: 120_000,
  }, () => {
    const seen = { made: 0, contradictory: 0 };
    fc.assert(
      fc.property(policies, ({ ours, directory, substrings, kind, language }) => {
        const house = { ...own, ...ours };
        const theirs = given(directory);
        const rules = { ...mergeRules(house, theirs, false), substrings };
        const why = contradictions(house, theirs);
        const made = suggest({ rules, blocklist, person, words: wordsFor(language) }, kind, random);
        seen[made ? 'made' : 'contradictory'] += 1;
        if (!made) return why.length > 0;
        expect(why).toEqual([]);
        expect(brokenRules(judgePassword(made.password, rules, blocklist, person))).toEqual([]);
        const { state } = judgePassword(made.password, rules, blocklist, person).find(
          ({ id }) => id === 'complexity',
        ) ?? { state: 'ok' };
        expect(state, 'no directory has to be asked').toBe('ok');
        if (made.kind === 'words') expect(made.bits).toBeGreaterThanOrEqual(60);
        return true;
      }),
      { numRuns: 2_000 },
    );
    expect(seen.made).toBeGreaterThan(500);
    expect(seen.contradictory).toBeGreaterThan(100);
  });
});

describe('rules that contradict each other are both named', () => {
  test.each<[string, Partial<DirectoryRules>, RegExp]>([
    [
      'our length and theirs',
      { maxLength: 12 },
      /our rules ask for at least 15 characters, and the directory asks for at most 12 characters/,
    ],
    [
      'their length and ours',
      { minLength: 200 },
      /the directory asks for at least 200 characters, and our rules ask for at most 128 characters/,
    ],
    [
      'their two lengths',
      { minLength: 30, maxLength: 20 },
      /the directory asks for at least 30 characters, and the directory asks for at most 20 characters/,
    ],
    ['a length in bytes', { maxLength: 10, lengthIn: 'bytes' }, /at most 10 bytes/],
    [
      'kinds and length',
      { maxLength: 16, minDigits: 6, minUppers: 6, minSpecials: 6 },
      /6 digits, 6 capital letters, 6 signs, together 18 characters, and the directory asks for at most 16 characters/,
    ],
    [
      'more kinds than there are',
      { minCategories: 6 },
      /6 kinds of characters, and the directory asks for no more than 5 kinds/,
    ],
  ])('%s', (_name, directory, sentence) => {
    const found = contradictions(own, given(directory));
    expect(found.map(contradictionText).join('\n')).toMatch(sentence);
    expect(suggest({ rules: rulesOf(directory), blocklist, person, words: wordsFor('en') }, 'words', random)).toBe(
      undefined,
    );
  });

  test('what fits contradicts nothing', () => {
    expect(contradictions(own, silent)).toEqual([]);
    expect(contradictions(own, given({ minLength: 7, maxLength: 127, complexity: true, minCategories: 5 }))).toEqual(
      [],
    );
  });
});
