/** Change a password that is still known: also when it has run out or must be changed. */
import { formatWait, type TextKey, type Translate } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import type { Mistake } from '../../ui/error-summary.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { paths } from '../../ui/paths.ts';
import { JourneyCard } from './journey-card.tsx';
import { KnownUsername } from './known-username.tsx';
import {
  NewPasswordFields,
  type NewPasswordInput,
  newPasswordHeading,
  newPasswordMistakes,
} from './new-password-fields.tsx';
import { NewPasswordSuggest } from './new-password-suggest.tsx';
import type { PageProps } from './page.ts';

export type ChangeError =
  | NonNullable<NewPasswordInput['error']>
  /** Username or present password. */
  | { is: 'wrong-current' | 'missing-current' | 'unavailable' }
  | { is: 'wait'; seconds: number };

export interface ChangePageProps extends PageProps, Omit<NewPasswordInput, 'error'> {
  /** Fields `username` (not when signed in), `current`, `password`, `again`. */
  action: string;
  variant: 'known' | 'expired' | 'must-change' | 'leaked' | 'signed-in';
  username?: string;
  error?: ChangeError;
}

const leads = {
  known: 'change.lead',
  expired: 'change.lead-expired',
  'must-change': 'change.lead-must-change',
  leaked: 'change.lead-leaked',
  'signed-in': 'change.lead-signed-in',
} as const satisfies Record<ChangePageProps['variant'], TextKey>;

type OwnError = Exclude<ChangeError, NonNullable<NewPasswordInput['error']>>;
const isOwn = (error: ChangeError): error is OwnError =>
  !['missing', 'differ', 'not-applied', 'no-suggestion', 'refused'].includes(error.is);

function ownMistake(t: Translate, error: OwnError, signedIn: boolean): Mistake {
  if (error.is === 'wait') return { text: t('code.wait.text', { wait: formatWait(t, error.seconds) }) };
  if (error.is === 'unavailable') return { text: t('sign-in.unavailable') };
  if (error.is === 'missing-current') return { text: t('change.missing-current'), field: 'current' };
  return { text: t(signedIn ? 'change.wrong-current' : 'sign-in.wrong'), field: 'current' };
}

export const ChangePage = (props: ChangePageProps) => {
  const { t, shell, action, variant, username, error, ...input } = props;
  const signedIn = variant === 'signed-in';
  const own = error && isOwn(error) ? ownMistake(t, error, signedIn) : undefined;
  const fields = { ...input, ...(error && !isOwn(error) ? { error } : {}) };
  const mistakes = own ? [own] : newPasswordMistakes(t, fields);
  const heading = own ? t('change.failed') : newPasswordHeading(t, fields);
  return (
    <JourneyCard
      t={t}
      shell={shell}
      title={t('change.title')}
      lead={t(leads[variant])}
      mistakes={mistakes.length > 0 ? { title: heading, list: mistakes } : undefined}
    >
      <Form shell={shell} action={action}>
        {signedIn && username !== undefined && <KnownUsername username={username} />}
        {!signedIn && (
          <Field name="username" label={t('start.identifier')} value={username} autocomplete="username" ltr />
        )}
        <PasswordField
          t={t}
          name="current"
          label={t('password.current')}
          error={own?.field ? own.text : undefined}
          autocomplete="current-password"
        />
        <NewPasswordFields t={t} {...fields} />
        <Button>{t('password.set')}</Button>
      </Form>
      <NewPasswordSuggest t={t} shell={shell} action={`${action}/suggest`} again={fields.suggestion !== undefined} />
      <ul class="or">
        <li>
          <a href={signedIn ? paths.safety : paths.start}>{t(signedIn ? 'back-to-safety' : 'sign-in.forgot')}</a>
        </li>
      </ul>
    </JourneyCard>
  );
};
