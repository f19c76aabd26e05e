/** Type a code: from a mail, a text, a call, an app or a saved sheet. One input, whole codes can be pasted. */
import { Button } from '../../ui/button.tsx';
import { CodeField } from '../../ui/code-field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId, type MethodLook } from './method-look.ts';
import type { JourneyProps } from './page.ts';
import { PressKeys } from './press-keys.tsx';
import { type Resend, ResendForm } from './resend-form.tsx';

export interface EnterCodePageProps extends JourneyProps {
  method: MethodId;
  alphabet: 'digits' | 'crockford';
  length: number;
  /** How long a code that was sent works. */
  minutes?: number;
  /** Names the address, once the person may see it (masked). */
  sentTo?: string;
  error?: CodeError;
  /** A new code has just been sent. */
  resent?: boolean;
  resend?: Resend;
  /** POST: "Try another way". */
  anotherAction?: string;
  /** Digits to press on the phone before a call says the code. */
  press?: string;
  /** POST: the other way to reach the same phone. */
  instead?: { action: string; method: 'sms' | 'voice' };
}

/** As a page tells it: rounded up, and never none. */
export const minutesUntil = (at: number, now: number): number => Math.max(1, Math.ceil((at - now) / 60_000));

export const EnterCodePage = (props: EnterCodePageProps) => {
  const {
    action,
    method,
    alphabet,
    length,
    minutes = 10,
    sentTo,
    error,
    resent,
    resend,
    anotherAction,
    press,
    instead,
    ...journey
  } = props;
  const { t, shell, step } = journey;
  const look: MethodLook = lookOf(method);
  const wrong = error && codeError(t, method, error);
  const lead = sentTo
    ? t(look.enterSent ?? 'code.sent-to', { address: sentTo, length, minutes })
    : t(look.enterLead, { length, minutes });
  return (
    <JourneyCard
      {...journey}
      title={t(look.enterTitle)}
      lead={lead}
      mistakes={wrong && { title: wrong.title, list: [wrong] }}
    >
      {resent && !wrong && (
        <Notice news title={t(press ? 'call.resent.title' : 'code.resent.title')}>
          <p>{t(press ? 'call.resent.text' : 'code.resent.text')}</p>
        </Notice>
      )}
      {press && <PressKeys t={t} keys={press} />}
      <Form shell={shell} action={action} step={step}>
        <CodeField
          label={t('code.label')}
          hint={look.enterHint && t(look.enterHint)}
          error={wrong?.field && wrong.title}
          alphabet={alphabet}
          length={length}
        />
        <Button>{t('code.check')}</Button>
      </Form>
      {resend && <ResendForm t={t} shell={shell} step={step} resend={resend} rings={press !== undefined} />}
      <p class="soft after">{t(look.trouble)}</p>
      {instead && (
        <Form shell={shell} action={instead.action} step={step}>
          <input type="hidden" name="method" value={instead.method} />
          <Button look="link">{t(instead.method === 'voice' ? 'call.instead' : 'call.text-instead')}</Button>
        </Form>
      )}
      {anotherAction && (
        <Form shell={shell} action={anotherAction} step={step}>
          <Button look="link">{t('code.another')}</Button>
        </Form>
      )}
    </JourneyCard>
  );
};
