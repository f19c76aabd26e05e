/** Checks what a passkey signed (WebAuthn L3 §7.2), as a list of guards. */
import { type AuthenticationResponseJSON, verifyAuthenticationResponse } from '@simplewebauthn/server';
import { sameText } from '../../kernel/keyring.ts';
import { isFramed, readAssertion } from './read-credential.ts';
import type { StoredKey } from './stored-key.ts';

export interface Expected {
  challenge: string;
  origin: string;
  rpId: string;
  /** User handle of whom it is about. */
  handle: string;
  /** The options named the keys, so the answer need not say whose it is. */
  named: boolean;
}

export type Assertion =
  | { is: 'right'; key: StoredKey; userVerified: boolean; counter: number; backedUp: boolean }
  /** Genuine, but an older count than we have seen: there may be two of this key (§6.1.1). */
  | { is: 'copied'; key: StoredKey; counter: number }
  | { is: 'wrong'; cause: string };

const wrong = (cause: string): Assertion => ({ is: 'wrong', cause });

/** Of what a stranger may have written. */
const CAUSE = 160;

export async function verifyAssertion(
  text: string | undefined,
  keys: readonly StoredKey[],
  expected: Expected,
): Promise<Assertion> {
  const response = readAssertion(text);
  if (!response) return wrong('What was sent is no credential.');
  const own = keys.find(({ id }) => id === response.id);
  // A foreign key costs what an own one costs.
  const verified = await verify(response, own ?? (keys[0] as StoredKey), expected);
  if (!own) return wrong('The passkey is not one of this account.');
  if (typeof verified === 'string') return wrong(verified.slice(0, CAUSE));
  const { userHandle } = response.response;
  if (userHandle === undefined && !expected.named) return wrong('The passkey does not say whose it is.');
  if (userHandle !== undefined && !sameText(userHandle, expected.handle))
    return wrong('The passkey says it is somebody else’s.');
  const { newCounter, credentialBackedUp, credentialDeviceType, userVerified } = verified;
  if ((credentialDeviceType === 'multiDevice') !== own.backupEligible)
    return wrong('Whether the passkey may be copied is not what it said when it was made.');
  if ((newCounter > 0 || own.counter > 0) && newCounter <= own.counter)
    return { is: 'copied', key: own, counter: newCounter };
  return { is: 'right', key: own, userVerified, counter: newCounter, backedUp: credentialBackedUp };
}

/** Type, challenge, origin, RP ID, presence, backup flags, signature. @returns why not, in a sentence. */
async function verify(response: AuthenticationResponseJSON, key: StoredKey, { challenge, origin, rpId }: Expected) {
  try {
    if (isFramed(response.response.clientDataJSON)) return 'It was made inside a page of another site.';
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      // Inspected, not required (N-23): without it the key is worth one gate.
      requireUserVerification: false,
      // Below every count: the library would judge the count before the signature, and anybody could raise an alarm.
      credential: { id: key.id, publicKey: new Uint8Array(Buffer.from(key.publicKey, 'base64url')), counter: -1 },
    });
    return verified ? authenticationInfo : 'The signature is wrong.';
  } catch (error) {
    // The library throws for every single thing that is not as it must be.
    return String((error as Error).message);
  }
}
