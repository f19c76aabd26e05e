/** Our rules and the directory's, as one set: the stricter number wins and is labelled with whose it is. */
import type { Composition } from './directory-rules.ts';
import type { PasswordRules } from './rules.ts';
import type { WindowsNames } from './windows-complexity.ts';

/** What a directory says of its own rules; `undefined` or absent where it says nothing. */
export interface DirectoryRules extends Omit<Composition, 'maxBytes' | 'names'> {
  minLength: number | undefined;
  maxLength: number | undefined;
  history: number | undefined;
  /** Windows complexity. */
  complexity: boolean;
  /** What its lengths count; absent: characters. */
  lengthIn?: 'utf16' | 'bytes';
  /** Windows complexity also forbids these inside a password. */
  names?: WindowsNames;
}

const COMPOSITION = [
  'minDigits',
  'minUppers',
  'minLowers',
  'minLetters',
  'minSpecials',
  'minCategories',
  'maxRepeats',
  'names',
  'furtherChecks',
] as const satisfies (keyof Composition & keyof DirectoryRules)[];

const pickComposition = (directory: DirectoryRules): Composition =>
  Object.fromEntries(COMPOSITION.filter((key) => directory[key] !== undefined).map((key) => [key, directory[key]]));

export interface OwnRules {
  minLength: number;
  maxLength: number;
  history: number;
  contextWords: readonly string[];
}

/**
 * `keepsHistory`: the directory refuses reused passwords on a reset by itself. Lengths are merged as characters: one of
 * them is at least one UTF-16 unit and one byte, so a least length is never undercut; a greatest one in bytes is a rule more.
 */
export function mergeRules(own: OwnRules, directory: DirectoryRules, keepsHistory: boolean): PasswordRules {
  const { maxLength, complexity, lengthIn } = directory;
  const theirs = directory.minLength ?? 0;
  return {
    minLength: Math.max(own.minLength, theirs),
    maxLength: Math.min(own.maxLength, maxLength ?? own.maxLength),
    history: keepsHistory ? (directory.history ?? 0) : own.history,
    complexity,
    composition: {
      ...pickComposition(directory),
      ...(lengthIn === 'bytes' && maxLength !== undefined ? { maxBytes: maxLength } : {}),
    },
    fromDirectory: { minLength: theirs > own.minLength, history: keepsHistory },
    contextWords: own.contextWords,
  };
}
