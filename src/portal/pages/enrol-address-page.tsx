/** Type an address; a code is sent there before it counts. */
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { JourneyCard } from './journey-card.tsx';
import type { JourneyProps } from './page.ts';

export interface EnrolAddressPageProps extends JourneyProps {
  /** Typed before, or suggested. Posted as `address`. */
  address?: string;
  error?: 'missing' | 'invalid' | 'same';
}

const texts = { missing: 'address.missing', invalid: 'address.invalid', same: 'address.same' } as const;

export const EnrolAddressPage = ({ action, address, error, ...journey }: EnrolAddressPageProps) => {
  const { t, shell, step } = journey;
  const wrong = error && t(texts[error]);
  return (
    <JourneyCard
      {...journey}
      title={t('address.title')}
      lead={t('address.lead')}
      mistakes={
        wrong
          ? {
              title: t(error === 'missing' ? 'mistake.missing' : 'mistake.look'),
              list: [{ text: wrong, field: 'address' }],
            }
          : undefined
      }
    >
      <Form shell={shell} action={action} step={step}>
        <Field
          name="address"
          keyboard="email"
          label={t('address.label')}
          hint={t('address.hint')}
          value={address}
          autocomplete="email"
          error={wrong}
          ltr
        />
        <Button>{t('address.send')}</Button>
      </Form>
    </JourneyCard>
  );
};
