/** Use a passkey: one button, the device asks the rest. Nothing is typed. */
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { PasskeyForm } from '../../ui/passkey-form.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf } from './method-look.ts';
import type { JourneyProps } from './page.ts';

export interface UsePasskeyPageProps extends JourneyProps {
  /** PublicKeyCredentialRequestOptionsJSON, as text. */
  options: string;
  error?: CodeError;
  /** POST: "Try another way". */
  anotherAction?: string;
}

export const UsePasskeyPage = ({ action, options, error, anotherAction, ...journey }: UsePasskeyPageProps) => {
  const { t, shell, step } = journey;
  const look = lookOf('passkey');
  const wrong = error && codeError(t, 'passkey', error);
  const title = error?.is === 'mismatch' ? t('passkey.mismatch') : (wrong?.title ?? '');
  return (
    <JourneyCard
      {...journey}
      title={t(look.enterTitle)}
      lead={t(look.enterLead)}
      mistakes={wrong && { title, list: [{ text: wrong.text }] }}
    >
      <PasskeyForm
        kind="get"
        shell={shell}
        action={action}
        step={step}
        options={options}
        button={t('passkey.use')}
        words={{ cancelled: t('passkey.cancelled'), failed: t('passkey.failed') }}
        note={t(look.trouble)}
        unable={t('passkey.unable')}
      />
      {anotherAction && (
        <Form shell={shell} action={anotherAction} step={step}>
          <Button look="link">{t('code.another')}</Button>
        </Form>
      )}
    </JourneyCard>
  );
};
