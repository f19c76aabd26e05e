/**
 * What a domain controller's refusals mean, as lists to read: the Windows error at the start of a diagnostic text
 * (`0000052D: …`, MS-ERREF §2.2), Samba's words for a refused password, and `data NNN` of a refused bind. Each line says
 * what an operator looks at.
 */
import type { RefusedRule } from '../directory.ts';

export interface WriteError {
  /** Eight hexadecimal digits. */
  error: string;
  name: string;
  /** `rule`: a password rule, named by Samba's words or worked out; `busy`: worth trying again. */
  means: 'rule' | 'wrong-password' | 'failed' | 'busy';
  /** Rules that this error stands for by itself. */
  rules?: RefusedRule[];
  hint: string;
}

const POLICY =
  'Compare with the policy of the account: the PSO in msDS-ResultantPSO, else minPwdLength, pwdProperties, ' +
  'pwdHistoryLength and minPwdAge of the domain; for age also pwdLastSet. Password filters of the domain count too.';

export const WRITE_ERRORS: readonly WriteError[] = [
  {
    error: '0000052D',
    name: 'ERROR_PASSWORD_RESTRICTION',
    means: 'rule',
    hint: POLICY,
  },
  {
    error: '0000052C',
    name: 'ERROR_ILL_FORMED_PASSWORD',
    means: 'rule',
    rules: ['quality'],
    hint: 'It holds characters that Windows does not take.',
  },
  {
    error: '0000202F',
    name: 'ERROR_DS_CONSTRAINT_VIOLATION',
    means: 'rule',
    hint: POLICY,
  },
  {
    error: '000008C5',
    name: 'NERR_PasswordTooShort',
    means: 'rule',
    hint: POLICY,
  },
  {
    error: '000008C4',
    name: 'NERR_PasswordHistConflict',
    means: 'rule',
    rules: ['history'],
    hint: 'pwdHistoryLength, or msDS-PasswordHistoryLength of the PSO.',
  },
  {
    error: '000008C6',
    name: 'NERR_PasswordTooRecent',
    means: 'rule',
    rules: ['too-young'],
    hint: 'minPwdAge, or msDS-MinimumPasswordAge of the PSO, counted from pwdLastSet.',
  },
  {
    error: '00000056',
    name: 'ERROR_INVALID_PASSWORD',
    means: 'wrong-password',
    hint: 'The old password did not match. Nothing to mend.',
  },
  {
    error: '0000052B',
    name: 'ERROR_WRONG_PASSWORD',
    means: 'wrong-password',
    hint: 'The old password did not match. Nothing to mend.',
  },
  {
    error: '0000052F',
    name: 'ERROR_ACCOUNT_RESTRICTION',
    means: 'failed',
    hint: 'The account may not do this: userAccountControl, logonHours and userWorkstations.',
  },
  {
    error: '00000533',
    name: 'ERROR_ACCOUNT_DISABLED',
    means: 'failed',
    hint: 'userAccountControl has ACCOUNTDISABLE (0x2).',
  },
  {
    error: '00000701',
    name: 'ERROR_ACCOUNT_EXPIRED',
    means: 'failed',
    hint: 'accountExpires lies in the past.',
  },
  {
    error: '00000773',
    name: 'ERROR_PASSWORD_MUST_CHANGE',
    means: 'failed',
    hint: 'pwdLastSet is 0.',
  },
  {
    error: '00000775',
    name: 'ERROR_ACCOUNT_LOCKED_OUT',
    means: 'failed',
    hint: 'The account is locked: lockoutTime, badPwdCount; a change is refused until lockoutTime is 0.',
  },
  {
    error: '00000005',
    name: 'ERROR_ACCESS_DENIED',
    means: 'failed',
    hint: 'Delegate "Reset Password" on the OU; if that is there, see "User cannot change password" and AdminSDHolder.',
  },
  {
    error: '00002098',
    name: 'ERROR_DS_INSUFF_ACCESS_RIGHTS',
    means: 'failed',
    hint: 'Delegate the right to write this attribute on the OU (lockoutTime, pwdLastSet).',
  },
  {
    error: '0000001F',
    name: 'ERROR_GEN_FAILURE',
    means: 'failed',
    hint: 'The connection was not encrypted well enough: LDAPS or StartTLS with at least 128 bits.',
  },
  {
    error: '0000202D',
    name: 'ERROR_DS_CONFIDENTIALITY_REQUIRED',
    means: 'failed',
    hint: 'Passwords need LDAPS or StartTLS: see url and startTls.',
  },
  {
    error: '00002028',
    name: 'ERROR_DS_STRONG_AUTH_REQUIRED',
    means: 'failed',
    hint: 'The domain controller demands TLS for simple binds: see url and startTls.',
  },
  {
    error: '00002035',
    name: 'ERROR_DS_UNWILLING_TO_PERFORM',
    means: 'failed',
    hint: 'The server does not take this write at all: read-only controller, or an attribute that the system keeps.',
  },
  {
    error: '0000202B',
    name: 'ERROR_DS_REFERRAL',
    means: 'failed',
    hint: 'Another domain holds the entry, or this controller is read-only: point url at a writable one of that domain.',
  },
  {
    error: '00002030',
    name: 'ERROR_DS_OBJ_NOT_FOUND',
    means: 'failed',
    hint: 'The entry moved or was deleted, or it is hidden from the service account: see baseDn.',
  },
  {
    error: '00002020',
    name: 'ERROR_DS_OPERATIONS_ERROR',
    means: 'failed',
    hint: 'The connection was not bound: see bindDn and the password of the service account.',
  },
  {
    error: '00000057',
    name: 'ERROR_INVALID_PARAMETER',
    means: 'failed',
    hint: 'A value that the attribute does not take (pwdLastSet takes only 0 and -1).',
  },
  {
    error: '0000200E',
    name: 'ERROR_DS_BUSY',
    means: 'busy',
    hint: 'The domain controller is busy.',
  },
  {
    error: '0000200F',
    name: 'ERROR_DS_UNAVAILABLE',
    means: 'busy',
    hint: 'The domain controller is starting or stopping.',
  },
];

