/**
 * Checks a new passkey (WebAuthn L3 §7.1). Statements of makers are not asked for and never looked at: no certificate of a
 * stranger is parsed, and no revocation list is fetched from an address that a stranger wrote into one.
 */

import { verifyRegistrationResponse } from '@simplewebauthn/server';
import { COSEALG, decodeAttestationObject, isoBase64URL, isoCBOR } from '@simplewebauthn/server/helpers';
import { isFramed, readRegistration } from './read-credential.ts';
import type { StoredKey } from './stored-key.ts';

/** What is offered, the preferred one first; nothing else is taken. */
export const ALGORITHMS = [COSEALG.ES256, COSEALG.EdDSA, COSEALG.RS256];

export interface ExpectedRegistration {
  challenge: string;
  origin: string;
  rpId: string;
}

/** `undefined`: it is not what was asked for. */
export async function verifyRegistration(
  text: string | undefined,
  { challenge, origin, rpId }: ExpectedRegistration,
): Promise<StoredKey | undefined> {
  const response = readRegistration(text);
  if (!response) return undefined;
  try {
    if (isFramed(response.response.clientDataJSON)) return undefined;
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        ...response,
        response: { ...response.response, attestationObject: withoutStatement(response.response.attestationObject) },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified || registrationInfo.credential.id !== response.id) return undefined;
    const { credential, credentialBackedUp, credentialDeviceType, userVerified } = registrationInfo;
    return {
      id: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
      userVerified,
      transports: response.response.transports as StoredKey['transports'],
    };
  } catch {
    // The library throws for every single thing that is not as it must be.
    return undefined;
  }
}

type Cbor = Parameters<typeof isoCBOR.encode>[0];

/** The same attestation object as a client makes it that was told `attestation: "none"` (§5.1.3). */
function withoutStatement(attestationObject: string): string {
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get('authData');
  const none = new Map<string, Cbor>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ]);
  return Buffer.from(isoCBOR.encode(none)).toString('base64url');
}
