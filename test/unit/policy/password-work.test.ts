/** No input makes the check slow: what is counted is the work, so a slow machine changes nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Blocklist, createBlocklist } from '../../../src/policy/passwords/blocklist.ts';
import { derivatives } from '../../../src/policy/passwords/normalise.ts';
import { isOneEdit } from '../../../src/policy/passwords/one-edit.ts';
import { brokenRules, judgePassword, type PasswordRules } from '../../../src/policy/passwords/rules.ts';

const list = createBlocklist();
const rules: PasswordRules = {
  minLength: 15,
  maxLength: 128,
  history: 5,
  complexity: true,
  composition: { names: { accountName: 'amina', displayName: 'Amina Haddad-Benali' }, minDigits: 1, maxRepeats: 3 },
  fromDirectory: { minLength: false, history: false },
  contextWords: ['Northfield College', 'northfield', 'college', 'sparekey'],
  substrings: true,
};
const person = { username: 'amina', displayName: 'Amina Haddad-Benali', mail: ['amina.haddad@northfield.example'] };

/** The list with a tally of what it is asked. */
function counting(): Blocklist & { asked: () => number } {
  let asked = 0;
  const counted =
    (ask: (form: string) => boolean) =>
    (form: string): boolean => {
      asked += 1;
      return ask(form);
    };
  return { ...list, has: counted(list.has), near: counted(list.near), asked: () => asked };
}

/** The body limit of a form: more never arrives. */
const BODY = 8 * 1024;

const WORST: [string, string][] = [
  ['one digit', '4'.repeat(128)],
  ['128 emoji', '🦩'.repeat(128)],
  ['128 emoji of many parts', '👩‍👩‍👧‍👦'.repeat(18)],
  ['one compatibility character that stands for eighteen', '\uFDFA'.repeat(128)],
  ['a flood of marks', `a${'\u0301'.repeat(BODY / 6)}`],
  ['marks in the wrong order', '\u0301\u0323\u0302'.repeat(BODY / 18)],
  ['marks that fit', `a${'\u0301\u0323'.repeat(63)}`],
  ['Hangul to be composed', '\u1112\u1161\u11ab'.repeat(BODY / 18)],
  ['lone surrogates', '\ud800'.repeat(128)],
  ['control characters', '\0\r\n\u0085'.repeat(32)],
  ['leet without end', '1!|@$0+'.repeat(18)],
  ['listed words', 'love1234'.repeat(16)],
  ['one key run after another', 'qwertyuiop'.repeat(12)],
  ['signs with a letter at the end', `${'!'.repeat(127)}a`],
  ['right to left with marks of direction', '\u202Eمرحبا\u202C'.repeat(14)],
  ['as much as a form takes', 'x'.repeat(BODY)],
];

describe('the work of one check', () => {
  test.each(WORST)('%s: bounded look-ups, and an answer', (_name, password) => {
    const blocklist = counting();
    const judged = judgePassword(password, rules, blocklist, person);
    expect(judged.length).toBeGreaterThan(5);
    // Forms, and at most one look-up a place, length and reading.
    expect(blocklist.asked()).toBeLessThanOrEqual(40 + 256 * (list.longest - 3) * 3);
  });

  test('is bounded for anything that fits a form', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 400 }),
          fc.string({ unit: 'grapheme', maxLength: 200 }),
          fc
            .array(fc.constantFrom('a', '4', '@', '1', 'qwerty', 'love', '\u0301', '\uFDFA', '\ud800', ' '), {
              maxLength: 300,
            })
            .map((parts) => parts.join('')),
        ),
        (password) => {
          const blocklist = counting();
          judgePassword(password, rules, blocklist, person);
          const forms = derivatives(password);
          return blocklist.asked() <= 13_100 && forms.length <= 20 && forms.every((form) => form.length <= 256);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('beyond the greatest length is none: it is not even normalised', () => {
    const blocklist = counting();
    const judged = judgePassword('ab'.repeat(BODY), rules, blocklist, person);
    expect(brokenRules(judged).map(({ id }) => id)).toEqual(['max-length']);
    expect(blocklist.asked()).toBe(0);
  });

  test('one edit is found without looking at the list: the time does not grow with it', () => {
    // Far more look-alikes than any password: were the list walked, this would take minutes.
    for (let n = 0; n < 20_000; n += 1) list.near(`not in the list ${n}`.slice(-20));
    expect(list.near('pasword')).toBe(true);
  });
});

describe('one edit', () => {
  /** The textbook distance with swaps, to compare with. */
  function distance(a: string, b: string): number {
    const rows = Array.from({ length: a.length + 1 }, (_, n) => [n]);
    for (let m = 0; m <= b.length; m += 1) rows[0]![m] = m;
    for (let n = 1; n <= a.length; n += 1)
      for (let m = 1; m <= b.length; m += 1) {
        let best = Math.min(
          rows[n - 1]![m]! + 1,
          rows[n]![m - 1]! + 1,
          rows[n - 1]![m - 1]! + (a[n - 1] === b[m - 1] ? 0 : 1),
        );
        if (n > 1 && m > 1 && a[n - 1] === b[m - 2] && a[n - 2] === b[m - 1])
          best = Math.min(best, rows[n - 2]![m - 2]! + 1);
        rows[n]![m] = best;
      }
    return rows[a.length]![b.length]!;
  }
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 6, maxLength: 9 });

  test('is what the textbook says', () => {
    fc.assert(
      fc.property(word, word, (a, b) => isOneEdit(a, b) === distance(a, b) <= 1),
      { numRuns: 2_000 },
    );
  });

  test('is found in a list exactly when one of its words is that near', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), word, (words, text) => {
        const near = words.some((one) => distance(one, text) <= 1);
        return createBlocklist(words).near(text) === near;
      }),
      { numRuns: 1_000 },
    );
  });
});
