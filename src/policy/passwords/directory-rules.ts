/**
 * The rules of composition that a directory brings along: Windows complexity, the counts of 389-DS, a length in bytes. We add
 * none of our own (NIST SP 800-63B-4 §3.1.1.2); these are shown as the directory's and judged as it will judge them.
 */
import type { RuleResult } from './rules.ts';
import { holdsWindowsName, type WindowsNames, windowsCategories } from './windows-complexity.ts';

/** Every field absent: the directory has no such rule, or does not tell. */
export interface Composition {
  minDigits?: number;
  minUppers?: number;
  minLowers?: number;
  /** Letters A to Z of either case. */
  minLetters?: number;
  minSpecials?: number;
  /** Of five: digit, capital letter, small letter, sign, anything beyond ASCII. */
  minCategories?: number;
  /** Longest run of one character. */
  maxRepeats?: number;
  /** In UTF-8. */
  maxBytes?: number;
  /** Asked for Windows complexity: whose names must not be inside. */
  names?: WindowsNames;
  /** It checks more than it tells: a module, a dictionary, or a policy that we may not read. */
  furtherChecks?: boolean;
}

export type DirectoryRuleId =
  | 'complexity'
  | 'name-parts'
  | 'min-digits'
  | 'min-uppers'
  | 'min-lowers'
  | 'min-letters'
  | 'min-specials'
  | 'min-categories'
  | 'max-repeats'
  | 'max-bytes'
  | 'further';

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

const SPECIALS = /[\p{ASCII}--[0-9A-Za-z\p{Cc}]]/gv;
const BEYOND_ASCII = /\P{ASCII}/gu;

const categories = (text: string): number =>
  [/[0-9]/g, /[A-Z]/g, /[a-z]/g, SPECIALS, BEYOND_ASCII].filter((pattern) => count(text, pattern) > 0).length;

function longestRun(text: string): number {
  let longest = 0;
  let run = 0;
  let last: string | undefined;
  for (const char of text) {
    run = char === last ? run + 1 : 1;
    last = char;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** What is counted for each number of a composition, and from which side the number binds. */
const COUNTS: [DirectoryRuleId, keyof Composition, measure: (text: string) => number, bound: 'least' | 'most'][] = [
  ['min-digits', 'minDigits', (text) => count(text, /[0-9]/g), 'least'],
  ['min-uppers', 'minUppers', (text) => count(text, /[A-Z]/g), 'least'],
  ['min-lowers', 'minLowers', (text) => count(text, /[a-z]/g), 'least'],
  ['min-letters', 'minLetters', (text) => count(text, /[A-Za-z]/g), 'least'],
  ['min-specials', 'minSpecials', (text) => count(text, SPECIALS), 'least'],
  ['min-categories', 'minCategories', categories, 'least'],
  ['max-repeats', 'maxRepeats', longestRun, 'most'],
  ['max-bytes', 'maxBytes', (text) => Buffer.byteLength(text), 'most'],
];

/** `text` in NFC and of a bearable length; empty: nothing is typed yet. */
export function judgeDirectoryRules(text: string, complexity: boolean, composition: Composition): RuleResult[] {
  const results: RuleResult[] = [];
  const add = (id: DirectoryRuleId, state: RuleResult['state'], value?: number) =>
    results.push({
      id,
      state: text === '' ? 'open' : state,
      fromDirectory: true,
      ...(value === undefined ? {} : { value }),
    });
  if (complexity) {
    add('complexity', ({ met: 'ok', unmet: 'no', unsure: 'open' } as const)[windowsCategories(text)]);
    if (composition.names) add('name-parts', holdsWindowsName(text, composition.names) ? 'no' : 'ok');
  }
  for (const [id, key, measure, bound] of COUNTS) {
    const limit = composition[key];
    if (typeof limit !== 'number') continue;
    const measured = measure(text);
    add(id, (bound === 'least' ? measured >= limit : measured <= limit) ? 'ok' : 'no', limit);
  }
  if (composition.furtherChecks) add('further', 'open');
  return results;
}
