/** The password state that 389-DS keeps on an account. Times that are 1970 stand for "at once" and "for good". */
import type { Entry } from 'ldapts';
import { integer, text, time } from '../ldap/entry.ts';
import type { PpolicyEntry } from './policy.ts';
import type { PasswordState } from './state.ts';

export const DS389_STATE_ATTRIBUTES = [
  'nsAccountLock',
  'accountUnlockTime',
  'passwordRetryCount',
  'passwordExpirationTime',
  'passwordAllowChangeTime',
];

const EPOCH = 0;

/** It must be changed at the next sign-in: an expiry in 1970. */
export const mustChange389 = (entry: Entry): boolean => time(entry, 'passwordExpirationTime') === EPOCH;

export function ds389State(entry: Entry, policy: PpolicyEntry, now: number): PasswordState {
  const unlocksAt = time(entry, 'accountUnlockTime');
  // A reset only sets the count back; the time of the lock stays on the entry and means nothing then.
  const counted = (integer(entry, 'passwordRetryCount') ?? 0) >= (policy.lockoutThreshold ?? 1);
  const expiresAt = time(entry, 'passwordExpirationTime');
  const youngUntil = time(entry, 'passwordAllowChangeTime');
  return {
    disabled: text(entry, 'nsAccountLock')?.toLowerCase() === 'true',
    locked: counted && unlocksAt !== undefined && (unlocksAt === EPOCH || unlocksAt > now),
    adminLocked: false,
    mustChange: mustChange389(entry),
    expired: policy.maxAge !== undefined && expiresAt !== undefined && expiresAt !== EPOCH && expiresAt <= now,
    youngUntil: policy.minAge !== undefined && youngUntil !== undefined && youngUntil > now ? youngUntil : undefined,
    startsAt: undefined,
    endsAt: undefined,
  };
}
