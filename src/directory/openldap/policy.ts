/** A password policy entry of OpenLDAP's ppolicy overlay (draft-behera-ldap-password-policy §5.2). Ages are ms. */
import type { Entry } from 'ldapts';
import type { DirectoryPasswordPolicy } from '../directory.ts';
import { flag, integer } from '../ldap/entry.ts';

export interface PpolicyEntry {
  dn: string;
  minLength: number | undefined;
  maxLength: number | undefined;
  history: number | undefined;
  minAge: number | undefined;
  maxAge: number | undefined;
  lockoutThreshold: number | undefined;
  /** 0: until somebody unlocks. */
  lockoutDuration: number;
  allowUserChange: boolean;
  safeModify: boolean;
}

export const POLICY_ATTRIBUTES = [
  'pwdMinLength',
  'pwdMaxLength',
  'pwdInHistory',
  'pwdCheckQuality',
  'pwdMinAge',
  'pwdMaxAge',
  'pwdLockout',
  'pwdMaxFailure',
  'pwdLockoutDuration',
  'pwdAllowUserChange',
  'pwdSafeModify',
];

export function policyOf(entry: Entry): PpolicyEntry {
  const positive = (attribute: string): number | undefined => {
    const value = integer(entry, attribute);
    return value !== undefined && value > 0 ? value : undefined;
  };
  const age = (attribute: string): number | undefined => {
    const seconds = positive(attribute);
    return seconds === undefined ? undefined : seconds * 1000;
  };
  // Lengths are only looked at when the quality is checked at all.
  const checked = positive('pwdCheckQuality') !== undefined;
  return {
    dn: entry.dn,
    minLength: checked ? positive('pwdMinLength') : undefined,
    maxLength: checked ? positive('pwdMaxLength') : undefined,
    history: positive('pwdInHistory'),
    minAge: age('pwdMinAge'),
    maxAge: age('pwdMaxAge'),
    lockoutThreshold: flag(entry, 'pwdLockout') ? positive('pwdMaxFailure') : undefined,
    lockoutDuration: age('pwdLockoutDuration') ?? 0,
    allowUserChange: flag(entry, 'pwdAllowUserChange') ?? true,
    safeModify: flag(entry, 'pwdSafeModify') ?? false,
  };
}

export const shownPolicy = (policy: PpolicyEntry | undefined): DirectoryPasswordPolicy => ({
  minLength: policy?.minLength,
  maxLength: policy?.maxLength,
  history: policy?.history,
  complexity: false,
  minAge: policy?.minAge,
  maxAge: policy?.maxAge,
  lockoutThreshold: policy?.lockoutThreshold,
});
