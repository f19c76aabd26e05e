/** The people behind a figure, by name, with why not. */
import type { Listed } from '../../insight/readiness/figures.ts';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Pager } from '../parts/pager.tsx';
import { type Filtered, ReadinessFilter } from './filter.tsx';
import { address, markText, PEOPLE } from './words.ts';

export interface PeoplePageProps {
  ask: Ask;
  filter: Filtered & { after?: string | undefined };
  listed: Listed;
}

export function PeoplePage({ ask, filter, listed: { rows, next } }: PeoplePageProps) {
  const { t } = ask;
  const { after, ...rest } = filter;
  const trial = ask.staff.rights.has('rules.try');
  return (
    <ConsolePage ask={ask} title={t('readiness.people.title')} current="readiness">
      <ReadinessFilter t={t} filter={filter} />
      <DataTable
        caption={t('readiness.people.caption')}
        empty={t(next ? 'readiness.people.none-here' : 'readiness.people.none')}
        columns={[
          { key: 'name', title: t('readiness.name') },
          { key: 'username', title: t('readiness.username') },
          { key: 'verdict', title: t('readiness.verdict') },
          { key: 'reasons', title: t('readiness.reason') },
          { key: 'trial', title: t('readiness.trial') },
        ]}
        rows={rows.map((row) => ({
          cells: {
            name: row.displayName,
            username: <bdi>{row.username}</bdi>,
            verdict: markText(t, row.verdict),
            reasons: row.reasons.map((reason) => markText(t, reason)).join(', '),
            trial: trial && <a href={address('/console/rules', { person: row.username })}>{t('readiness.trial.go')}</a>,
          },
        }))}
      />
      <Pager
        t={t}
        first={after === undefined ? undefined : address(PEOPLE, rest)}
        next={next === undefined ? undefined : address(PEOPLE, { ...rest, after: next })}
      />
      <p>
        <a href={address(`${PEOPLE}.csv`, rest)}>{t('readiness.csv')}</a>
      </p>
    </ConsolePage>
  );
}
