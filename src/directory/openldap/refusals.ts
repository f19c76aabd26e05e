/**
 * What refusals of OpenLDAP and 389-DS mean, as lists to read: the errors of the password policy control
 * (draft-behera-ldap-password-policy §6.2) and the servers' own words. Each line says what an operator looks at.
 */
import type { RefusedRule } from '../directory.ts';

export interface ControlError {
  error: number;
  name: string;
  /** The rule that a refused password broke; absent: the error is about the account. */
  rule?: RefusedRule;
  hint: string;
}

export const PASSWORD_EXPIRED = 0;
export const ACCOUNT_LOCKED = 1;
export const CHANGE_AFTER_RESET = 2;

export const CONTROL_ERRORS: readonly ControlError[] = [
  {
    error: PASSWORD_EXPIRED,
    name: 'passwordExpired',
    hint: 'pwdMaxAge of the policy, counted from pwdChangedTime; pwdGraceAuthNLimit grants sign-ins after it.',
  },
  {
    error: ACCOUNT_LOCKED,
    name: 'accountLocked',
    hint: 'pwdAccountLockedTime on the entry; pwdMaxFailure and pwdLockoutDuration of the policy.',
  },
  { error: CHANGE_AFTER_RESET, name: 'changeAfterReset', hint: 'pwdReset on the entry; pwdMustChange of the policy.' },
  {
    error: 3,
    name: 'passwordModNotAllowed',
    hint: 'pwdAllowUserChange of the policy is FALSE: nobody may choose a password.',
  },
  {
    error: 4,
    name: 'mustSupplyOldPassword',
    hint: 'pwdSafeModify of the policy is TRUE: give passwordRight manage, or set it to FALSE for these people.',
  },
  {
    error: 5,
    name: 'insufficientPasswordQuality',
    rule: 'quality',
    hint: 'pwdCheckQuality and the module in pwdCheckModule; on 389-DS the password… counts of the policy.',
  },
  { error: 6, name: 'passwordTooShort', rule: 'too-short', hint: 'pwdMinLength of the policy, in bytes.' },
  {
    error: 7,
    name: 'passwordTooYoung',
    rule: 'too-young',
    hint: 'pwdMinAge of the policy, counted from pwdChangedTime on the entry.',
  },
  {
    error: 8,
    name: 'passwordInHistory',
    rule: 'history',
    hint: 'pwdInHistory of the policy; pwdHistory on the entry.',
  },
  { error: 9, name: 'passwordTooLong', rule: 'too-long', hint: 'pwdMaxLength of the policy, in bytes.' },
];

export interface RefusalText {
  says: RegExp;
  rule: RefusedRule;
  hint: string;
}

/** The first that fits. 389-DS has the finer ones: to it the control says "quality" for all of them. */
export const TEXTS: readonly RefusalText[] = [
  { says: /in history/i, rule: 'history', hint: 'pwdInHistory, on 389-DS passwordInHistory.' },
  {
    says: /not being changed from existing|same as (the )?(old|current)/i,
    rule: 'unchanged',
    hint: 'The new password is the present one.',
  },
  { says: /too young|within password minimum age/i, rule: 'too-young', hint: 'pwdMinAge, on 389-DS passwordMinAge.' },
  {
    says: /too short|at least \d+ characters long/i,
    rule: 'too-short',
    hint: 'pwdMinLength, on 389-DS passwordMinLength.',
  },
  { says: /too long/i, rule: 'too-long', hint: 'pwdMaxLength.' },
  {
    says: /monotonic sequence|identical sequences|same character class|8-bit characters/i,
    rule: 'quality',
    hint: '389-DS: passwordMaxSequence, passwordMaxSeqSets, passwordMaxClassChars, passwordMin8Bit.',
  },
  { says: /at least \d+ digit/i, rule: 'min-digits', hint: '389-DS: passwordMinDigits.' },
  { says: /at least \d+ uppercase/i, rule: 'min-uppers', hint: '389-DS: passwordMinUppers.' },
  { says: /at least \d+ lowercase/i, rule: 'min-lowers', hint: '389-DS: passwordMinLowers.' },
  { says: /at least \d+ alpha/i, rule: 'min-letters', hint: '389-DS: passwordMinAlphas.' },
  { says: /at least \d+ special/i, rule: 'min-specials', hint: '389-DS: passwordMinSpecials.' },
  { says: /at least \d+ (character )?categor/i, rule: 'min-categories', hint: '389-DS: passwordMinCategories.' },
  { says: /repeated more than/i, rule: 'max-repeats', hint: '389-DS: passwordMaxRepeats.' },
  { says: /dictionary/i, rule: 'common', hint: '389-DS: passwordDictCheck, passwordBadWords.' },
  {
    says: /based off of user|trivial/i,
    rule: 'personal',
    hint: '389-DS: passwordMinTokenLength, passwordUserAttributes.',
  },
  {
    says: /strength checks|required (number of )?(character|strength)/i,
    rule: 'quality',
    hint: 'OpenLDAP module ppm: minQuality and the class- lines of its configuration.',
  },
  {
    says: /^failed to update password/i,
    rule: 'history',
    hint: '389-DS tells no reason for a password of before, and sends the control for everything else: passwordInHistory.',
  },
  {
    says: /quality|syntax/i,
    rule: 'quality',
    hint: 'pwdCheckQuality and pwdCheckModule of the policy; on 389-DS passwordCheckSyntax.',
  },
];
