/**
 * What OpenLDAP (and 389-DS) mean when they refuse a password or a bind: the policy control first, then result code
 * and text. The lists are in refusals.ts.
 */
import type { RefusedRule, SignInOutcome, WriteOutcome } from '../directory.ts';
import { isBusy, isReadOnly, type LdapFailure } from '../ldap/failure.ts';
import { ACCOUNT_LOCKED, CHANGE_AFTER_RESET, CONTROL_ERRORS, PASSWORD_EXPIRED, TEXTS } from './refusals.ts';

interface Named {
  rules: RefusedRule[];
  hint?: string;
}

function named(text: string, control: number | undefined): Named {
  const byControl = CONTROL_ERRORS.find(({ error }) => error === control);
  const byText = TEXTS.find(({ says }) => says.test(text));
  // The text is finer in two cases: "unchanged" comes as history, and 389-DS says quality for everything.
  const vague = byControl?.rule === 'quality' && byText !== undefined && byText.rule !== 'history';
  const found = byControl && !vague && byText?.rule !== 'unchanged' ? byControl : (byText ?? byControl);
  return { rules: found?.rule ? [found.rule] : [], ...(found ? { hint: found.hint } : {}) };
}

/** `control`: error of the policy response control of this very request. `old`: an old password was given. */
export function writeRefusal(failure: LdapFailure, control: number | undefined, old: boolean): WriteOutcome {
  if (failure.is === 'refused-connection') return { is: 'unavailable', cause: failure.cause };
  if (failure.is === 'lost') return { is: 'unknown', cause: failure.cause };
  const { code, text, cause } = failure;
  if (isBusy(code) || isReadOnly(failure)) return { is: 'unavailable', cause };
  if (old && ((code === 53 && /old password/i.test(text)) || code === 49)) return { is: 'wrong-password' };
  const { rules, ...hint } = named(text, control);
  if ((code === 19 || code === 53) && rules.length > 0) return { is: 'refused', rules, cause, ...hint };
  if (code === 19) return { is: 'refused', rules: ['quality'], cause, ...hint };
  // "other" (80) tells nothing: a back end may have failed half way.
  return code === 80 ? { is: 'unknown', cause } : { is: 'failed', cause, ...hint };
}

const LOCK_HINT = CONTROL_ERRORS.find(({ error }) => error === ACCOUNT_LOCKED)?.hint ?? '';

export interface PolicyResponse {
  error?: number;
  graceAuthNsRemaining?: number;
}

/** A bind that succeeded. */
export function signedIn(control: PolicyResponse | undefined): SignInOutcome {
  if (control?.error === CHANGE_AFTER_RESET) return { is: 'correct-but', why: 'must-change' };
  const grace = control?.graceAuthNsRemaining !== undefined;
  return grace || control?.error === PASSWORD_EXPIRED ? { is: 'correct-but', why: 'expired' } : { is: 'correct' };
}

/** A bind that did not. */
export function bindRefusal(failure: LdapFailure, control: PolicyResponse | undefined): SignInOutcome {
  if (failure.is !== 'answered') return { is: 'unavailable', cause: failure.cause };
  const { code, text, cause } = failure;
  if (control?.error === ACCOUNT_LOCKED)
    return { is: 'refused', why: 'locked', cause: `ppolicy: accountLocked, ${cause}`, hint: LOCK_HINT };
  // ppolicy looks at the age only after the password was found right.
  if (control?.error === PASSWORD_EXPIRED) return { is: 'correct-but', why: 'expired' };
  if (code === 49 || code === 48 || code === 32) return { is: 'wrong' };
  if (/retry limit/i.test(text)) return { is: 'refused', why: 'locked', cause };
  if (/inactivated/i.test(text)) return { is: 'refused', why: 'disabled', cause };
  if (code === 51 || code === 52 || code === 3) return { is: 'unavailable', cause };
  return { is: 'refused', why: 'other', cause };
}
