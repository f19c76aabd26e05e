/** One incident: what is known, what happened around it, and the acts, each with a sentence that says why. */
import type { Dossier } from '../../flow/incidents/service.ts';
import { formatMoment } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorSummary } from '../../ui/error-summary.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';
import { kindOf } from './kind.ts';

export interface IncidentPageProps {
  ask: Ask;
  dossier: Dossier;
  done?: boolean;
  /** Nothing was said about why. */
  error?: boolean;
}

export function IncidentPage({ ask, dossier, done, error }: IncidentPageProps) {
  const { t, shell, language } = ask;
  const { incident, account, frozenAt, watchedUntil, sessions, timeline } = dossier;
  const moment = (at: number) => formatMoment(language, at, shell.timeZone);
  const missing = error ? t('console.incidents.note.missing') : undefined;
  return (
    <ConsolePage ask={ask} title={kindOf(t, incident.kind)} current="incidents" failed={error === true}>
      {done && <Notice news title={t('console.incidents.done')} />}
      {missing && <ErrorSummary title={t('mistake.missing')} mistakes={[{ field: 'note', text: missing }]} />}
      <section class="card">
        <p lang="en" dir="ltr">
          {incident.says}
        </p>
        <Facts
          items={[
            [t('console.incidents.when'), moment(incident.openedAt)],
            [
              t('console.incidents.state'),
              incident.closedAt === undefined
                ? t('console.incidents.is-open')
                : t('console.incidents.closed-by', {
                    who: incident.closedBy ?? '',
                    when: moment(incident.closedAt),
                  }),
            ],
            [
              t('console.incidents.who'),
              account ? `${account.displayName} (${account.username})` : t('console.incidents.gone'),
            ],
            [
              t('console.incidents.frozen'),
              frozenAt === undefined
                ? t('console.incidents.frozen.no')
                : t('console.incidents.frozen.yes', { when: moment(frozenAt) }),
            ],
            [
              t('console.incidents.watched'),
              watchedUntil === undefined
                ? t('console.incidents.watched.no')
                : t('console.incidents.watched.until', { when: moment(watchedUntil) }),
            ],
            [t('console.incidents.sessions'), sessions],
          ]}
        />
      </section>
      {ask.staff.rights.has('incidents.act') && (
        <section class="card" aria-labelledby="acts">
          <h2 id="acts">{t('console.incidents.acts')}</h2>
          <Form shell={shell} action={`/console/incidents/${incident.id}/act`}>
            <Field
              name="note"
              label={t('console.incidents.note')}
              hint={t('console.incidents.note.hint')}
              maxLength={500}
              {...(missing ? { error: missing } : {})}
            />
            <p class="row">
              {frozenAt === undefined ? (
                <Button look="danger" name="act" value="freeze">
                  {t('console.incidents.freeze')}
                </Button>
              ) : (
                <Button look="quiet" name="act" value="thaw">
                  {t('console.incidents.thaw')}
                </Button>
              )}
              {sessions > 0 && (
                <Button look="quiet" name="act" value="end-sessions">
                  {t('console.incidents.end-sessions')}
                </Button>
              )}
              <Button look="quiet" name="act" value="watch">
                {t('console.incidents.watch')}
              </Button>
              {incident.closedAt === undefined && (
                <Button name="act" value="close">
                  {t('console.incidents.close')}
                </Button>
              )}
            </p>
          </Form>
        </section>
      )}
      <DataTable
        caption={t('console.incidents.timeline')}
        empty={t('console.incidents.timeline.none')}
        columns={[
          { key: 'when', title: t('console.incidents.when') },
          { key: 'event', title: t('console.incidents.event') },
          { key: 'outcome', title: t('console.incidents.outcome') },
          { key: 'from', title: t('console.incidents.from') },
          { key: 'reason', title: t('console.incidents.reason') },
        ]}
        rows={timeline.map((entry) => ({
          cells: {
            when: moment(Date.parse(entry.at)),
            event: <code dir="ltr">{entry.event}</code>,
            outcome: entry.outcome,
            from: <span dir="ltr">{entry.ip ?? ''}</span>,
            reason: (
              <span lang="en" dir="ltr">
                {entry.reason ?? ''}
              </span>
            ),
          },
        }))}
      />
    </ConsolePage>
  );
}
