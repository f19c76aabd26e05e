/** What OpenLDAP (and 389-DS) mean when they refuse a password or a bind: the policy control first, then result code and text. */
import type { RefusedRule, SignInOutcome, WriteOutcome } from '../directory.ts';
import { isBusy, type LdapFailure } from '../ldap/failure.ts';

/** Error codes of the password policy response control (draft-behera §6.2). */
const PASSWORD_EXPIRED = 0;
const ACCOUNT_LOCKED = 1;
const CHANGE_AFTER_RESET = 2;
const RULES: Record<number, RefusedRule> = {
  5: 'quality',
  6: 'too-short',
  7: 'too-young',
  8: 'history',
  9: 'too-long',
};

const TEXTS: [RegExp, RefusedRule][] = [
  [/in history/i, 'history'],
  [/not being changed from existing|same as (the )?(old|current)/i, 'unchanged'],
  [/too young/i, 'too-young'],
  [/too short/i, 'too-short'],
  [/too long/i, 'too-long'],
  [/quality|syntax|trivial|dictionary/i, 'quality'],
];

const rulesOf = (text: string, control: number | undefined): RefusedRule[] => {
  const byControl = control === undefined ? undefined : RULES[control];
  const byText = TEXTS.find(([pattern]) => pattern.test(text))?.[1];
  // The text is finer in two cases: "unchanged" comes as history, and 389-DS says quality for everything.
  if (byControl && byControl !== 'quality' && byText !== 'unchanged') return [byControl];
  if (byText) return [byText];
  return byControl ? [byControl] : [];
};

/** `control`: error of the policy response control of this very request. `old`: an old password was given. */
export function writeRefusal(failure: LdapFailure, control: number | undefined, old: boolean): WriteOutcome {
  if (failure.is === 'refused-connection') return { is: 'unavailable', cause: failure.cause };
  if (failure.is === 'lost') return { is: 'unknown', cause: failure.cause };
  const { code, text, cause } = failure;
  if (isBusy(code)) return { is: 'unavailable', cause };
  if (old && ((code === 53 && /old password/i.test(text)) || code === 49)) return { is: 'wrong-password' };
  const rules = rulesOf(text, control);
  if ((code === 19 || code === 53) && rules.length > 0) return { is: 'refused', rules, cause };
  if (code === 19) return { is: 'refused', rules: ['quality'], cause };
  if (code === 10) return { is: 'failed', cause: `This server is a read-only replica: ${cause}` };
  // "other" (80) tells nothing: a back end may have failed half way.
  return code === 80 ? { is: 'unknown', cause } : { is: 'failed', cause };
}

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
    return { is: 'refused', why: 'locked', cause: `ppolicy: accountLocked, ${cause}` };
  // ppolicy looks at the age only after the password was found right.
  if (control?.error === PASSWORD_EXPIRED) return { is: 'correct-but', why: 'expired' };
  if (code === 49 || code === 48 || code === 32) return { is: 'wrong' };
  if (/retry limit/i.test(text)) return { is: 'refused', why: 'locked', cause };
  if (/inactivated/i.test(text)) return { is: 'refused', why: 'disabled', cause };
  if (code === 51 || code === 52 || code === 3) return { is: 'unavailable', cause };
  return { is: 'refused', why: 'other', cause };
}
