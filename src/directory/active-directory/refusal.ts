/**
 * What a domain controller means when it refuses, Windows and Samba alike: told by the Windows error at the start of the
 * text (`0000052D:`) and by `data NNN` in binds (MS-ERREF §2.2), never by the LDAP result code alone.
 */
import type { DirectoryPasswordPolicy, RefusedRule, SignInOutcome, WriteOutcome } from '../directory.ts';
import { isBusy, type LdapFailure } from '../ldap/failure.ts';

const PASSWORD_RESTRICTION = '0000052D';
const WRONG_PASSWORD = '00000056';
const LOCKED_OUT = '00000775';

/** Samba says which rule it was. */
const SAMBA: [RegExp, RefusedRule][] = [
  [/too short/i, 'too-short'],
  [/complexity/i, 'complexity'],
  [/in history|already used/i, 'history'],
  [/too young/i, 'too-young'],
];

const windowsError = (text: string): string | undefined => /^([0-9A-Fa-f]{8}):/.exec(text)?.[1]?.toUpperCase();

/** Three of five: upper, lower, digit, symbol, other letter (MS-SAMR §3.1.1.7.2, without the name rules). */
export function isComplex(password: string): boolean {
  const classes = [/\p{Lu}/u, /\p{Ll}/u, /\d/, /[^\p{L}\d]/u, /\p{Lo}|\p{Lt}|\p{Lm}/u];
  return classes.filter((pattern) => pattern.test(password)).length >= 3;
}

export interface Attempted {
  password: string;
  policy: DirectoryPasswordPolicy;
  /** A change, or a reset with policy hints: history and age count. */
  aged: boolean;
}

/** Windows does not say which rule; what can be computed is, and only history or age is left otherwise. */
export function guessedRules({ password, policy, aged }: Attempted): RefusedRule[] {
  const rules: RefusedRule[] = [];
  // A directory counts UTF-16 units.
  if (policy.minLength !== undefined && password.length < policy.minLength) rules.push('too-short');
  if (policy.complexity && !isComplex(password)) rules.push('complexity');
  if (rules.length > 0) return rules;
  return aged && policy.history !== undefined ? ['history'] : policy.complexity ? ['complexity'] : ['quality'];
}

export function writeRefusal(failure: LdapFailure, attempted: Attempted | undefined): WriteOutcome {
  if (failure.is === 'refused-connection') return { is: 'unavailable', cause: failure.cause };
  if (failure.is === 'lost') return { is: 'unknown', cause: failure.cause };
  const { code, text, cause } = failure;
  if (isBusy(code)) return { is: 'unavailable', cause };
  const error = windowsError(text);
  if (error === PASSWORD_RESTRICTION) {
    const said = SAMBA.filter(([pattern]) => pattern.test(text)).map(([, rule]) => rule);
    return { is: 'refused', rules: said.length > 0 || !attempted ? said : guessedRules(attempted), cause };
  }
  if (error === WRONG_PASSWORD) return { is: 'wrong-password' };
  if (error === LOCKED_OUT) return { is: 'failed', cause: `The account is locked: ${cause}` };
  if (code === 10) return { is: 'failed', cause: `This domain controller is read-only: ${cause}` };
  // "operations error" and "other" may come after a part was done.
  return code === 80 ? { is: 'unknown', cause } : { is: 'failed', cause };
}

/** `data NNN` of a refused bind (hexadecimal Windows errors). Windows looks at 530 to 533, 701 and 773 only with the right password. */
const BIND: Record<string, (cause: string) => SignInOutcome> = {
  '525': () => ({ is: 'wrong' }),
  '52e': () => ({ is: 'wrong' }),
  '530': (cause) => ({ is: 'refused', why: 'other', cause: `Not at this hour: ${cause}` }),
  '531': (cause) => ({ is: 'refused', why: 'other', cause: `Not from this computer: ${cause}` }),
  '532': () => ({ is: 'correct-but', why: 'expired' }),
  '533': (cause) => ({ is: 'refused', why: 'disabled', cause }),
  '701': (cause) => ({ is: 'refused', why: 'account-expired', cause }),
  '773': () => ({ is: 'correct-but', why: 'must-change' }),
  '775': (cause) => ({ is: 'refused', why: 'locked', cause }),
};

export function bindRefusal(failure: LdapFailure): SignInOutcome {
  if (failure.is !== 'answered') return { is: 'unavailable', cause: failure.cause };
  const { code, text, cause } = failure;
  if (code === 51 || code === 52 || code === 3) return { is: 'unavailable', cause };
  const data = /\bdata ([0-9a-f]+)\b/i.exec(text)?.[1]?.toLowerCase();
  const known = data === undefined ? undefined : BIND[data];
  if (known) return known(cause);
  return code === 49 && data === undefined ? { is: 'wrong' } : { is: 'refused', why: 'other', cause };
}
