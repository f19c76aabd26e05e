/** Make a passkey and give it a name. The device asks the rest. */
import { Field } from '../../ui/field.tsx';
import { PasskeyForm } from '../../ui/passkey-form.tsx';
import { paths } from '../../ui/paths.ts';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import type { JourneyProps } from './page.ts';

export interface CreatePasskeyPageProps extends JourneyProps {
  /** PublicKeyCredentialCreationOptionsJSON, as text. */
  options: string;
  /** `known`: the device has one already. `shared`: it is somebody else's. */
  error?: CodeError | { is: 'known' | 'shared' };
}

function mistakeOf(t: JourneyProps['t'], error: NonNullable<CreatePasskeyPageProps['error']>) {
  switch (error.is) {
    case 'known':
    case 'shared':
      return { title: t('passkey.not-made'), text: t(`passkey.${error.is}`) };
    case 'mismatch':
      return { title: t('passkey.not-made'), text: t('passkey.once-more') };
    default:
      return codeError(t, 'passkey', error);
  }
}

export const CreatePasskeyPage = ({ action, options, error, ...journey }: CreatePasskeyPageProps) => {
  const { t, shell, step } = journey;
  const wrong = error && mistakeOf(t, error);
  return (
    <JourneyCard
      {...journey}
      title={t('passkey.title')}
      lead={t('passkey.lead')}
      mistakes={wrong && { title: wrong.title, list: [{ text: wrong.text }] }}
    >
      <PasskeyForm
        kind="create"
        shell={shell}
        action={action}
        step={step}
        options={options}
        button={t('passkey.make')}
        words={{ cancelled: t('passkey.not-made-yet'), failed: t('passkey.cannot-make'), known: t('passkey.known') }}
        unable={t('passkey.unable-make')}
      >
        <Field name="label" label={t('passkey.name')} hint={t('passkey.name-hint')} maxLength={60} optional />
      </PasskeyForm>
      <ul class="or">
        <li>
          <a href={paths.addWay}>{t('passkey.other-way')}</a>
        </li>
      </ul>
    </JourneyCard>
  );
};
