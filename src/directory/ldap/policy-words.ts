/** A directory's password policy in English words, one rule each, for `check` and whoever looks after the directory. */
import type { DirectoryPasswordPolicy } from '../directory.ts';

const UNITS: [size: number, name: string][] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
];

function span(ms: number): string {
  const [size, name] = UNITS.find(([each]) => ms >= each && ms % each === 0) ?? [1000, 'second'];
  return many(Math.round(ms / size), name);
}

const many = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const lock = ({ lockoutThreshold, lockoutDuration }: DirectoryPasswordPolicy): string => {
  const after = `locked after ${many(lockoutThreshold ?? 0, 'wrong password')}`;
  if (lockoutDuration === undefined) return after;
  return lockoutDuration === 0 ? `${after} until somebody unlocks` : `${after} for ${span(lockoutDuration)}`;
};

export function policyWords(policy: DirectoryPasswordPolicy): string[] {
  const unit = { utf16: 'character', bytes: 'byte' }[policy.lengthIn ?? 'utf16'] ?? 'character';
  const rules: [value: number | undefined, words: (value: number) => string][] = [
    [policy.minLength, (n) => `at least ${many(n, unit)}`],
    [policy.maxLength, (n) => `at most ${many(n, unit)}`],
    [policy.minDigits, (n) => `at least ${many(n, 'digit')}`],
    [policy.minUppers, (n) => `at least ${many(n, 'capital letter')}`],
    [policy.minLowers, (n) => `at least ${many(n, 'small letter')}`],
    [policy.minLetters, (n) => `at least ${many(n, 'letter')}`],
    [policy.minSpecials, (n) => `at least ${many(n, 'sign')}`],
    [policy.minCategories, (n) => `at least ${n} of 5 kinds of characters`],
    [policy.maxRepeats, (n) => `at most ${n} of one character in a row`],
    [policy.history, (n) => `none of the last ${n}`],
    [policy.minAge, (ms) => `kept for at least ${span(ms)}`],
    [policy.maxAge, (ms) => `expires after ${span(ms)}`],
  ];
  return [
    ...rules.flatMap(([value, words]) => (value === undefined ? [] : [words(value)])),
    ...(policy.complexity ? ['Windows complexity (3 of 5 kinds of characters, no name inside)'] : []),
    ...(policy.lockoutThreshold === undefined ? [] : [lock(policy)]),
    ...(policy.furtherChecks ? ['further checks that can not be read'] : []),
  ];
}

/** `DC=corp,DC=test: at least 7 characters; none of the last 24.` */
export const policySentence = (policy: DirectoryPasswordPolicy): string =>
  `${policy.name ?? 'No policy'}: ${policyWords(policy).join('; ') || 'no rules'}.`;
