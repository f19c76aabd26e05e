/** The state of an account in Active Directory, read as facts (MS-ADTS §2.2.16, §3.1.1.4.5). */
import type { Entry } from 'ldapts';
import { big, buffers, integer, text, texts } from '../ldap/entry.ts';
import { fromFiletime } from './filetime.ts';
import { readDacl } from './security-descriptor.ts';

export const STATE_ATTRIBUTES = [
  'userAccountControl',
  'accountExpires',
  'pwdLastSet',
  'lockoutTime',
  'adminCount',
  'uSNChanged',
  'allowedAttributesEffective',
  'msDS-User-Account-Control-Computed',
  'msDS-ResultantPSO',
  'msDS-PSOApplied',
  'sAMAccountName',
  'displayName',
  'memberOf',
  'nTSecurityDescriptor',
];

const DISABLED = 0x2;
const LOCKED = 0x10;
const NEVER_EXPIRES = 0x1_0000;
const SMARTCARD_REQUIRED = 0x4_0000;
const PASSWORD_EXPIRED = 0x80_0000;

export interface AdState {
  disabled: boolean;
  smartcardRequired: boolean;
  /** ms */
  expiresAt: number | undefined;
  locked: boolean;
  mustChange: boolean;
  /** DONT_EXPIRE_PASSWD; then must-change is not obeyed either. */
  neverExpires: boolean;
  passwordExpired: boolean;
  /** ms; undefined when 0 (must change). */
  passwordSetAt: number | undefined;
  adminCount: boolean;
  /** Attributes that our account may write; undefined when the server does not tell. */
  writable: string[] | undefined;
  dacl: ReturnType<typeof readDacl>;
}

export function stateOf(entry: Entry): AdState {
  const control = integer(entry, 'userAccountControl') ?? 0;
  const computed = integer(entry, 'msDS-User-Account-Control-Computed');
  const pwdLastSet = big(entry, 'pwdLastSet');
  const writable = texts(entry, 'allowedAttributesEffective');
  return {
    disabled: (control & DISABLED) !== 0,
    smartcardRequired: (control & SMARTCARD_REQUIRED) !== 0,
    expiresAt: fromFiletime(big(entry, 'accountExpires')),
    // lockoutTime alone stays after the lockout is over; the computed bit knows the duration.
    locked: computed === undefined ? (big(entry, 'lockoutTime') ?? 0n) > 0n : (computed & LOCKED) !== 0,
    mustChange: pwdLastSet === 0n && (control & NEVER_EXPIRES) === 0,
    neverExpires: (control & NEVER_EXPIRES) !== 0,
    passwordExpired: pwdLastSet !== 0n && ((computed ?? 0) & PASSWORD_EXPIRED) !== 0,
    passwordSetAt: fromFiletime(pwdLastSet),
    adminCount: (integer(entry, 'adminCount') ?? 0) > 0,
    writable: writable.length > 0 ? writable : undefined,
    dacl: readDacl(buffers(entry, 'nTSecurityDescriptor')[0]),
  };
}

/**
 * pwdLastSet counts 100 ns, so it alone marks a password. While it is 0 (must change) the entry's update number stands in,
 * which every write moves on.
 */
export const markerOf = (entry: Entry): string | undefined => {
  const pwdLastSet = text(entry, 'pwdLastSet');
  return pwdLastSet === undefined || pwdLastSet === '0' ? `0/${text(entry, 'uSNChanged') ?? ''}` : pwdLastSet;
};
