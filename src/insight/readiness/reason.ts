/** Why somebody could not recover today: codes that never change, because figures and filters hang on them. */

/** `off`: nobody can sign in with the account anyway, so nobody misses a recovery. */
export const VERDICTS = ['ready', 'not-ready', 'off'] as const;

export const REASONS = [
  'never-enrolled',
  'no-method',
  'too-few-gates',
  'method-not-allowed',
  'unconfirmed-mail',
  'catch-22-mailbox',
  'contact-settling',
  'factor-disabled',
  'phone-shared',
  'frozen',
  'protected',
  'cannot-change-password',
  'admin-locked',
  'missing-right',
  'disabled',
  'account-expired',
] as const;
export type Reason = (typeof REASONS)[number];

/** Said of people who could recover all the same, too. */
export const REMARKS: readonly Reason[] = ['phone-shared'];

export const MARKS: readonly string[] = [...VERDICTS, ...REASONS];
