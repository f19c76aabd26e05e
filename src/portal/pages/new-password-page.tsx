/** Choose a new password: rules before typing, reasons after a refusal, and nothing is lost by one. */
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { JourneyCard } from './journey-card.tsx';
import { KnownUsername } from './known-username.tsx';
import {
  NewPasswordFields,
  type NewPasswordInput,
  newPasswordHeading,
  newPasswordMistakes,
} from './new-password-fields.tsx';
import { NewPasswordSuggest } from './new-password-suggest.tsx';
import type { JourneyProps } from './page.ts';

export interface NewPasswordPageProps extends JourneyProps, NewPasswordInput {
  /** For password managers only; not posted. */
  username: string;
}

export const NewPasswordPage = (props: NewPasswordPageProps) => {
  const { action, username, rules, rulesUrl, minLength, maxLength, suggestion, strength, error, ...journey } = props;
  const { t, shell, step, practice } = journey;
  const input = {
    rules,
    ...(rulesUrl === undefined ? {} : { rulesUrl }),
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(strength === undefined ? {} : { strength }),
    ...(error === undefined ? {} : { error }),
  };
  const mistakes = newPasswordMistakes(t, input);
  return (
    <JourneyCard
      {...journey}
      title={t('password.title')}
      lead={t('password.lead')}
      mistakes={mistakes.length > 0 ? { title: newPasswordHeading(t, input), list: mistakes } : undefined}
    >
      <Form shell={shell} action={action} step={step}>
        <KnownUsername username={username} />
        <NewPasswordFields t={t} {...input} />
        <Button>{t(practice ? 'password.set-practice' : 'password.set')}</Button>
      </Form>
      <NewPasswordSuggest
        t={t}
        shell={shell}
        action={`${action}/suggest`}
        step={step}
        again={suggestion !== undefined}
      />
    </JourneyCard>
  );
};
