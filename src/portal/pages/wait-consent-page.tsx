/** A contact was asked whether they want to be one. Nobody has to stay for the answer. */
import { formatMoment } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { paths } from '../../ui/paths.ts';
import { JourneyCard } from './journey-card.tsx';
import type { PageProps } from './page.ts';

export interface WaitConsentPageProps extends PageProps {
  /** POST: look again. */
  action: string;
  /** POST: ask somebody else. */
  restartAction: string;
  who: string;
  /** ms */
  until: number;
  /** Looked again, and there was no answer. */
  waiting: boolean;
}

export const WaitConsentPage = (props: WaitConsentPageProps) => {
  const { t, shell, action, restartAction, who, until, waiting } = props;
  const when = formatMoment(shell.language, until, shell.timeZone);
  return (
    <JourneyCard t={t} shell={shell} title={t('contact.waiting.title', { who })} lead={t('contact.waiting.lead')}>
      {waiting && (
        <Notice news tone="wait" title={t('contact.waiting.not-yet')}>
          <p>{t('approval.not-yet-text')}</p>
        </Notice>
      )}
      <p>{t('contact.waiting.until', { when })}</p>
      <Form shell={shell} action={action}>
        <Button look="quiet">{t('outcome.look-again')}</Button>
      </Form>
      <Form shell={shell} action={restartAction}>
        <Button look="link">{t('contact.waiting.other')}</Button>
      </Form>
      <ul class="or">
        <li>
          <a href={paths.safety}>{t('back-to-safety')}</a>
        </li>
      </ul>
    </JourneyCard>
  );
};
