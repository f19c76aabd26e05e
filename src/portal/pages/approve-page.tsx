/** What a contact sees: who asks, when and from where, a warning, and the number that only the real person can tell them. */
import { formatMoment } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { CodeField } from '../../ui/code-field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { JourneyCard } from './journey-card.tsx';
import type { PageProps } from './page.ts';

export interface ApprovePageProps extends PageProps {
  who: string;
  username: string;
  /** ms */
  at: number;
  /** Coarse network address. */
  where?: string | undefined;
  practice: boolean;
  /** POST of `number`. */
  action: string;
  /** POST */
  refuseAction: string;
  error?: { is: 'missing' } | { is: 'wrong'; triesLeft: number };
}

export const ApprovePage = (props: ApprovePageProps) => {
  const { t, shell, who, username, at, where, practice, action, refuseAction, error } = props;
  const wrong =
    error &&
    (error.is === 'missing'
      ? { title: t('mistake.missing'), text: t('approve.missing') }
      : { title: t('approve.wrong.title'), text: t('approve.wrong.text', { n: error.triesLeft }) });
  return (
    <JourneyCard
      t={t}
      shell={shell}
      title={t('approve.title', { who })}
      lead={t('approve.lead', { who, username })}
      mistakes={wrong && { title: wrong.title, list: [{ text: wrong.text, field: 'number' }] }}
    >
      {practice && (
        <Notice title={t('practice.title')}>
          <p>{t('approve.practice', { who })}</p>
        </Notice>
      )}
      <dl class="facts">
        <dt>{t('approve.when')}</dt>
        <dd>{formatMoment(shell.language, at, shell.timeZone)}</dd>
        {where !== undefined && (
          <>
            <dt>{t('approve.where')}</dt>
            <dd>
              <bdi dir="ltr">{where}</bdi>
            </dd>
          </>
        )}
      </dl>
      <Notice tone="wait" title={t('approve.warning.title')}>
        <p>{t('approve.warning.text')}</p>
      </Notice>
      <Form shell={shell} action={action}>
        <CodeField
          name="number"
          label={t('approve.number', { who })}
          hint={t('approve.number-hint')}
          error={wrong?.title}
          alphabet="digits"
          length={3}
        />
        <Button>{t('approve.confirm', { who })}</Button>
      </Form>
      <Form shell={shell} action={refuseAction}>
        <Button look="quiet">{t('approve.refuse')}</Button>
      </Form>
    </JourneyCard>
  );
};
