/** The two hashes that Pwned Passwords is published in, and how a password becomes one. */
import { hash } from 'node:crypto';
import { md4 } from './md4.ts';

export type HashKind = 'sha1' | 'ntlm';

export const HASH_NAME: Record<HashKind, string> = { sha1: 'SHA-1', ntlm: 'NTLM' };
/** Hex digits of a whole hash. */
export const HASH_DIGITS: Record<HashKind, number> = { sha1: 40, ntlm: 32 };

const digest: Record<HashKind, (password: string) => Buffer> = {
  sha1: (password) => hash('sha1', password, 'buffer'),
  // MS-NLMP §3.3.1: MD4 over UTF-16LE.
  ntlm: (password) => md4(Buffer.from(password, 'utf16le')),
};

/** The hash as big-endian words: five of SHA-1, four of NTLM (the fifth is 0). */
export function hashWords(kind: HashKind, password: string): Uint32Array {
  const bytes = digest[kind](password);
  const words = new Uint32Array(5);
  for (let nth = 0; nth * 4 < bytes.length; nth += 1) words[nth] = bytes.readUInt32BE(nth * 4);
  return words;
}
