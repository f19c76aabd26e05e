/**
 * A password policy entry: of OpenLDAP's ppolicy overlay (draft-behera-ldap-password-policy §5.2, slapo-ppolicy(5)), or of
 * 389-DS, whose global one is cn=config itself. Ages are ms.
 */
import type { Entry } from 'ldapts';
import type { DirectoryPasswordPolicy } from '../directory.ts';
import { flag, integer, text } from '../ldap/entry.ts';
import { DS389_ATTRIBUTES, ds389Policy, is389Policy } from './policy-389.ts';

export interface PpolicyEntry extends DirectoryPasswordPolicy {
  dn: string;
  /** 0: until somebody unlocks. */
  lockoutDuration: number;
  allowUserChange: boolean;
  safeModify: boolean;
  /** 389-DS: notes the time of each password in pwdUpdateTime. */
  tracksUpdates?: boolean;
}

export const POLICY_ATTRIBUTES = [
  // First: to 389-DS some of the others are the same attributes, and it answers with the name that came first.
  ...DS389_ATTRIBUTES,
  'pwdMinLength',
  'pwdMaxLength',
  'pwdInHistory',
  'pwdCheckQuality',
  'pwdCheckModule',
  'pwdUseCheckModule',
  'pwdMinAge',
  'pwdMaxAge',
  'pwdLockout',
  'pwdMaxFailure',
  'pwdLockoutDuration',
  'pwdAllowUserChange',
  'pwdSafeModify',
];

export function policyOf(entry: Entry): PpolicyEntry {
  if (is389Policy(entry)) return ds389Policy(entry);
  const positive = (attribute: string): number | undefined => {
    const value = integer(entry, attribute);
    return value !== undefined && value > 0 ? value : undefined;
  };
  const age = (attribute: string): number | undefined => {
    const seconds = positive(attribute);
    return seconds === undefined ? undefined : seconds * 1000;
  };
  // Lengths and the module are only looked at when the quality is checked at all.
  const checked = positive('pwdCheckQuality') !== undefined;
  // 2.5 names the module here; 2.6 names it in the overlay and only switches it on here.
  const module = text(entry, 'pwdCheckModule') !== undefined || flag(entry, 'pwdUseCheckModule') === true;
  return {
    source: 'ppolicy',
    name: entry.dn,
    dn: entry.dn,
    lengthIn: 'bytes',
    minLength: checked ? positive('pwdMinLength') : undefined,
    maxLength: checked ? positive('pwdMaxLength') : undefined,
    history: positive('pwdInHistory'),
    complexity: false,
    minAge: age('pwdMinAge'),
    maxAge: age('pwdMaxAge'),
    lockoutThreshold: flag(entry, 'pwdLockout') ? positive('pwdMaxFailure') : undefined,
    lockoutDuration: age('pwdLockoutDuration') ?? 0,
    allowUserChange: flag(entry, 'pwdAllowUserChange') ?? true,
    safeModify: flag(entry, 'pwdSafeModify') ?? false,
    ...(checked && module ? { furtherChecks: true } : {}),
  };
}

const NO_POLICY: DirectoryPasswordPolicy = {
  minLength: undefined,
  maxLength: undefined,
  history: undefined,
  complexity: false,
  minAge: undefined,
  maxAge: undefined,
  lockoutThreshold: undefined,
};

export const shownPolicy = (policy: PpolicyEntry | undefined): DirectoryPasswordPolicy => policy ?? NO_POLICY;
