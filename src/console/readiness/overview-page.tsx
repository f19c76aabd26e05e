/** Who could recover today: figures first, then why not, then where, then how it went day by day. */
import type { Overview } from '../../insight/readiness/figures.ts';
import { formatMoment, type Translate } from '../../text/index.ts';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Figures } from '../parts/figures.tsx';
import { ReadinessFilter } from './filter.tsx';
import { address, groupText, markText, PATH, PEOPLE } from './words.ts';

const percent = (ask: Pick<Ask, 'language'>, ready: number, notReady: number): string =>
  ready + notReady === 0
    ? '–'
    : new Intl.NumberFormat(ask.language, { style: 'percent', maximumFractionDigits: 1 }).format(
        ready / (ready + notReady),
      );

function Standing({ t, ask, overview: { state, waiting } }: { t: Translate; ask: Ask; overview: Overview }) {
  const ended = state?.walk_ended_at ?? undefined;
  const walking = state?.walk_started_at != null && ended === undefined;
  return (
    <p class="soft">
      {walking
        ? t('readiness.walk.under-way', { n: state.walk_listed })
        : ended === undefined
          ? t('readiness.walk.never')
          : t('readiness.walk.ended', { when: formatMoment(ask.language, ended, ask.shell.timeZone) })}{' '}
      {waiting > 0 && t('readiness.walk.waiting', { n: waiting })}
    </p>
  );
}

export function ReadinessPage({ ask, overview, typed }: { ask: Ask; overview: Overview; typed?: string | undefined }) {
  const { t } = ask;
  const { ready, notReady, off, reasons, groups, days, group, state } = overview;
  const number = (value: number) => value.toLocaleString(ask.language);
  const title = group ? t('readiness.title.group', { group: groupText(group.name) }) : t('readiness.title');
  const alarmed = groups.filter((one) => one.alarmed);
  return (
    <ConsolePage ask={ask} title={title} current="readiness">
      {typed !== undefined && !group && <Notice tone="wait">{t('readiness.group.unknown')}</Notice>}
      {state?.problem && (
        <Notice tone="bad" title={t('readiness.problem')}>
          <p lang="en" dir="ltr">
            {state.problem}
          </p>
        </Notice>
      )}
      {(alarmed.length > 0 || days.at(-1)?.alarmed) && (
        <Notice tone="bad" title={t('readiness.alarm')}>
          <p>{alarmed.map(({ name }) => groupText(name)).join(', ') || t('readiness.alarm.everybody')}</p>
        </Notice>
      )}
      <Figures
        items={[
          {
            label: t('readiness.share'),
            value: percent(ask, ready, notReady),
            tone: notReady === 0 ? 'good' : 'wait',
          },
          { label: t('readiness.ready'), value: number(ready) },
          { label: t('readiness.not-ready'), value: number(notReady), tone: notReady === 0 ? 'good' : 'bad' },
          { label: t('readiness.off'), value: number(off) },
        ]}
      />
      <Standing t={t} ask={ask} overview={overview} />
      <ReadinessFilter t={t} filter={{ group: group && groupText(group.name) }} />
      <DataTable
        caption={t('readiness.reasons')}
        empty={t('readiness.reasons.none')}
        columns={[
          { key: 'reason', title: t('readiness.reason') },
          { key: 'people', title: t('readiness.people'), numeric: true },
        ]}
        rows={reasons.map(({ reason, people }) => ({
          cells: {
            reason: <a href={address(PEOPLE, { group: group?.id, mark: reason })}>{markText(t, reason)}</a>,
            people: number(people),
          },
        }))}
      />
      {!group && (
        <DataTable
          caption={t('readiness.groups')}
          empty={t('readiness.groups.none')}
          columns={[
            { key: 'group', title: t('readiness.group') },
            { key: 'notReady', title: t('readiness.not-ready'), numeric: true },
            { key: 'share', title: t('readiness.share'), numeric: true },
            { key: 'note', title: t('readiness.note') },
          ]}
          rows={groups.map((one) => ({
            cells: {
              group: <a href={address(PATH, { group: one.id })}>{groupText(one.name)}</a>,
              notReady: number(one.notReady),
              share: percent(ask, one.ready, one.notReady),
              note: one.alarmed ? t('readiness.alarm.short') : '',
            },
          }))}
        />
      )}
      <DataTable
        caption={t('readiness.days')}
        empty={t('readiness.days.none')}
        columns={[
          { key: 'day', title: t('readiness.day') },
          { key: 'ready', title: t('readiness.ready'), numeric: true },
          { key: 'notReady', title: t('readiness.not-ready'), numeric: true },
          { key: 'share', title: t('readiness.share'), numeric: true },
          { key: 'note', title: t('readiness.note') },
        ]}
        rows={days.toReversed().map((one) => ({
          cells: {
            day: one.day,
            ready: number(one.ready),
            notReady: number(one.notReady),
            share: percent(ask, one.ready, one.notReady),
            note: one.alarmed ? t('readiness.alarm.short') : '',
          },
        }))}
      />
    </ConsolePage>
  );
}
