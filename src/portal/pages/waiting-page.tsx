/** Everything is proven, but something looks unusual: wait, and know that everybody was told meanwhile. */
import { formatMoment } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { JourneyCard } from './journey-card.tsx';
import type { JourneyProps } from './page.ts';
import { ToldAddresses } from './told-addresses.tsx';

export interface WaitingPageProps extends JourneyProps {
  /** ms */
  until: number;
  /** Masked addresses that were told. */
  told: readonly string[];
  /** The time is over. */
  over: boolean;
}

export const WaitingPage = ({ action, until, told, over, ...journey }: WaitingPageProps) => {
  const { t, shell, step } = journey;
  const when = formatMoment(shell.language, until, shell.timeZone);
  return (
    <JourneyCard {...journey} title={t(over ? 'waiting.over-title' : 'waiting.title')} lead={t('waiting.lead')}>
      {!over && <p>{t('waiting.until', { when })}</p>}
      <ToldAddresses t={t} told={told} />
      <Form shell={shell} action={action} step={step}>
        <Button look={over ? 'main' : 'quiet'}>{t(over ? 'continue' : 'outcome.look-again')}</Button>
      </Form>
    </JourneyCard>
  );
};
