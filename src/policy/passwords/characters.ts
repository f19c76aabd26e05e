/**
 * Which characters a password may hold: every one that a person can type, in any script, quotes, blanks and emoji included.
 * Refused are those no keyboard makes and no two systems agree on: control characters (C0 and C1, so NUL, tab and line
 * ends too), line and paragraph separators, lone surrogates, noncharacters, and U+FFFD, which a decoder puts for broken bytes.
 */

const UNUSABLE = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u2028\u2029\uFFFD]/u;

export const hasUnusable = (text: string): boolean => UNUSABLE.test(text);

/** Length as NIST SP 800-63B-4 §3.1.1.2 counts it. */
export const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};
