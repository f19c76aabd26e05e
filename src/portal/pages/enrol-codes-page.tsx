/** Ten saved codes, shown once: print them, copy them or write them down, then say so. */
import { formatDay } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { JourneyCard } from './journey-card.tsx';
import type { JourneyProps } from './page.ts';

export interface EnrolCodesPageProps extends JourneyProps {
  codes: readonly string[];
  /** For the printed sheet. */
  username: string;
  /** Address of the portal, for the printed sheet. */
  portalUrl?: string;
  /** ms; today, for the printed sheet. */
  madeAt: number;
  /** They replace an older sheet. */
  replaces?: boolean;
  error?: 'not-saved';
}

export const EnrolCodesPage = (props: EnrolCodesPageProps) => {
  const { action, codes, username, portalUrl, madeAt, replaces, error, ...journey } = props;
  const { t, shell, step } = journey;
  return (
    <JourneyCard
      {...journey}
      title={t('codes.title', { n: codes.length })}
      lead={t(replaces ? 'codes.lead-replaces' : 'codes.lead')}
      mistakes={error && { title: t('mistake.missing'), list: [{ text: t('codes.not-saved'), field: 'saved' }] }}
    >
      <dl class="facts paper">
        <dt>{t('codes.sheet.organisation')}</dt>
        <dd>{shell.organisation.name}</dd>
        <dt>{t('codes.sheet.account')}</dt>
        <dd>{username}</dd>
        <dt>{t('codes.sheet.made')}</dt>
        <dd>{formatDay(shell.language, madeAt, shell.timeZone)}</dd>
        {portalUrl && (
          <>
            <dt>{t('codes.sheet.where')}</dt>
            <dd dir="ltr">{portalUrl}</dd>
          </>
        )}
      </dl>
      <ol class="sheet mono" id="codes" data-copied={t('codes.copied')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div class="pair" data-needs-script hidden>
        <button type="button" class="button quiet" data-copy="codes">
          {t('codes.copy')}
        </button>
        <button type="button" class="button quiet" data-print>
          {t('codes.print')}
        </button>
      </div>
      <p class="soft" role="status" data-said-copied />
      <Form shell={shell} action={action} step={step}>
        <label class="tick">
          <input
            type="checkbox"
            id="saved"
            name="saved"
            value="yes"
            required
            aria-invalid={error ? 'true' : undefined}
          />
          <span>{t('codes.saved')}</span>
        </label>
        <Button>{t('codes.done')}</Button>
      </Form>
    </JourneyCard>
  );
};
