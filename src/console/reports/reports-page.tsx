/** What an IT manager shows to the board: the figures that matter first, each with its formula, then where they come from. */
import type { Report } from '../../insight/reports/report.ts';
import type { Standing } from '../../insight/reports/reports.ts';
import { type Amounts, amountsIn, formatMoment, languageInfo, type TextKey } from '../../text/index.ts';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { type Figure, Figures } from '../parts/figures.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { AdoptionChart, FunnelChart, HoursChart, MethodsChart, RatingChart, TimeChart } from './charts.tsx';
import { endText, hurdleText, methodText, PATH, ruleText, turnedText } from './words.ts';

export interface ReportsPageProps {
  ask: Ask;
  report: Report;
  groups: readonly string[];
  standing: Standing;
  /** Something was typed that is no range. */
  corrected?: boolean;
}

function Filter({ ask: { t }, report, groups }: Pick<ReportsPageProps, 'ask' | 'report' | 'groups'>) {
  return (
    <FilterForm action={PATH} label={t('reports.filter')} button={t('reports.filter.button')}>
      <Field name="from" label={t('reports.from')} value={report.from} maxLength={10} ltr />
      <Field name="to" label={t('reports.to')} value={report.to} maxLength={10} ltr />
      <div class="field">
        <label for="group">{t('reports.group')}</label>
        <select class="text" id="group" name="group">
          <option value="">{t('reports.everybody')}</option>
          {groups.map((name) => (
            <option key={name} value={name} selected={name === report.group}>
              {name}
            </option>
          ))}
        </select>
      </div>
    </FilterForm>
  );
}

function keyFigures({ t }: Ask, report: Report, show: Amounts): Figure[] {
  const { adoption, resets, unlocks, savings, time, rating } = report;
  return [
    {
      label: t('reports.adoption'),
      value: adoption ? show.share(adoption.enrolled, adoption.eligible) : '–',
      note:
        adoption &&
        t('reports.adoption.of', {
          enrolled: show.number(adoption.enrolled),
          eligible: show.number(adoption.eligible),
        }),
    },
    { label: t('reports.resets'), value: show.number(resets) },
    { label: t('reports.unlocks'), value: show.number(unlocks) },
    {
      label: t('reports.median'),
      value: time ? show.span(time.median) : '–',
      note: time && t('reports.p90', { time: show.span(time.p90) }),
    },
    { label: t('reports.calls-avoided'), value: show.number(savings.callsAvoided) },
    ...(savings.money
      ? [
          {
            label: t('reports.saved'),
            value: show.money(savings.money.net, savings.currency),
            tone: savings.money.net >= 0 ? ('good' as const) : ('bad' as const),
          },
        ]
      : []),
    ...(rating
      ? [
          {
            label: t('reports.rating'),
            value: `${show.rating(rating.average)} / 5`,
            note: t('reports.answers', { n: rating.n }),
          },
        ]
      : []),
  ];
}

/** How calls and money are worked out, with the numbers in it. */
function Formula({
  ask: { t },
  report: { savings, calls },
  show,
}: {
  ask: Ask;
  report: Report & { calls: number };
  show: Amounts;
}) {
  const { money, currency } = savings;
  return (
    <section class="card" aria-labelledby="formula">
      <h2 id="formula">{t('reports.formula')}</h2>
      <p dir="auto">
        {t('reports.formula.calls', {
          helped: show.number(savings.selfHelped),
          share: show.percent(savings.share),
          calls: show.number(savings.callsAvoided),
        })}
      </p>
      {money ? (
        <p dir="auto">
          {t('reports.formula.money', {
            calls: show.number(savings.callsAvoided),
            cost: show.money(money.perCall, currency),
            messages: show.money(savings.messages, currency),
            net: show.money(money.net, currency),
          })}
        </p>
      ) : (
        <p class="soft">{t('reports.formula.no-cost')}</p>
      )}
      <p class="soft">{t('reports.formula.other-calls', { n: calls })}</p>
    </section>
  );
}

