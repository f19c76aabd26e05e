/** The audit: filters, what was found newest first, the way on, and files. */
import type { AuditEntry } from '../../audit/read.ts';
import { formatMoment, type TextKey } from '../../text/index.ts';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Select } from '../../ui/select.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { Pager } from '../parts/pager.tsx';
import { address, FEEDS, OUTCOMES, PATH, type Typed } from './query.ts';

export interface AuditPageProps {
  ask: Ask;
  typed: Typed;
  entries: readonly AuditEntry[];
  first?: string | undefined;
  next?: string | undefined;
  /** Why nothing could be looked for. */
  why?: 'nobody' | 'unavailable';
}

export function AuditPage({ ask, typed, entries, first, next, why }: AuditPageProps) {
  const { t, shell, language } = ask;
  const all = ask.staff.scope.is === 'everybody';
  const field = (name: keyof Typed, ltr = true) => (
    <Field name={name} label={t(`audit.${name}` as TextKey)} value={typed[name] ?? ''} ltr={ltr} />
  );
  return (
    <ConsolePage ask={ask} title={t('audit.title')} current="audit">
      {why && <Notice tone="wait" title={t(why === 'nobody' ? 'audit.nobody' : 'audit.unavailable')} />}
      <FilterForm action={PATH} label={t('audit.filter')} button={t('audit.search')}>
        {field('who')}
        {field('event')}
        {field('since')}
        {field('until')}
        <Select
          name="outcome"
          label={t('audit.outcome')}
          empty={t('audit.any')}
          selected={typed.outcome}
          options={OUTCOMES.map((value) => ({ value, text: t(`audit.outcome.${value}` as TextKey) }))}
        />
        {field('actor')}
        {field('ip')}
        {field('text', false)}
      </FilterForm>
      <p class="soft">{t('audit.hint')}</p>
      <DataTable
        caption={t('audit.found')}
        empty={t(next === undefined ? 'audit.none' : 'audit.none-so-far')}
        columns={[
          { key: 'when', title: t('audit.when') },
          { key: 'event', title: t('audit.event') },
          { key: 'outcome', title: t('audit.outcome') },
          { key: 'actor', title: t('audit.actor') },
          { key: 'reason', title: t('audit.text') },
        ]}
        rows={entries.map((entry) => ({
          cells: {
            when: (
              <>
                {all ? (
                  <a href={`${PATH}/${entry.seq}`}>{formatMoment(language, Date.parse(entry.at), shell.timeZone)}</a>
                ) : (
                  formatMoment(language, Date.parse(entry.at), shell.timeZone)
                )}
                {entry.ip && <small dir="ltr">{entry.ip}</small>}
              </>
            ),
            event: <code dir="ltr">{entry.event}</code>,
            outcome: t(`audit.outcome.${entry.outcome}` as TextKey),
            actor: <span dir="ltr">{entry.actor}</span>,
            reason: (
              <span lang="en" dir="ltr">
                {entry.reason ?? ''}
              </span>
            ),
          },
        }))}
      />
      <Pager t={t} first={first} next={next} />
      {ask.staff.rights.has('audit.export') && why === undefined && (
        <section class="card" aria-labelledby="files">
          <h2 id="files">{t('audit.files')}</h2>
          <p class="soft">{t('audit.files.text')}</p>
          <p class="row">
            <a class="button quiet" href={address(`${PATH}.jsonl`, typed)}>
              {t('audit.jsonl')}
            </a>
            <a class="button quiet" href={address(`${PATH}.csv`, typed)}>
              {t('audit.csv')}
            </a>
          </p>
        </section>
      )}
      {all && (
        <p>
          <a href={FEEDS}>{t('audit.feeds')}</a>
        </p>
      )}
    </ConsolePage>
  );
}
