/**
 * Common passwords, folded. The list is that of zxcvbn-ts (MIT): 49,233 of them, gathered from public leaks, most used
 * first, shipped compressed.
 */
import { dictionary } from '@zxcvbn-ts/language-common';
import { createOneEdit } from './one-edit.ts';
import { START } from './score.ts';

export interface Blocklist {
  /** Whole-string match; the caller normalises. */
  has(form: string): boolean;
  /** False: no entry begins with these four characters. */
  begins(start: string): boolean;
  /** One edit away from a common password, for forms of six characters and more. */
  near(form: string): boolean;
  /** Characters of the longest entry. */
  readonly longest: number;
  readonly size: number;
}

export function createBlocklist(words: Iterable<string | number> = dictionary['passwords-common'] ?? []): Blocklist {
  const known = new Set<string>();
  for (const word of words) known.add(String(word).toLowerCase());
  const starts = new Set([...known].map((word) => word.slice(0, START)));
  const edits = createOneEdit([...known]);
  return {
    has: (form) => known.has(form),
    begins: (start) => starts.has(start),
    near: (form) => edits.has(form),
    longest: [...known].reduce((most, { length }) => Math.max(most, length), 0),
    size: known.size,
  };
}
