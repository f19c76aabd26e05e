/** Unguessable values, all from the CSPRNG of node:crypto (NIST SP 800-63B-4 §3.2.12). */
import { randomBytes, randomInt } from 'node:crypto';

/** 256-bit bearer value, base64url (43 characters). */
export const newToken = (): string => randomBytes(32).toString('base64url');

const ID_BYTES = 16;
/** Drawn in one go: a call of its own for each of many ids costs twenty times as much. */
let drawn = Buffer.alloc(0);
let used = 0;

/** 128-bit identifier, base64url (22 characters). Names a row; is never a bearer value. */
export function newId(): string {
  if (used === drawn.length) {
    drawn = randomBytes(256 * ID_BYTES);
    used = 0;
  }
  used += ID_BYTES;
  return drawn.toString('base64url', used - ID_BYTES, used);
}

/** `length` decimal digits without modulo bias. */
export const newDigits = (length: number): string => Array.from({ length }, () => randomInt(10).toString()).join('');
