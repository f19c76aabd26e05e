/** Our rules and the directory's, as one set: the stricter number wins and is labelled with whose it is. */
import type { PasswordRules } from './rules.ts';

/** What a directory says of its own rules; `undefined` where it says nothing. */
export interface DirectoryRules {
  minLength: number | undefined;
  maxLength: number | undefined;
  history: number | undefined;
  complexity: boolean;
}

export interface OwnRules {
  minLength: number;
  maxLength: number;
  history: number;
  contextWords: readonly string[];
}

/** `keepsHistory`: the directory refuses reused passwords on a reset by itself. */
export function mergeRules(own: OwnRules, directory: DirectoryRules, keepsHistory: boolean): PasswordRules {
  const theirs = directory.minLength ?? 0;
  return {
    minLength: Math.max(own.minLength, theirs),
    maxLength: Math.min(own.maxLength, directory.maxLength ?? own.maxLength),
    history: keepsHistory ? (directory.history ?? 0) : own.history,
    complexity: directory.complexity,
    fromDirectory: { minLength: theirs > own.minLength, history: keepsHistory },
    contextWords: own.contextWords,
  };
}
