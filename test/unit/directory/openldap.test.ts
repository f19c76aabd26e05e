/** OpenLDAP without a server: the state that ppolicy keeps, its refusals (389-DS too), and the bytes of password modify. */
import { ConstraintViolationError, InvalidCredentialsError, UnwillingToPerformError } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../src/directory/ldap/failure.ts';
import { passwordModifyValue } from '../../../src/directory/ldap/password-modify.ts';
import { policyOf, shownPolicy } from '../../../src/directory/openldap/policy.ts';
import { bindRefusal, signedIn, writeRefusal } from '../../../src/directory/openldap/refusal.ts';
import { CONTROL_ERRORS } from '../../../src/directory/openldap/refusals.ts';
import { stateOf } from '../../../src/directory/openldap/state.ts';
import { Secret } from '../../../src/kernel/secret.ts';

const entry = (attributes: Record<string, string>) => ({ dn: 'uid=a,dc=x', ...attributes });
const policy = (attributes: Record<string, string>) => policyOf(entry(attributes));
const at = (text: string) => Date.parse(text);

it('encodes password modify with the new password always, the old one when there is one', () => {
  const value = passwordModifyValue('cn=a', new Secret('new'), new Secret('öld'));
  expect(value.toString('hex')).toBe('3011' + '8004636e3d61' + '8104c3b66c64' + '82036e6577');
  expect(passwordModifyValue('cn=a', new Secret('new')).toString('hex')).toBe('300b' + '8004636e3d61' + '82036e6577');
});

describe('state', () => {
  const now = at('2026-11-23T12:00:00Z');

  it('knows a lock that is over from one that stands', () => {
    const minute = policy({ pwdLockoutDuration: '60' });
    const locked = (time: string) => stateOf(entry({ pwdAccountLockedTime: time }), minute, now).locked;
    expect(locked('20261123115901Z')).toBe(true);
    expect(locked('20261123115900Z')).toBe(false);
    expect(stateOf(entry({ pwdAccountLockedTime: '20200101000000Z' }), policy({}), now).locked).toBe(true);
    expect(stateOf(entry({}), minute, now).locked).toBe(false);
  });

  it.each(['000001010000Z', '00000101000000Z'])('takes %s for a permanent lock', (time) => {
    const state = stateOf(entry({ pwdAccountLockedTime: time }), policy({ pwdLockoutDuration: '60' }), now);
    expect(state).toMatchObject({ locked: true, adminLocked: true });
  });

  it('counts the ages of a password from pwdChangedTime', () => {
    const changed = entry({ pwdChangedTime: '20261123110000Z' });
    expect(stateOf(changed, policy({ pwdMaxAge: '3600' }), now).expired).toBe(true);
    expect(stateOf(changed, policy({ pwdMaxAge: '3601' }), now).expired).toBe(false);
    expect(stateOf(changed, policy({ pwdMinAge: '3601' }), now).youngUntil).toBe(now + 1000);
    expect(stateOf(changed, policy({ pwdMinAge: '3600' }), now).youngUntil).toBeUndefined();
    expect(stateOf(changed, policy({ pwdMaxAge: '0', pwdMinAge: '0' }), now)).toMatchObject({ expired: false });
  });
});

it('shows only rules that are enforced', () => {
  expect(shownPolicy(policy({ pwdMinLength: '8', pwdInHistory: '3', pwdMaxFailure: '5' }))).toMatchObject({
    minLength: undefined,
    history: 3,
    lockoutThreshold: undefined,
  });
  const enforced = { pwdMinLength: '8', pwdCheckQuality: '2', pwdMaxFailure: '5', pwdLockout: 'TRUE', pwdMaxAge: '60' };
  expect(shownPolicy(policy(enforced))).toMatchObject({ minLength: 8, lockoutThreshold: 5, maxAge: 60_000 });
  expect(shownPolicy(undefined).minLength).toBeUndefined();
});

it('knows that lengths are bytes, and that a module may ask for more', () => {
  const checked = { pwdMinLength: '8', pwdMaxLength: '20', pwdCheckQuality: '1' };
  expect(policy(checked)).toMatchObject({ source: 'ppolicy', lengthIn: 'bytes', minLength: 8, maxLength: 20 });
  expect(policy(checked)).not.toHaveProperty('furtherChecks');
  expect(policy({ ...checked, pwdCheckModule: 'ppm.so' })).toMatchObject({ furtherChecks: true });
  expect(policy({ ...checked, pwdUseCheckModule: 'TRUE' })).toMatchObject({ furtherChecks: true });
  const off = policy({ ...checked, pwdCheckQuality: '0', pwdCheckModule: 'ppm.so' });
  expect(off).toMatchObject({ minLength: undefined, maxLength: undefined });
  expect(off).not.toHaveProperty('furtherChecks');
});

