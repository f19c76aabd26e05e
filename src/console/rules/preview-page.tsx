/** What a changed rule would do: how many, where, who. */
import type { Affected, Preview } from '../../insight/rules/preview.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Figures } from '../parts/figures.tsx';
import { groupText, markText } from '../readiness/words.ts';
import type { Said } from './index.tsx';
import { Sentences } from './rules-page.tsx';

export interface PreviewPageProps {
  ask: Ask;
  policy: string;
  preview: Preview;
  warnings: readonly Said[];
  unread: readonly string[];
}

function Part({ ask, is, affected }: { ask: Ask; is: 'stranded' | 'freed'; affected: Affected }) {
  const { t } = ask;
  if (affected.people === 0) return null;
  return (
    <>
      <h2>{t(`readiness.rules.${is}.title`, { n: affected.people })}</h2>
      <DataTable
        caption={t('readiness.rules.by-group')}
        empty={t('readiness.groups.none')}
        columns={[
          { key: 'group', title: t('readiness.group') },
          { key: 'people', title: t('readiness.people'), numeric: true },
        ]}
        rows={affected.groups.map(({ name, people }) => ({
          cells: { group: groupText(name), people: people.toLocaleString(ask.language) },
        }))}
      />
      <DataTable
        caption={t('readiness.rules.first', { n: affected.rows.length })}
        empty={t('readiness.people.none')}
        columns={[
          { key: 'name', title: t('readiness.name') },
          { key: 'username', title: t('readiness.username') },
          { key: 'reasons', title: t('readiness.rules.then') },
        ]}
        rows={affected.rows.map(({ row, judged }) => ({
          cells: {
            name: row.displayName,
            username: <bdi>{row.username}</bdi>,
            reasons: [markText(t, judged.verdict), ...judged.reasons.map((reason) => markText(t, reason))].join(', '),
          },
        }))}
      />
    </>
  );
}

export function PreviewPage({ ask, policy, preview: { people, stranded, freed }, warnings, unread }: PreviewPageProps) {
  const { t, shell } = ask;
  return (
    <ConsolePage ask={ask} title={t('readiness.rules.result')} current="rules">
      <p>{t('readiness.rules.nothing')}</p>
      <Figures
        items={[
          { label: t('readiness.rules.looked'), value: people.toLocaleString(ask.language) },
          {
            label: t('readiness.rules.stranded'),
            value: stranded.people.toLocaleString(ask.language),
            tone: stranded.people > 0 ? 'bad' : 'good',
          },
          { label: t('readiness.rules.freed'), value: freed.people.toLocaleString(ask.language) },
        ]}
      />
      {unread.length > 0 && (
        <Notice tone="wait" title={t('readiness.rules.unread')}>
          <p dir="ltr">{unread.join(', ')}</p>
        </Notice>
      )}
      {warnings.length > 0 && (
        <Notice tone="wait" title={t('readiness.rules.warnings')}>
          <Sentences list={warnings} />
        </Notice>
      )}
      <Part ask={ask} is="stranded" affected={stranded} />
      <Part ask={ask} is="freed" affected={freed} />
      <div class="row">
        {stranded.people + freed.people > 0 && (
          <Form shell={shell} action="/console/rules/preview.csv">
            <input type="hidden" name="policy" value={policy} />
            <Button look="quiet">{t('readiness.csv')}</Button>
          </Form>
        )}
        <a href="/console/rules">{t('readiness.rules.again')}</a>
      </div>
    </ConsolePage>
  );
}
