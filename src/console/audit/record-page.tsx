/** One record of the audit, whole, with the sentence that says what its event means. */
import { auditEvents } from '../../audit/events.ts';
import type { AuditEntry } from '../../audit/read.ts';
import { formatMoment, type TextKey } from '../../text/index.ts';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { Facts } from '../parts/facts.tsx';
import { PATH } from './query.ts';

const PARTS = ['actor', 'subject', 'ip', 'flow', 'method', 'reason'] as const;

export function RecordPage({ ask, entry }: { ask: Ask; entry: AuditEntry | undefined }) {
  const { t, shell, language } = ask;
  if (!entry)
    return (
      <ConsolePage ask={ask} title={t('audit.title')} current="audit" failed>
        <p>{t('audit.missing')}</p>
      </ConsolePage>
    );
  return (
    <ConsolePage ask={ask} title={t('audit.record', { seq: entry.seq })} current="audit">
      <section class="card">
        <p lang="en" dir="ltr">
          {auditEvents[entry.event]}
        </p>
        <Facts
          items={[
            [t('audit.when'), formatMoment(language, Date.parse(entry.at), shell.timeZone)],
            [
              t('audit.event'),
              <code key="event" dir="ltr">
                {entry.event}
              </code>,
            ],
            [t('audit.outcome'), t(`audit.outcome.${entry.outcome}` as TextKey)],
            ...PARTS.filter((part) => entry[part] !== undefined).map(
              (part) =>
                [
                  t(`audit.part.${part}` as TextKey),
                  <span key={part} lang="en" dir="ltr">
                    {entry[part]}
                  </span>,
                ] as const,
            ),
            ...(entry.detail === undefined
              ? []
              : [
                  [
                    t('audit.detail'),
                    <code key="detail" dir="ltr">
                      {JSON.stringify(entry.detail)}
                    </code>,
                  ] as const,
                ]),
          ]}
        />
        <p>
          <a href={PATH}>{t('audit.back')}</a>
        </p>
      </section>
    </ConsolePage>
  );
}
