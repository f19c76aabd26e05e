/** The last step of an unlock: one button. The password stays what it is. */
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { JourneyCard } from './journey-card.tsx';
import type { JourneyProps } from './page.ts';

export interface ConfirmUnlockPageProps extends JourneyProps {
  /** The directory could not be reached just now. */
  failed?: boolean;
}

export const ConfirmUnlockPage = ({ action, failed, ...journey }: ConfirmUnlockPageProps) => {
  const { t, shell, step } = journey;
  return (
    <JourneyCard
      {...journey}
      title={t('unlock.confirm-title')}
      lead={t('unlock.confirm-lead')}
      mistakes={failed ? { title: t('unlock.failed'), list: [{ text: t('unlock.failed-text') }] } : undefined}
    >
      <Form shell={shell} action={action} step={step}>
        <Button>{t('unlock.button')}</Button>
      </Form>
    </JourneyCard>
  );
};