describe('389-DS', () => {
  const everything = {
    passwordCheckSyntax: 'on',
    passwordMinLength: '10',
    passwordMinDigits: '2',
    passwordMinUppers: '1',
    passwordMinLowers: '1',
    passwordMinAlphas: '4',
    passwordMinSpecials: '1',
    passwordMinCategories: '4',
    passwordMaxRepeats: '2',
    passwordHistory: 'on',
    passwordInHistory: '6',
    passwordMinAge: '3600',
    passwordExp: 'on',
    passwordMaxAge: '86400',
    passwordLockout: 'on',
    passwordMaxFailure: '3',
    passwordLockoutDuration: '600',
  };
  it('reads each number of a policy', () => {
    expect(policy(everything)).toMatchObject({
      source: '389-ds',
      minLength: 10,
      minDigits: 2,
      minUppers: 1,
      minLowers: 1,
      minLetters: 4,
      minSpecials: 1,
      minCategories: 4,
      maxRepeats: 2,
      history: 6,
      minAge: 3_600_000,
      maxAge: 86_400_000,
      lockoutThreshold: 3,
      lockoutDuration: 600_000,
      furtherChecks: true,
    });
  });

  it('tells only what is enforced, and what holds where the entry is silent', () => {
    const off = { passwordCheckSyntax: 'off', passwordHistory: 'off', passwordExp: 'off', passwordLockout: 'off' };
    const shown = policy({ ...everything, ...off });
    expect(shown).toMatchObject({ minLength: undefined, history: undefined, maxAge: undefined });
    expect(shown).toMatchObject({ lockoutThreshold: undefined, minAge: 3_600_000 });
    for (const field of ['minDigits', 'minCategories', 'maxRepeats', 'furtherChecks']) {
      expect(shown).not.toHaveProperty(field);
    }
    expect(policy({ passwordCheckSyntax: 'on' })).toMatchObject({ minLength: 8, minCategories: 3 });
    expect(policy({ ...everything, passwordUnlock: 'off' })).toMatchObject({ lockoutDuration: 0 });
    expect(policy({ passwordChange: 'off' })).toMatchObject({ allowUserChange: false });
  });
});

describe('refusals of a write', () => {
  const violation = (text: string) => failureOf(new ConstraintViolationError(text));

  it.each([
    ['Password fails quality checking policy', 6, 'too-short'],
    ['Password fails quality checking policy', 5, 'quality'],
    ['Password fails quality checking policy', 9, 'too-long'],
    ['Password is in history of old passwords', 8, 'history'],
    ['Password is not being changed from existing value', 8, 'unchanged'],
    ['Password is too young to change', 7, 'too-young'],
    ['Password is too young to change', undefined, 'too-young'],
    ['Failed to update password', 5, 'quality'],
    ['Failed to update password', undefined, 'history'],
    ['invalid password syntax - password must be at least 10 characters long', 5, 'too-short'],
    ['invalid password syntax - password must contain at least 2 digit characters', 5, 'min-digits'],
    ['invalid password syntax - password must contain at least 1 uppercase characters', 5, 'min-uppers'],
    ['invalid password syntax - password must contain at least 1 lowercase characters', 5, 'min-lowers'],
    ['invalid password syntax - password must contain at least 4 alphabetic characters', 5, 'min-letters'],
    ['invalid password syntax - password must contain at least 1 special characters', 5, 'min-specials'],
    ['invalid password syntax - password must contain at least 1 8-bit characters', 5, 'quality'],
    [
      'invalid password syntax - password must contain at least 4 character categories (valid categories are digit)',
      5,
      'min-categories',
    ],
    ['invalid password syntax - a character cannot be repeated more than 2 times', 5, 'max-repeats'],
    ['invalid password syntax - password based off of user entry', 5, 'personal'],
    ['Password failed dictionary check: it is based on a dictionary word', 5, 'common'],
    ['Password contains a monotonic sequence', 5, 'quality'],
    ['Password contains repeated identical sequences', 5, 'quality'],
    ['password in history', 8, 'history'],
    ['within password minimum age', 7, 'too-young'],
    ['Password for dn="uid=a" does not pass required number of strength checks for the sets', 5, 'quality'],
  ])('reads "%s" with control %s as %s', (text, control, rule) => {
    expect(writeRefusal(violation(text), control, false)).toMatchObject({ is: 'refused', rules: [rule] });
  });

  it.each(CONTROL_ERRORS)('control error $error, $name, comes with a hint', ({ error, rule, hint }) => {
    const outcome = writeRefusal(violation(''), error, false);
    expect(outcome).toMatchObject({ is: 'refused', rules: [rule ?? 'quality'], hint });
    expect(CONTROL_ERRORS.map((line) => line.error)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('knows a wrong old password only where one was given', () => {
    const failure = failureOf(new UnwillingToPerformError('unwilling to verify old password'));
    expect(writeRefusal(failure, undefined, true)).toEqual({ is: 'wrong-password' });
    expect(writeRefusal(failure, undefined, false)).toMatchObject({ is: 'failed' });
  });

  it('calls a lost answer unknown', () => {
    const lost = failureOf(new Error('ExtendedRequest: Operation timed out'));
    expect(writeRefusal(lost, undefined, false)).toMatchObject({ is: 'unknown' });
  });
});

describe('binds', () => {
  const refused = failureOf(new InvalidCredentialsError(''));

  it('reads the policy control, which is all that tells a lock from a wrong password', () => {
    expect(bindRefusal(refused, undefined)).toEqual({ is: 'wrong' });
    expect(bindRefusal(refused, {})).toEqual({ is: 'wrong' });
    expect(bindRefusal(refused, { error: 1 })).toMatchObject({
      is: 'refused',
      why: 'locked',
      hint: expect.stringMatching(/pwdLockout/),
    });
    expect(bindRefusal(refused, { error: 0 })).toEqual({ is: 'correct-but', why: 'expired' });
    expect(signedIn(undefined)).toEqual({ is: 'correct' });
    expect(signedIn({ error: 2 })).toEqual({ is: 'correct-but', why: 'must-change' });
    expect(signedIn({ graceAuthNsRemaining: 1 })).toEqual({ is: 'correct-but', why: 'expired' });
  });

  it('understands the lock of 389-DS, which is another result code', () => {
    const text = 'Exceed password retry limit. Please try later.';
    expect(bindRefusal(failureOf(new ConstraintViolationError(text)), undefined)).toMatchObject({ why: 'locked' });
  });
});
