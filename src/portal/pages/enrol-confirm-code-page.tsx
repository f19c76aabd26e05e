/** Type the code that was sent to the new address or phone: only then it counts. */
import type { TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { CodeField } from '../../ui/code-field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { type CodeError, type CodeMistake, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodLook } from './method-look.ts';
import type { JourneyProps } from './page.ts';
import { PressKeys } from './press-keys.tsx';
import { type Resend, ResendForm } from './resend-form.tsx';

export interface EnrolConfirmCodePageProps extends JourneyProps {
  method?: 'email' | 'sms' | 'voice';
  /** As the person typed it, or masked. */
  address: string;
  length: number;
  minutes?: number;
  /** Digits to press on the phone before a call says the code. */
  press?: string;
  error?: CodeError;
  /** The code is right, but the number may not be added: why. */
  refused?: TextKey;
  resent?: boolean;
  resend?: Resend;
  /** POST: "Use a different address". */
  changeAddressAction?: string;
}

export const EnrolConfirmCodePage = (props: EnrolConfirmCodePageProps) => {
  const {
    action,
    method = 'email',
    address,
    length,
    minutes = 10,
    press,
    error,
    refused,
    resent,
    resend,
    changeAddressAction,
    ...journey
  } = props;
  const { t, shell, step } = journey;
  const look: MethodLook = lookOf(method);
  const wrong: CodeMistake | undefined = refused
    ? { title: t('mistake.look'), text: t(refused) }
    : error && codeError(t, method, error);
  const mail = method === 'email';
  return (
    <JourneyCard
      {...journey}
      title={t(look.enterTitle)}
      lead={t(look.enterSent ?? 'code.sent-to', { address, length, minutes })}
      mistakes={wrong && { title: wrong.title, list: [wrong] }}
    >
      {resent && !wrong && (
        <Notice news title={t('code.resent.title')}>
          <p>{t('code.resent.text')}</p>
        </Notice>
      )}
      {press && <PressKeys t={t} keys={press} />}
      <Form shell={shell} action={action} step={step}>
        <CodeField label={t('code.label')} error={wrong?.field && wrong.title} alphabet="digits" length={length} />
        <Button>{t(mail ? 'address.confirm' : 'phone.confirm')}</Button>
      </Form>
      {resend && <ResendForm t={t} shell={shell} step={step} resend={resend} />}
      <p class="soft after">{t(look.trouble)}</p>
      {changeAddressAction && (
        <Form shell={shell} action={changeAddressAction} step={step}>
          <Button look="link">{t(mail ? 'address.different' : 'phone.different')}</Button>
        </Form>
      )}
    </JourneyCard>
  );
};
