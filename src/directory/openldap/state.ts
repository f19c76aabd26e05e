/** The password state that ppolicy (draft-behera §5.3) or 389-DS keeps on an account, read as facts. */
import type { Entry } from 'ldapts';
import { flag, text, time } from '../ldap/entry.ts';
import type { PpolicyEntry } from './policy.ts';
import { DS389_STATE_ATTRIBUTES, ds389State } from './state-389.ts';

export const STATE_ATTRIBUTES = [
  'pwdAccountLockedTime',
  'pwdReset',
  'pwdChangedTime',
  'pwdPolicySubentry',
  'pwdStartTime',
  'pwdEndTime',
  'entryCSN',
  ...DS389_STATE_ATTRIBUTES,
];

/** "Locked until an administrator unlocks it" (draft-behera §5.3.3). */
const PERMANENT = /^000001010000(00)?Z$/;

export interface PasswordState {
  /** Switched off (389-DS: nsAccountLock). */
  disabled: boolean;
  locked: boolean;
  adminLocked: boolean;
  mustChange: boolean;
  expired: boolean;
  /** ms; the password can't be set again before. */
  youngUntil: number | undefined;
  startsAt: number | undefined;
  endsAt: number | undefined;
}

export function stateOf(entry: Entry, policy: PpolicyEntry | undefined, now: number): PasswordState {
  if (policy?.source === '389-ds') return ds389State(entry, policy, now);
  const lockedText = text(entry, 'pwdAccountLockedTime');
  const lockedAt = time(entry, 'pwdAccountLockedTime');
  const adminLocked = lockedText !== undefined && PERMANENT.test(lockedText);
  const duration = policy?.lockoutDuration ?? 0;
  const over = !adminLocked && lockedAt !== undefined && duration > 0 && now >= lockedAt + duration;
  const changedAt = time(entry, 'pwdChangedTime');
  const after = (age: number | undefined) =>
    age === undefined || changedAt === undefined ? undefined : changedAt + age;
  const expiresAt = after(policy?.maxAge);
  const youngUntil = after(policy?.minAge);
  return {
    disabled: false,
    locked: lockedText !== undefined && !over,
    adminLocked,
    mustChange: flag(entry, 'pwdReset') ?? false,
    expired: expiresAt !== undefined && expiresAt <= now,
    youngUntil: youngUntil !== undefined && youngUntil > now ? youngUntil : undefined,
    startsAt: time(entry, 'pwdStartTime'),
    endsAt: time(entry, 'pwdEndTime'),
  };
}
