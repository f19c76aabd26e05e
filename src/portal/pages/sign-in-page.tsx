/** Sign in with the present password, to add ways back in; also "type it again" before something sensitive. */
import { formatWait } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import type { Mistake } from '../../ui/error-summary.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { paths } from '../../ui/paths.ts';
import { JourneyCard } from './journey-card.tsx';
import { KnownUsername } from './known-username.tsx';
import type { PageProps } from './page.ts';

export interface SignInPageProps extends PageProps {
  /** Fields `username` (not for `confirm`) and `password`. */
  action: string;
  /** `confirm`: signed in already, the password is asked again. */
  variant?: 'sign-in' | 'confirm';
  username?: string;
  notice?: 'signed-out' | 'idle';
  error?: { is: 'missing' | 'wrong' | 'refused' | 'unavailable' } | { is: 'wait'; seconds: number };
}

const texts = {
  missing: 'sign-in.missing',
  wrong: 'sign-in.wrong',
  refused: 'sign-in.refused',
  unavailable: 'sign-in.unavailable',
} as const;

export const SignInPage = ({ t, shell, action, variant = 'sign-in', username, notice, error }: SignInPageProps) => {
  const confirm = variant === 'confirm';
  const text =
    error && (error.is === 'wait' ? t('code.wait.text', { wait: formatWait(t, error.seconds) }) : t(texts[error.is]));
  const mistakes: Mistake[] = text ? [{ text, field: error?.is === 'unavailable' ? undefined : 'password' }] : [];
  return (
    <JourneyCard
      t={t}
      shell={shell}
      title={t(confirm ? 'sign-in.confirm-title' : 'sign-in.title')}
      lead={t(confirm ? 'sign-in.confirm-lead' : 'sign-in.lead')}
      mistakes={text ? { title: t('sign-in.failed'), list: mistakes } : undefined}
    >
      {notice && !error && (
        <Notice news>
          <p>{t(notice === 'idle' ? 'sign-in.idle' : 'sign-in.signed-out')}</p>
        </Notice>
      )}
      <Form shell={shell} action={action}>
        {confirm && username !== undefined && <KnownUsername username={username} />}
        {!confirm && (
          <Field name="username" label={t('start.identifier')} value={username} autocomplete="username" ltr />
        )}
        <PasswordField t={t} name="password" label={t('password.current')} autocomplete="current-password" />
        <Button>{t(confirm ? 'continue' : 'sign-in.button')}</Button>
      </Form>
      <ul class="or">
        <li>
          <a href={confirm ? paths.safety : paths.start}>{t(confirm ? 'back-to-safety' : 'sign-in.forgot')}</a>
        </li>
      </ul>
    </JourneyCard>
  );
};
