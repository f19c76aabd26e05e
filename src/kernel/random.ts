/** Unguessable values, all from the CSPRNG of node:crypto (NIST SP 800-63B-4 §3.2.12). */
import { randomBytes, randomInt } from 'node:crypto';

/** 256-bit bearer value, base64url (43 characters). */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** 128-bit identifier, base64url (22 characters). Names a row; is never a bearer value. */
export const newId = (): string => randomBytes(16).toString('base64url');

/** `length` decimal digits without modulo bias. */
export const newDigits = (length: number): string => Array.from({ length }, () => randomInt(10).toString()).join('');
