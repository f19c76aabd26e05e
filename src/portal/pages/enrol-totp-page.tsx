/** Connect an authenticator app: scan, tap or type, then prove it with the first code. */
import { Button } from '../../ui/button.tsx';
import { CodeField } from '../../ui/code-field.tsx';
import { Form } from '../../ui/form.tsx';
import { QrCode } from '../../ui/qr-code.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import type { JourneyProps } from './page.ts';

export interface EnrolTotpPageProps extends JourneyProps {
  /** otpauth:// */
  uri: string;
  /** Base32 */
  secret: string;
  length: number;
  error?: CodeError;
}

const groupsOfFour = (text: string): string => text.match(/.{1,4}/g)?.join(' ') ?? text;

export const EnrolTotpPage = ({ action, uri, secret, length, error, ...journey }: EnrolTotpPageProps) => {
  const { t, shell, step } = journey;
  const wrong = error && codeError(t, 'totp', error);
  return (
    <JourneyCard
      {...journey}
      title={t('totp.title')}
      lead={t('totp.lead')}
      mistakes={wrong && { title: wrong.title, list: [wrong] }}
    >
      <h2>{t('totp.scan')}</h2>
      <QrCode text={uri} label={t('totp.qr')} />
      {uri.startsWith('otpauth://') && (
        <p>
          <a class="link" href={uri}>
            {t('totp.same-device')}
          </a>
        </p>
      )}
      <details>
        <summary>{t('totp.type')}</summary>
        <p class="soft">{t('totp.type-text')}</p>
        <code class="secret" dir="ltr">
          {groupsOfFour(secret)}
        </code>
      </details>
      <h2>{t('totp.prove')}</h2>
      <Form shell={shell} action={action} step={step}>
        <CodeField
          label={t('code.label')}
          hint={t('totp.prove-hint', { length })}
          error={wrong?.field && wrong.title}
          alphabet="digits"
          length={length}
        />
        <Button>{t('totp.button')}</Button>
      </Form>
    </JourneyCard>
  );
};
