/**
 * Judges a new password: ours (length in code points, blocklist, context words) and, in words, what the directory will
 * judge itself. Pure; NIST SP 800-63B-4 §3.1.1.2: no composition rules of our own, the whole password is compared.
 */
import type { Blocklist } from './blocklist.ts';
import { derivatives } from './normalise.ts';

export type RuleId =
  | 'min-length'
  | 'max-length'
  | 'characters'
  | 'common'
  | 'context'
  | 'personal'
  | 'complexity'
  | 'history';

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
  /** Which of the numbers come from the directory. */
  fromDirectory: { minLength: boolean; history: boolean };
  contextWords: readonly string[];
}

/** What a person's password must not consist of. */
export interface PersonalWords {
  username: string;
  displayName: string;
  mail: readonly string[];
}

export const codePoints = (text: string): number => Array.from(text).length;

/** NUL, other control characters and lone surrogates: no directory and no keyboard agrees on them. */
const UNUSABLE = /[\p{Cc}\p{Cs}\u2028\u2029\uFFFD]/u;

export function judgePassword(
  password: string,
  rules: PasswordRules,
  blocklist: Blocklist,
  person: PersonalWords | undefined,
): RuleResult[] {
  const text = password.normalize('NFC');
  const length = codePoints(text);
  const typed = length > 0;
  // A flood of characters is refused by its length; nothing else needs to look at it.
  const readable = length <= rules.maxLength;
  const forms = readable ? derivatives(text) : [];
  const state = (ok: boolean): RuleResult['state'] => (!typed ? 'open' : ok ? 'ok' : 'no');
  const results: RuleResult[] = [
    {
      id: 'min-length',
      state: state(length >= rules.minLength),
      fromDirectory: rules.fromDirectory.minLength,
      value: rules.minLength,
    },
  ];
  if (!readable) results.push({ id: 'max-length', state: 'no', fromDirectory: false, value: rules.maxLength });
  if (UNUSABLE.test(text)) results.push({ id: 'characters', state: 'no', fromDirectory: false });
  results.push({ id: 'common', state: state(!forms.some((form) => blocklist.has(form))), fromDirectory: false });
  results.push({ id: 'context', state: state(!consistsOf(forms, rules.contextWords)), fromDirectory: false });
  if (person)
    results.push({ id: 'personal', state: state(!consistsOf(forms, personalWords(person))), fromDirectory: false });
  if (rules.complexity)
    results.push({ id: 'complexity', state: typed ? windowsComplexity(text) : 'open', fromDirectory: true });
  if (rules.history > 0)
    results.push({ id: 'history', state: 'open', fromDirectory: rules.fromDirectory.history, value: rules.history });
  return results;
}

/** What is wrong, if anything: the rules that a password certainly breaks. */
export const brokenRules = (results: readonly RuleResult[]): RuleResult[] =>
  results.filter(({ state }) => state === 'no');

const SURE_SIGNS = /[~!@#$%^&*_\-+=`|\\(){}[\]:;"'<>,.?/]/;

/**
 * MS-SAMR password complexity: three of upper, lower, digit, sign, other letters. Windows lists the signs; whether a blank
 * or another one counts differs between servers (Samba: no), so then only the directory can tell.
 */
function windowsComplexity(text: string): RuleResult['state'] {
  const letters = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[\p{Lo}\p{Lt}\p{Lm}]/u].filter((one) => one.test(text)).length;
  if (letters + (SURE_SIGNS.test(text) ? 1 : 0) >= 3) return 'ok';
  return letters + (/[^\p{L}\p{N}]/u.test(text) ? 1 : 0) >= 3 ? 'open' : 'no';
}

/** True when a word, perhaps repeated or with digits around it, is all there is. */
function consistsOf(forms: readonly string[], words: readonly string[]): boolean {
  const known = words
    .map((word) => word.normalize('NFKC').toLowerCase())
    .filter((word) => codePoints(word) >= 3)
    // A word that holds another one must be looked for before it.
    .sort((a, b) => b.length - a.length);
  return forms.some((form) => {
    let rest = form;
    for (const word of known) rest = rest.replaceAll(word, '');
    return rest.length < form.length && rest.replace(/[\p{N}\p{P}\p{S}\p{Z}]/gu, '').length <= 2;
  });
}

function personalWords(person: PersonalWords): string[] {
  const parts = person.displayName.split(/[\s,.'’-]+/u);
  return [
    person.username,
    person.displayName,
    ...parts,
    ...person.mail.flatMap((mail) => [mail, mail.split('@')[0] ?? '']),
  ];
}