/** Samba says which rule it was; Windows does not. */
export const SAMBA_TEXTS: readonly { says: RegExp; rule: RefusedRule; hint: string }[] = [
  { says: /too short/i, rule: 'too-short', hint: 'minPwdLength, or msDS-MinimumPasswordLength of the PSO.' },
  {
    says: /complexity/i,
    rule: 'complexity',
    hint: 'pwdProperties bit 1, or msDS-PasswordComplexityEnabled of the PSO; also "check password script" in smb.conf.',
  },
  {
    says: /in history|already used/i,
    rule: 'history',
    hint: 'pwdHistoryLength, or msDS-PasswordHistoryLength of the PSO.',
  },
  {
    says: /too young/i,
    rule: 'too-young',
    hint: 'minPwdAge, or msDS-MinimumPasswordAge of the PSO, counted from pwdLastSet.',
  },
];

export interface BindError {
  /** After `data` in the text, hexadecimal. */
  data: string;
  means: 'wrong' | 'expired' | 'must-change' | 'locked' | 'disabled' | 'account-expired' | 'other';
  what: string;
  hint: string;
}

/** Windows looks at 530 to 533, 701 and 773 only after the password was right; 775 comes whatever it is. */
export const BIND_ERRORS: readonly BindError[] = [
  { data: '525', means: 'wrong', what: 'No such user', hint: 'The account moved or was deleted.' },
  { data: '52e', means: 'wrong', what: 'Wrong password', hint: 'badPwdCount and badPasswordTime count it.' },
  { data: '52f', means: 'other', what: 'Account restriction', hint: 'Protected Users, authentication policy or silo.' },
  { data: '530', means: 'other', what: 'Not at this hour', hint: 'logonHours.' },
  { data: '531', means: 'other', what: 'Not from this computer', hint: 'userWorkstations.' },
  {
    data: '532',
    means: 'expired',
    what: 'The password expired',
    hint: 'maxPwdAge or the PSO, counted from pwdLastSet.',
  },
  { data: '533', means: 'disabled', what: 'Disabled', hint: 'userAccountControl has ACCOUNTDISABLE (0x2).' },
  { data: '568', means: 'other', what: 'Too many groups', hint: 'The token holds more SIDs than Windows takes.' },
  { data: '569', means: 'other', what: 'Logon type not granted', hint: '"Access this computer from the network".' },
  { data: '701', means: 'account-expired', what: 'The account expired', hint: 'accountExpires.' },
  { data: '773', means: 'must-change', what: 'Must change the password', hint: 'pwdLastSet is 0.' },
  {
    data: '775',
    means: 'locked',
    what: 'Locked',
    hint: 'lockoutTime and badPwdCount; lockoutDuration or the PSO ends it.',
  },
];
