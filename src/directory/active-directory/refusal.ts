/**
 * What a domain controller means when it refuses, Windows and Samba alike: told by the Windows error and by `data NNN`, never
 * by the LDAP result code alone. The lists are in refusals.ts.
 */
import type { DirectoryPasswordPolicy, RefusedRule, SignInOutcome, WriteOutcome } from '../directory.ts';
import { isBusy, isReadOnly, type LdapFailure } from '../ldap/failure.ts';
import { BIND_ERRORS, SAMBA_TEXTS, WRITE_ERRORS } from './refusals.ts';

const windowsError = (text: string): string | undefined => /^([0-9A-Fa-f]{8}):/.exec(text)?.[1]?.toUpperCase();

export interface Attempted {
  password: string;
  policy: DirectoryPasswordPolicy;
  /** A change, or a reset with policy hints: history and age count. */
  aged: boolean;
}

/**
 * Windows does not say which rule. What can be computed of a password was judged before it was sent, so it is what can't:
 * the history where it counts, otherwise a character or a name that Windows takes differently than we do.
 */
export function guessedRules({ password, policy, aged }: Attempted): RefusedRule[] {
  // A directory counts UTF-16 units.
  if (policy.minLength !== undefined && password.length < policy.minLength) return ['too-short'];
  if (aged && policy.history !== undefined) return ['history'];
  return policy.complexity ? ['complexity'] : ['quality'];
}

export function writeRefusal(failure: LdapFailure, attempted: Attempted | undefined): WriteOutcome {
  if (failure.is === 'refused-connection') return { is: 'unavailable', cause: failure.cause };
  if (failure.is === 'lost') return { is: 'unknown', cause: failure.cause };
  const { code, text, cause } = failure;
  const error = windowsError(text);
  const known = WRITE_ERRORS.find((entry) => entry.error === error);
  if (isBusy(code) || isReadOnly(failure) || known?.means === 'busy') return { is: 'unavailable', cause };
  if (known?.means === 'wrong-password') return { is: 'wrong-password' };
  if (known?.means === 'rule') {
    const said = SAMBA_TEXTS.filter(({ says }) => says.test(text));
    if (said.length > 0) {
      return {
        is: 'refused',
        rules: said.map(({ rule }) => rule),
        cause,
        hint: said.map(({ hint }) => hint).join(' '),
      };
    }
    const rules = known.rules ?? (attempted ? guessedRules(attempted) : []);
    return { is: 'refused', rules, cause, hint: known.hint };
  }
  const hint = known ? { hint: known.hint } : {};
  // "operations error" and "other" may come after a part was done.
  return code === 80 ? { is: 'unknown', cause } : { is: 'failed', cause, ...hint };
}

export function bindRefusal(failure: LdapFailure): SignInOutcome {
  if (failure.is !== 'answered') return { is: 'unavailable', cause: failure.cause };
  const { code, text, cause } = failure;
  if (code === 51 || code === 52 || code === 3) return { is: 'unavailable', cause };
  const data = /\bdata ([0-9a-f]+)\b/i.exec(text)?.[1]?.toLowerCase();
  const known = BIND_ERRORS.find((entry) => entry.data === data);
  if (!known) return code === 49 && data === undefined ? { is: 'wrong' } : { is: 'refused', why: 'other', cause };
  const { means, what, hint } = known;
  if (means === 'wrong') return { is: 'wrong' };
  if (means === 'expired' || means === 'must-change') return { is: 'correct-but', why: means };
  return { is: 'refused', why: means, cause: `${what}: ${cause}`, hint };
}
