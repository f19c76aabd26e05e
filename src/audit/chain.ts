/**
 * The keyed hashes that make the audit tamper-evident. Without the key file nobody can recompute them, so somebody
 * who holds only the database can neither change a record nor declare an earlier one the last.
 */
import { createHmac } from 'node:crypto';
import type { Keyring } from '../kernel/keyring.ts';
import { sameText } from '../kernel/keyring.ts';

export interface Chain {
  /** What the first record follows. */
  readonly genesis: string;
  /** Over the record and the hash of the one before it. */
  hash(previous: string, body: string): string;
  /** Over the end of the chain, kept beside it: tells when records were cut off. */
  seal(seq: number, hash: string): string;
  /** Over what takes the place of deleted records: the last of them, its hash, and when (ms). */
  checkpoint(seq: number, hash: string, at: number): string;
  same(a: string, b: string): boolean;
}

/** Where a record could not be linked to a trustworthy end of the chain: the gap stays visible for ever. */
export const UNPROVEN = 'unproven';

export function createChain(keyring: Keyring): Chain {
  const key = keyring.derive('audit');
  const digest = (...parts: string[]): string => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest('base64url');
  };
  return {
    genesis: digest('genesis'),
    hash: (previous, body) => digest('record', previous, body),
    seal: (seq, hash) => digest('head', String(seq), hash),
    checkpoint: (seq, hash, at) => digest('checkpoint', String(seq), hash, String(at)),
    same: sameText,
  };
}
