/** What stands against a reset or a password in the built-in directory. Pure: rows and an instant in, reasons out. */
import type { Preflight, PreflightBlock, WriteOutcome } from '../directory.ts';
import { type BuiltinAccount, foldIdentifier } from './store.ts';

export interface BuiltinRules {
  minPasswordLength: number;
  /** ms */
  maxPasswordAge: number | undefined;
  /** In the form of `foldIdentifier`. */
  protectedGroups: ReadonlySet<string>;
}

export const LONGEST_PASSWORD = 128;

export const isLocked = (row: BuiltinAccount, now: number): boolean => (row.lockedUntil ?? 0) > now;

export const hasEnded = (row: BuiltinAccount, now: number): boolean =>
  row.expiresAt !== undefined && row.expiresAt <= now;

export const isExpired = (row: BuiltinAccount, { maxPasswordAge }: BuiltinRules, now: number): boolean =>
  maxPasswordAge !== undefined && row.passwordChangedAt + maxPasswordAge <= now;

export function blockOf(
  row: BuiltinAccount,
  { protectedGroups }: BuiltinRules,
  now: number,
): { why: PreflightBlock; cause: string } | undefined {
  const group = row.groups.find((name) => protectedGroups.has(foldIdentifier(name)));
  if (group !== undefined) return { why: 'protected', cause: `Member of "${group}", which protectedGroups lists.` };
  if (row.disabled) return { why: 'disabled', cause: 'The account is disabled.' };
  if (hasEnded(row, now)) return { why: 'account-expired', cause: 'The account has ended (expires_at).' };
  if (row.cannotChange) return { why: 'cannot-change-password', cause: 'cannot_change is set on the account.' };
  return undefined;
}

export function preflightOf(row: BuiltinAccount, rules: BuiltinRules, now: number): Preflight {
  const block = blockOf(row, rules, now);
  if (block) return { is: 'blocked', ...block };
  return {
    is: 'ready',
    locked: isLocked(row, now),
    mustChange: row.mustChange,
    expired: isExpired(row, rules, now),
  };
}

/** `text` in NFC. Undefined: the password may be written. */
export function refusalOf(
  text: string,
  unchanged: boolean,
  { minPasswordLength }: BuiltinRules,
): WriteOutcome | undefined {
  const length = Array.from(text).length;
  if (length < minPasswordLength) {
    const cause = `Shorter than ${minPasswordLength} characters (minPasswordLength).`;
    return { is: 'refused', rules: ['too-short'], cause };
  }
  if (length > LONGEST_PASSWORD) {
    return { is: 'refused', rules: ['too-long'], cause: `Longer than ${LONGEST_PASSWORD} characters.` };
  }
  if (unchanged) return { is: 'refused', rules: ['unchanged'], cause: 'The new password is the present one.' };
  return undefined;
}
