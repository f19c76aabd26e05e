/** All sections of settings: what is fixed, what was set here, what waits for somebody, what is risky. */
import type { Risk, SettingsVersion, Shown } from '../../settings/service.ts';
import { formatMoment } from '../../text/index.ts';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Figures } from '../parts/figures.tsx';

export interface OverviewPageProps {
  ask: Ask;
  shown: Shown;
  waiting: readonly SettingsVersion[];
  risks: readonly Risk[];
}

export function OverviewPage({ ask, shown, waiting, risks }: OverviewPageProps) {
  const { t, shell, language } = ask;
  const sections = [...Map.groupBy(shown.settings, ({ section }) => section)];
  return (
    <ConsolePage ask={ask} title={t('settings.title')} current="settings">
      <p>{t('settings.lead')}</p>
      {shown.ignored.length > 0 && (
        <Notice tone="wait" title={t('settings.ignored', { n: shown.ignored.length })}>
          <ul lang="en" dir="ltr">
            {shown.ignored.map(({ path, why }) => (
              <li key={path}>
                <code>{path}</code>: {why}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <Figures
        items={[
          {
            label: t('settings.version'),
            value: shown.current,
            note: <a href="/console/settings/history">{t('settings.history')}</a>,
          },
          {
            label: t('settings.risks'),
            value: risks.length,
            tone: risks.length > 0 ? 'wait' : 'good',
            note: <a href="/console/settings/risks">{t('settings.risks.see')}</a>,
          },
        ]}
      />
      {waiting.length > 0 && (
        <DataTable
          caption={t('settings.waiting')}
          empty=""
          columns={[
            { key: 'number', title: t('settings.number') },
            { key: 'who', title: t('settings.who') },
            { key: 'when', title: t('settings.when') },
            { key: 'why', title: t('settings.why') },
          ]}
          rows={waiting.map(({ number, author, createdAt, comment }) => ({
            cells: {
              number: <a href={`/console/settings/versions/${number}`}>{t('settings.version-n', { n: number })}</a>,
              who: <span dir="ltr">{author}</span>,
              when: formatMoment(language, createdAt, shell.timeZone),
              why: comment,
            },
          }))}
        />
      )}
      <DataTable
        caption={t('settings.sections')}
        empty=""
        columns={[
          { key: 'section', title: t('settings.section') },
          { key: 'all', title: t('settings.count'), numeric: true },
          { key: 'here', title: t('settings.set-here'), numeric: true },
          { key: 'locked', title: t('settings.locked'), numeric: true },
        ]}
        rows={sections.map(([section, list]) => ({
          cells: {
            section: (
              <a href={`/console/settings/edit/${section}`}>
                <code dir="ltr">{section}</code>
              </a>
            ),
            all: list.length,
            here: list.filter(({ from }) => from === 'settings').length,
            locked: list.filter(({ lockedBy }) => lockedBy !== undefined).length,
          },
        }))}
      />
      <p>
        <a href="/console/settings/texts">{t('settings.texts.find')}</a>
      </p>
    </ConsolePage>
  );
}
