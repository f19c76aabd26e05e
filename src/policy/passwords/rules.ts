/**
 * Judges a new password: ours (length in code points, blocklist, score, own words) and, in words, what the directory will
 * judge itself. Pure; NIST SP 800-63B-4 §3.1.1.2: no composition rules of our own, the whole password is compared.
 */
import type { Blocklist } from './blocklist.ts';
import { codePoints, hasUnusable } from './characters.ts';
import { type Composition, type DirectoryRuleId, judgeDirectoryRules } from './directory-rules.ts';
import { derivatives } from './normalise.ts';
import { bannedAlso, consistsOf, holdsOne, type PersonalWords, personalWords } from './own-words.ts';
import { ENOUGH_POINTS, points } from './score.ts';

export type RuleId =
  | 'min-length'
  | 'max-length'
  | 'characters'
  | 'common'
  /** A few well-known words, runs of keys or repetitions, and nothing else (score.ts). */
  | 'guessable'
  | 'context'
  | 'personal'
  /** Only in substring mode: a word of the place or of the person anywhere in it. */
  | 'contains'
  | DirectoryRuleId
  | 'history'
  /** In a known leak, asked by the flow: nothing here knows a corpus. */
  | 'breached'
  /** No leak could be searched, and the configuration refuses then. */
  | 'breach-unknown';

export interface RuleResult {
  id: RuleId;
  /** `open`: only the directory can tell, at the end. */
  state: 'ok' | 'no' | 'open';
  /** The rule is the directory's, not ours. */
  fromDirectory: boolean;
  /** The number in the sentence: characters, earlier passwords. */
  value?: number;
}

export interface PasswordRules {
  minLength: number;
  maxLength: number;
  /** Earlier passwords that are refused; 0 for none. */
  history: number;
  /** The directory asks for Windows complexity. */
  complexity: boolean;
  /** What else it asks for. */
  composition?: Composition;
  /** Which of the numbers come from the directory. */
  fromDirectory: { minLength: boolean; history: boolean };
  contextWords: readonly string[];
  /** Own words are refused anywhere in a password, not only as the whole of it. Stricter than NIST asks for. */
  substrings?: boolean;
}

/** Composing makes at most four code points one, and a code point is at most two units: longer text needs no look. */
const UNITS_PER_CHARACTER = 8;

export function judgePassword(
  password: string,
  rules: PasswordRules,
  blocklist: Blocklist,
  person: PersonalWords | undefined,
): RuleResult[] {
  const fits = password.length <= rules.maxLength * UNITS_PER_CHARACTER;
  const text = fits ? password.normalize('NFC') : password;
  const length = fits ? codePoints(text) : password.length;
  const typed = length > 0;
  // A flood of characters is refused by its length; nothing else needs to look at it.
  const readable = length <= rules.maxLength;
  const forms = readable ? derivatives(text) : [];
  const own = person ? personalWords(person) : [];
  const state = (ok: boolean): RuleResult['state'] => (!typed ? 'open' : ok ? 'ok' : 'no');
  const rule = (id: RuleId, ok: boolean): RuleResult => ({ id, state: state(ok), fromDirectory: false });
  const common = forms.some((form) => blocklist.has(form) || blocklist.near(form));
  const results: RuleResult[] = [
    {
      id: 'min-length',
      state: state(length >= rules.minLength),
      fromDirectory: rules.fromDirectory.minLength,
      value: rules.minLength,
    },
  ];
  if (!readable) results.push({ ...rule('max-length', false), value: rules.maxLength });
  if (readable && hasUnusable(text)) results.push(rule('characters', false));
  results.push(rule('common', !common));
  // What is too short or common is told so; the score is for what seems to be neither.
  if (typed && readable && !common && length >= rules.minLength) {
    const banned = bannedAlso(blocklist, [...rules.contextWords, ...own]);
    if (points(text, banned) < ENOUGH_POINTS) results.push(rule('guessable', false));
  }
  results.push(rule('context', !consistsOf(forms, rules.contextWords)));
  if (person) results.push(rule('personal', !consistsOf(forms, own)));
  if (rules.substrings) results.push(rule('contains', !holdsOne(forms, [...rules.contextWords, ...own])));
  results.push(...judgeDirectoryRules(readable ? text : '', rules.complexity, rules.composition ?? {}));
  if (rules.history > 0)
    results.push({ id: 'history', state: 'open', fromDirectory: rules.fromDirectory.history, value: rules.history });
  return results;
}

/** What is wrong, if anything: the rules that a password certainly breaks. */
export const brokenRules = (results: readonly RuleResult[]): RuleResult[] =>
  results.filter(({ state }) => state === 'no');
