/** What can be wrong with a typed code, as sentences; the same on every page that asks for one. */
import { formatWait, type Translate } from '../../text/index.ts';
import { lookOf, type MethodId, type MethodLook } from './method-look.ts';

export type CodeError =
  | { is: 'missing' }
  /** `triesLeft`: for this code. */
  | { is: 'mismatch'; triesLeft?: number }
  /** Too late, superseded or used up: a new one is needed. */
  | { is: 'expired' }
  /** It was asked for elsewhere, and there is no answer or a no. Nothing was counted. */
  | { is: 'unavailable' }
  | { is: 'declined' }
  | { is: 'wait'; seconds: number };

export interface CodeMistake {
  title: string;
  /** Absent when typing something else does not help. */
  field?: 'code';
  text: string;
}

export function codeError(t: Translate, method: MethodId, error: CodeError): CodeMistake {
  if (error.is === 'missing') return { field: 'code', title: t('mistake.missing'), text: t('code.missing') };
  const look: MethodLook = lookOf(method);
  if (error.is === 'expired' && look.void) return { title: t(look.void.title), text: t(look.void.text) };
  if (error.is === 'expired') return { field: 'code', title: t('code.expired.title'), text: t('code.expired.text') };
  if (error.is === 'unavailable' || error.is === 'declined')
    return { title: t(`code.${error.is}.title`), text: t(`code.${error.is}.text`) };
  if (error.is === 'wait')
    return { title: t('code.wait.title'), text: t('code.wait.text', { wait: formatWait(t, error.seconds) }) };
  const advice = t(look.mismatch);
  const left = error.triesLeft === undefined ? '' : ` ${t('code.tries-left', { n: error.triesLeft })}`;
  return { field: 'code', title: t('code.mismatch.title'), text: `${advice}${left}` };
}
