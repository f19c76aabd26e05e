/** The number that a contact has to be told, and a page that goes on by itself once they have typed it. */
import { formatMoment } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { JourneyProps } from './page.ts';

export interface WaitApprovalPageProps extends JourneyProps {
  method: MethodId;
  number: string;
  /** ms; how long they have. */
  until: number;
  /** Who was asked, once the person may see it. */
  who?: string;
  /** Looked again, and nobody had confirmed. */
  waiting: boolean;
  error?: CodeError;
  /** POST: "Try another way". */
  anotherAction?: string;
  /** GET that says whether somebody has answered, for the script. */
  answeredUrl: string;
}

export const WaitApprovalPage = (props: WaitApprovalPageProps) => {
  const { action, method, number, until, who, waiting, error, anotherAction, answeredUrl, ...journey } = props;
  const { t, shell, step } = journey;
  const look = lookOf(method);
  const wrong = error && codeError(t, method, error);
  const when = formatMoment(shell.language, until, shell.timeZone);
  return (
    <JourneyCard
      {...journey}
      title={t(look.enterTitle)}
      lead={who === undefined ? t(look.enterLead) : t('approval.asked', { who })}
      mistakes={wrong && { title: wrong.title, list: [{ text: wrong.text }] }}
    >
      <p class="number" dir="ltr">
        <span class="unseen">{t('approval.number')} </span>
        {number}
      </p>
      <p>{t(look.trouble)}</p>
      <p class="soft">{t('approval.until', { when })}</p>
      {waiting && !wrong && (
        <Notice news tone="wait" title={t('approval.not-yet')}>
          <p>{t('approval.not-yet-text')}</p>
        </Notice>
      )}
      <div data-answered={answeredUrl}>
        <Form shell={shell} action={action} step={step}>
          <Button look="quiet">{t('outcome.look-again')}</Button>
        </Form>
      </div>
      {anotherAction && (
        <Form shell={shell} action={anotherAction} step={step}>
          <Button look="link">{t('code.another')}</Button>
        </Form>
      )}
    </JourneyCard>
  );
};
