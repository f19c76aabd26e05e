/**
 * Stand-ins for accounts that don't exist and for methods that an account never set up: the same code does the same
 * work on them, and they can never match.
 */
import type { Authenticator } from '../kernel/account.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { VerificationMethod } from '../methods/method.ts';

export function decoyAuthenticator(keyring: Keyring, subject: string, method: VerificationMethod): Authenticator {
  return {
    id: `decoy:${method.id}`,
    accountId: subject,
    method: method.id,
    label: '',
    data: method.decoy((purpose) => keyring.mac('decoy', subject, method.id, purpose)),
    version: 0,
    createdAt: 0,
    lastUsedAt: undefined,
    disabledAt: undefined,
  };
}

/** Counts, in the audit and in limits, as the account that somebody looked for. */
export const decoySubject = (identifierKey: string): string => `decoy:${identifierKey.slice(0, 22)}`;
