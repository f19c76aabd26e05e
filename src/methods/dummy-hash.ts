/** Hashes that nothing matches: right form, right cost, no known secret, so that a miss costs as much as a hit. */
import { CODE_COST } from '../kernel/argon2.ts';

const base64 = (text: string, bytes: number): string =>
  Buffer.concat([Buffer.from(text), Buffer.alloc(bytes)])
    .subarray(0, bytes)
    .toString('base64')
    .replace(/=+$/, '');

export const dummyHash = (salt: string, tag: string): string =>
  `$argon2id$v=19$m=${CODE_COST.memory},t=${CODE_COST.passes},p=${CODE_COST.parallelism}$${base64(salt, 16)}$${base64(tag, 32)}`;
