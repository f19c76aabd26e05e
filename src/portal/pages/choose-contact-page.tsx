/** Name somebody who may confirm who you are. They are asked first. */
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { JourneyCard } from './journey-card.tsx';
import type { PageProps } from './page.ts';

export interface ChooseContactPageProps extends PageProps {
  /** POST of `address` and `label`. */
  action: string;
  address?: string | undefined;
  label?: string | undefined;
  /** `own`: an address of the person. `declined`: the one who was asked does not want to. */
  error?: 'missing' | 'invalid' | 'own' | 'same' | 'declined' | undefined;
}

const texts = {
  missing: 'address.missing',
  invalid: 'address.invalid',
  own: 'contact.own',
  same: 'contact.same',
  declined: 'contact.declined.text',
} as const;

const titles = { missing: 'mistake.missing', declined: 'contact.declined.title' } as const;

export const ChooseContactPage = ({ t, shell, action, address, label, error }: ChooseContactPageProps) => {
  const wrong = error && t(texts[error]);
  const title = error === 'missing' || error === 'declined' ? titles[error] : 'mistake.look';
  return (
    <JourneyCard
      t={t}
      shell={shell}
      title={t('contact.title')}
      lead={t('contact.lead')}
      mistakes={wrong ? { title: t(title), list: [{ text: wrong, field: 'address' }] } : undefined}
    >
      <Form shell={shell} action={action}>
        <Field
          name="address"
          keyboard="email"
          label={t('contact.address')}
          hint={t('contact.address-hint')}
          value={address}
          error={error === 'declined' ? undefined : wrong}
          ltr
        />
        <Field
          name="label"
          label={t('contact.label')}
          hint={t('contact.label-hint')}
          value={label}
          maxLength={60}
          optional
        />
        <Button>{t('contact.ask')}</Button>
      </Form>
    </JourneyCard>
  );
};