function Failures({ ask: { t }, report, show }: { ask: Ask; report: Report; show: Amounts }) {
  const rows = [
    ...(report.left > 0 ? [{ what: t('reports.left'), n: report.left }] : []),
    ...report.ended.map(({ name, n }) => ({ what: endText(t, name), n })),
  ];
  return (
    <>
      <DataTable
        caption={t('reports.ended')}
        empty={t('reports.none')}
        columns={[
          { key: 'what', title: t('reports.reason') },
          { key: 'n', title: t('reports.people'), numeric: true },
        ]}
        rows={rows.map(({ what, n }) => ({ cells: { what, n: show.number(n) } }))}
      />
      <DataTable
        caption={t('reports.hurdles')}
        empty={t('reports.none')}
        columns={[
          { key: 'what', title: t('reports.reason') },
          { key: 'method', title: t('reports.method') },
          { key: 'n', title: t('reports.times'), numeric: true },
        ]}
        rows={[
          ...report.hurdles.map(({ name, method, n }) => ({
            cells: { what: hurdleText(t, name), method: method && methodText(t, method), n: show.number(n) },
          })),
          ...report.rules.map(({ name, n }) => ({
            cells: { what: t('reports.rule', { rule: ruleText(t, name) }), method: '', n: show.number(n) },
          })),
        ]}
      />
      <DataTable
        caption={t('reports.turned-away')}
        empty={t('reports.none')}
        columns={[
          { key: 'what', title: t('reports.reason') },
          { key: 'n', title: t('reports.times'), numeric: true },
        ]}
        rows={report.turnedAway.map(({ name, n }) => ({ cells: { what: turnedText(t, name), n: show.number(n) } }))}
      />
    </>
  );
}

const CHANNELS: Record<string, TextKey> = {
  mail: 'reports.channel.mail',
  text: 'reports.channel.text',
  call: 'reports.channel.call',
};

export function ReportsPage({ ask, report, groups, standing, corrected }: ReportsPageProps) {
  const { t, language, shell } = ask;
  const show = amountsIn(language);
  const drawn = { t, report, show, rtl: languageInfo(language).direction === 'rtl' };
  const query = new URLSearchParams({
    from: report.from,
    to: report.to,
    ...(report.group ? { group: report.group } : {}),
  });
  return (
    <ConsolePage ask={ask} title={t('reports.title')} current="reports">
      {corrected && (
        <Notice tone="wait">
          <p>{t('reports.corrected')}</p>
        </Notice>
      )}
      <Filter ask={ask} report={report} groups={groups} />
      <p>
        <strong>
          {t('reports.range', { from: show.day(report.from), to: show.day(report.to) })}
          {report.group === undefined ? '' : ` · ${report.group}`}
        </strong>
      </p>
      <Figures items={keyFigures(ask, report, show)} />
      <TimeChart {...drawn} />
      <AdoptionChart {...drawn} />
      {standing.peopleMissing && <p class="soft">{t('reports.people-missing')}</p>}
      <FunnelChart {...drawn} />
      <MethodsChart {...drawn} />
      <Failures ask={ask} report={report} show={show} />
      <HoursChart {...drawn} />
      <RatingChart {...drawn} />
      <DataTable
        caption={t('reports.messages')}
        empty={t('reports.none')}
        columns={[
          { key: 'channel', title: t('reports.channel') },
          { key: 'sent', title: t('reports.sent'), numeric: true },
          { key: 'undelivered', title: t('reports.undelivered'), numeric: true },
          { key: 'cost', title: t('reports.cost'), numeric: true },
        ]}
        rows={report.messages.map(({ channel, sent, undelivered, cost }) => ({
          cells: {
            channel: t(CHANNELS[channel] as TextKey),
            sent: show.number(sent),
            undelivered: show.number(undelivered),
            cost: show.money(cost, report.savings.currency),
          },
        }))}
      />
      <Formula ask={ask} report={{ ...report, calls: report.savings.calls }} show={show} />
      <p>
        <a href={`${PATH}.csv?${query}`}>{t('reports.csv')}</a>
      </p>
      <p class="soft">
        {standing.countedAt === undefined
          ? t('reports.never-counted')
          : t('reports.counted', {
              when: formatMoment(language, standing.countedAt, shell.timeZone),
              n: standing.waiting,
            })}
      </p>
    </ConsolePage>
  );
}
