/**
 * A password policy of 389-DS: the global one in cn=config, or the nsPwPolicy entry that pwdpolicysubentry names. Counts are
 * only enforced with passwordCheckSyntax, the history with passwordHistory, and so on; only what is enforced is told.
 */
import type { Entry } from 'ldapts';
import type { DirectoryPasswordPolicy } from '../directory.ts';
import { integer, text } from '../ldap/entry.ts';
import type { PpolicyEntry } from './policy.ts';

type Count = 'minDigits' | 'minUppers' | 'minLowers' | 'minLetters' | 'minSpecials' | 'minCategories' | 'maxRepeats';

const COUNTS: [attribute: string, field: Count][] = [
  ['passwordMinDigits', 'minDigits'],
  ['passwordMinUppers', 'minUppers'],
  ['passwordMinLowers', 'minLowers'],
  ['passwordMinAlphas', 'minLetters'],
  ['passwordMinSpecials', 'minSpecials'],
  ['passwordMinCategories', 'minCategories'],
  ['passwordMaxRepeats', 'maxRepeats'],
];

/** Enforced with the counts, but not to be judged from outside. */
const FURTHER = ['passwordMin8Bit', 'passwordMaxSequence', 'passwordMaxSeqSets', 'passwordMaxClassChars'];

export const DS389_ATTRIBUTES = [
  'passwordCheckSyntax',
  'passwordMinLength',
  ...COUNTS.map(([attribute]) => attribute),
  ...FURTHER,
  'passwordDictCheck',
  'passwordPalindrome',
  'passwordMinTokenLength',
  'passwordHistory',
  'passwordInHistory',
  'passwordMinAge',
  'passwordExp',
  'passwordMaxAge',
  'passwordLockout',
  'passwordMaxFailure',
  'passwordUnlock',
  'passwordLockoutDuration',
  'passwordChange',
  'passwordTrackUpdateTime',
];

/** Any of its attributes marks it: OpenLDAP has none of them, and an nsPwPolicy entry holds only what was set. */
export const is389Policy = (entry: Entry): boolean =>
  DS389_ATTRIBUTES.some((attribute) => text(entry, attribute) !== undefined);

export function ds389Policy(entry: Entry): PpolicyEntry {
  const on = (attribute: string, unset = false): boolean => {
    const value = text(entry, attribute)?.toLowerCase();
    return value === undefined ? unset : ['on', 'true', '1'].includes(value);
  };
  const positive = (attribute: string, unset?: number): number | undefined => {
    const value = integer(entry, attribute) ?? unset;
    return value !== undefined && value > 0 ? value : undefined;
  };
  const age = (attribute: string, unset?: number): number | undefined => {
    const seconds = positive(attribute, unset);
    return seconds === undefined ? undefined : seconds * 1000;
  };
  const checked = on('passwordCheckSyntax');
  const counts = COUNTS.flatMap(([attribute, field]) => {
    const value = positive(attribute, DEFAULTS[attribute]);
    return checked && value !== undefined ? [[field, value] as const] : [];
  });
  return {
    ...(Object.fromEntries(counts) as Pick<DirectoryPasswordPolicy, Count>),
    source: '389-ds',
    name: entry.dn,
    dn: entry.dn,
    minLength: checked ? positive('passwordMinLength', DEFAULTS['passwordMinLength']) : undefined,
    maxLength: undefined,
    history: on('passwordHistory') ? positive('passwordInHistory', DEFAULTS['passwordInHistory']) : undefined,
    complexity: false,
    minAge: age('passwordMinAge'),
    maxAge: on('passwordExp') ? age('passwordMaxAge', DEFAULTS['passwordMaxAge']) : undefined,
    lockoutThreshold: on('passwordLockout')
      ? positive('passwordMaxFailure', DEFAULTS['passwordMaxFailure'])
      : undefined,
    lockoutDuration: on('passwordUnlock', true)
      ? (age('passwordLockoutDuration', DEFAULTS['passwordLockoutDuration']) ?? 0)
      : 0,
    allowUserChange: on('passwordChange', true),
    safeModify: false,
    tracksUpdates: on('passwordTrackUpdateTime'),
    // Words of the entry itself are always looked for, and which attributes those are is not told.
    ...(checked ? { furtherChecks: true } : {}),
  };
}

/** What holds where a policy entry is silent (389-DS, cn=config reference). Seconds for ages. */
const DEFAULTS: Record<string, number> = {
  passwordMinLength: 8,
  passwordMinCategories: 3,
  passwordInHistory: 6,
  passwordMaxAge: 8_640_000,
  passwordMaxFailure: 3,
  passwordLockoutDuration: 3600,
};
