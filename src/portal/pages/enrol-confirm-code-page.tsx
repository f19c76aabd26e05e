/** Type the code that was sent to the new address: only then it counts. */
import { Button } from '../../ui/button.tsx';
import { CodeField } from '../../ui/code-field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import type { JourneyProps } from './page.ts';
import { type Resend, ResendForm } from './resend-form.tsx';

export interface EnrolConfirmCodePageProps extends JourneyProps {
  /** As the person typed it. */
  address: string;
  length: number;
  minutes?: number;
  error?: CodeError;
  resent?: boolean;
  resend?: Resend;
  /** POST: "Use a different address". */
  changeAddressAction?: string;
}

export const EnrolConfirmCodePage = (props: EnrolConfirmCodePageProps) => {
  const { action, address, length, minutes = 10, error, resent, resend, changeAddressAction, ...journey } = props;
  const { t, shell, step } = journey;
  const wrong = error && codeError(t, 'email', error);
  return (
    <JourneyCard
      {...journey}
      title={t('method.email.enter-title')}
      lead={t('code.sent-to', { address, length, minutes })}
      mistakes={wrong && { title: wrong.title, list: [wrong] }}
    >
      {resent && !wrong && (
        <Notice news title={t('code.resent.title')}>
          <p>{t('code.resent.text')}</p>
        </Notice>
      )}
      <Form shell={shell} action={action} step={step}>
        <CodeField label={t('code.label')} error={wrong?.field && wrong.title} alphabet="digits" length={length} />
        <Button>{t('address.confirm')}</Button>
      </Form>
      {resend && <ResendForm t={t} shell={shell} step={step} resend={resend} />}
      <p class="soft after">{t('method.email.trouble')}</p>
      {changeAddressAction && (
        <Form shell={shell} action={changeAddressAction} step={step}>
          <Button look="link">{t('address.different')}</Button>
        </Form>
      )}
    </JourneyCard>
  );
};
