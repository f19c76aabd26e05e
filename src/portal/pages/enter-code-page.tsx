/** Type a code: from a mail, an app or a saved sheet. One input, whole codes can be pasted. */
import { Button } from '../../ui/button.tsx';
import { CodeField } from '../../ui/code-field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { JourneyProps } from './page.ts';
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
}

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
    ...journey
  } = props;
  const { t, shell, step } = journey;
  const look = lookOf(method);
  const wrong = error && codeError(t, method, error);
  const lead = sentTo
    ? t('code.sent-to', { address: sentTo, length, minutes })
    : t(look.enterLead, { length, minutes });
  return (
    <JourneyCard
      {...journey}
      title={t(look.enterTitle)}
      lead={lead}
      mistakes={wrong && { title: wrong.title, list: [wrong] }}
    >
      {resent && !wrong && (
        <Notice news title={t('code.resent.title')}>
          <p>{t('code.resent.text')}</p>
        </Notice>
      )}
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
      {resend && <ResendForm t={t} shell={shell} step={step} resend={resend} />}
      <p class="soft after">{t(look.trouble)}</p>
      {anotherAction && (
        <Form shell={shell} action={anotherAction} step={step}>
          <Button look="link">{t('code.another')}</Button>
        </Form>
      )}
    </JourneyCard>
  );
};
