/** What is kept of a passkey: enough to check what it signs, nothing of the person. */
import { createECDH } from 'node:crypto';
import type { AuthenticatorTransport } from '@simplewebauthn/server';
import type { Authenticator } from '../../kernel/account.ts';
import type { JsonObject } from '../../kernel/json.ts';

export interface StoredKey {
  /** Credential id, base64url. */
  id: string;
  /** COSE_Key (RFC 9052), base64url. */
  publicKey: string;
  /** Signature counter as of the last use; 0 for keys that have none. */
  counter: number;
  /** BE and BS (WebAuthn L3 §6.1.3): whether it may be, and is, kept in more than one place. */
  backupEligible: boolean;
  backedUp: boolean;
  /** Whether the person was verified (PIN, finger, face) when it was made. */
  userVerified: boolean;
  transports: AuthenticatorTransport[];
}

export const storedKey = ({ data }: Authenticator): StoredKey => data as unknown as StoredKey;

export const keyData = (key: StoredKey): JsonObject => ({ ...key });

/** What a passkey is found by without knowing whose it is. */
export const lookupOf = (id: string): string => `passkey:${id}`;

/** COSE_Key header of an ES256 key; x and y follow, 32 bytes each. */
const ES256 = Buffer.from('a5010203262001215820', 'hex');
const Y = Buffer.from('225820', 'hex');

/** Looks like a synced key, the same one at every look; its private half exists nowhere. Costs a real verification. */
export function decoyKey(seed: (purpose: string) => string): StoredKey {
  const secret = Buffer.from(seed('passkey-private'), 'base64url');
  // Below the order of the curve, always.
  secret[0] = (secret[0] as number) & 0x7f;
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  return {
    id: seed('passkey-id'),
    publicKey: Buffer.concat([ES256, point.subarray(1, 33), Y, point.subarray(33)]).toString('base64url'),
    counter: 0,
    backupEligible: true,
    backedUp: true,
    userVerified: true,
    transports: ['hybrid', 'internal'],
  };
}
