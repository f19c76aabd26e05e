/** Common passwords, lower case. The list is that of zxcvbn-ts (MIT), gathered from public leaks. */
import { dictionary } from '@zxcvbn-ts/language-common';

export interface Blocklist {
  /** Whole-string match; the caller normalises. */
  has(form: string): boolean;
  readonly size: number;
}

export function createBlocklist(words: Iterable<string> = dictionary['passwords-common'] ?? []): Blocklist {
  const known = new Set<string>();
  for (const word of words) known.add(String(word).toLowerCase());
  return { has: (form) => known.has(form), size: known.size };
}
