/** The front door: who are you? Everything else stays quiet. */
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { PasskeyForm } from '../../ui/passkey-form.tsx';
import { paths } from '../../ui/paths.ts';
import { JourneyCard } from './journey-card.tsx';
import type { PageProps } from './page.ts';

export interface StartPageProps extends PageProps {
  /** What was typed, when the page comes back. */
  identifier?: string;
  error?: 'missing' | 'too-long' | 'passkey';
  goal?: 'recover' | 'unlock';
  /** The directory can unlock. */
  unlock?: boolean;
  /** People may begin with a passkey, without typing a name. */
  passkey?: boolean;
}

const mistakeOf = (t: PageProps['t'], error: NonNullable<StartPageProps['error']>) => {
  if (error === 'passkey') return { title: t('start.passkey-title'), list: [{ text: t('start.passkey-wrong') }] };
  const text = t(error === 'missing' ? 'start.missing' : 'start.too-long');
  return { title: t(error === 'missing' ? 'mistake.missing' : 'mistake.look'), list: [{ text, field: 'identifier' }] };
};

export const StartPage = ({ goal = 'recover', unlock, passkey, t, shell, identifier, error }: StartPageProps) => {
  const mistakes = error && mistakeOf(t, error);
  const wrong = error !== 'passkey' && mistakes ? mistakes.list[0]?.text : undefined;
  return (
    <JourneyCard
      t={t}
      shell={shell}
      title={t(goal === 'unlock' ? 'unlock.title' : 'start.title')}
      lead={t(goal === 'unlock' ? 'unlock.lead' : 'start.lead')}
      mistakes={mistakes}
    >
      <Form shell={shell} action={goal === 'unlock' ? paths.unlock : paths.recover}>
        <Field
          name="identifier"
          label={t('start.identifier')}
          value={identifier}
          autocomplete={passkey ? 'username webauthn' : 'username'}
          error={wrong}
          ltr
        />
        <Button>{t('continue')}</Button>
      </Form>
      {passkey && (
        <PasskeyForm
          kind="start"
          shell={shell}
          action={paths.passkey}
          ask={`${paths.passkey}/ask`}
          button={t('start.passkey')}
          quiet
          words={{ cancelled: t('passkey.cancelled'), failed: t('passkey.failed') }}
        />
      )}
      <ul class="or">
        {goal === 'unlock' && (
          <li>
            <a href={paths.start}>{t('unlock.recover')}</a>
          </li>
        )}
        {goal === 'recover' && unlock && (
          <li>
            <a href={paths.unlock}>{t('start.unlock')}</a>
          </li>
        )}
        <li>
          <a href={paths.username}>{t('start.username')}</a>
        </li>
        <li>
          <a href={paths.change}>{t('start.change')}</a>
        </li>
        <li>
          <a href={paths.signIn}>{t('start.enrol')}</a>
        </li>
      </ul>
    </JourneyCard>
  );
};
