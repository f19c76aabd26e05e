/** Somebody is asked whether they want to be a contact. Only the button says yes. */
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { JourneyCard } from './journey-card.tsx';
import type { PageProps } from './page.ts';

export interface AgreePageProps extends PageProps {
  who: string;
  username: string;
  /** POST */
  action: string;
  /** POST */
  refuseAction: string;
}

export const AgreePage = ({ t, shell, who, username, action, refuseAction }: AgreePageProps) => (
  <JourneyCard
    t={t}
    shell={shell}
    title={t('approve.agree.title', { who })}
    lead={t('approve.agree.lead', { who, username })}
  >
    <Form shell={shell} action={action}>
      <Button>{t('approve.agree.button')}</Button>
    </Form>
    <Form shell={shell} action={refuseAction}>
      <Button look="quiet">{t('approve.agree.refuse')}</Button>
    </Form>
  </JourneyCard>
);
