/** Every version, newest first, and the difference between any two. */
import type { Change, SettingsVersion } from '../../settings/service.ts';
import { formatMoment, type TextKey } from '../../text/index.ts';
import { Field } from '../../ui/field.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { Pager } from '../parts/pager.tsx';
import { ChangeList } from './change-list.tsx';

export interface HistoryPageProps {
  ask: Ask;
  list: readonly SettingsVersion[];
  current: number;
  /** Two that are compared; `changes` absent: one of them does not exist. */
  compared?: { from: number; to: number; changes: readonly Change[] | undefined } | undefined;
  first?: string | undefined;
  next?: string | undefined;
}

export function HistoryPage({ ask, list, current, compared, first, next }: HistoryPageProps) {
  const { t, shell, language } = ask;
  return (
    <ConsolePage ask={ask} title={t('settings.history')} current="settings">
      <p>
        <a href="/console/settings">{t('settings.back')}</a>
      </p>
      <FilterForm action="/console/settings/history" label={t('settings.compare')} button={t('settings.compare')}>
        <Field
          name="from"
          label={t('settings.compare.from')}
          value={String(compared?.from ?? Math.max(0, current - 1))}
          maxLength={9}
        />
        <Field name="to" label={t('settings.compare.to')} value={String(compared?.to ?? current)} maxLength={9} />
      </FilterForm>
      {compared && (
        <section class="card" aria-labelledby="compared">
          <h2 id="compared">{t('settings.compared', { from: compared.from, to: compared.to })}</h2>
          {compared.changes ? <ChangeList t={t} changes={compared.changes} /> : <p>{t('settings.no-version')}</p>}
        </section>
      )}
      <DataTable
        caption={t('settings.versions')}
        empty={t('settings.versions.none')}
        columns={[
          { key: 'number', title: t('settings.number') },
          { key: 'when', title: t('settings.when') },
          { key: 'who', title: t('settings.who') },
          { key: 'state', title: t('settings.state') },
          { key: 'why', title: t('settings.why') },
        ]}
        rows={list.map(({ number, createdAt, author, state, comment }) => ({
          cells: {
            number: <a href={`/console/settings/versions/${number}`}>{t('settings.version-n', { n: number })}</a>,
            when: formatMoment(language, createdAt, shell.timeZone),
            who: <span dir="ltr">{author}</span>,
            state: t(`settings.state.${number === current ? 'current' : state}` as TextKey),
            why: comment,
          },
        }))}
      />
      <Pager t={t} first={first} next={next} />
    </ConsolePage>
  );
}
