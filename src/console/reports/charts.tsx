/** The drawings of a report. */
import type { Report } from '../../insight/reports/report.ts';
import type { Amounts, Translate } from '../../text/index.ts';
import { BarsChart } from '../parts/charts/bars-chart.tsx';
import { ColumnsChart } from '../parts/charts/columns-chart.tsx';
import { LineChart } from '../parts/charts/line-chart.tsx';
import { methodText, stepText } from './words.ts';

export interface Drawn {
  t: Translate;
  report: Report;
  show: Amounts;
  rtl: boolean;
}

export const TimeChart = ({ t, report, show }: Drawn) => (
  <ColumnsChart
    t={t}
    title={t('reports.by-time')}
    says={t('reports.by-time.says', {
      resets: show.number(report.resets),
      unlocks: show.number(report.unlocks),
      changes: show.number(report.changes),
    })}
    nameTitle={t(report.step === 'day' ? 'reports.day' : 'reports.month')}
    parts={[t('reports.resets'), t('reports.unlocks'), t('reports.changes')]}
    columns={report.byTime.map(({ at, resets, unlocks, changes }) => ({
      name: show.day(at),
      short: show.shortDay(at),
      values: [resets, unlocks, changes],
    }))}
    format={show.number}
  />
);

export function AdoptionChart({ t, report, show }: Drawn) {
  const points = report.adoptionByDay.filter(({ eligible }) => eligible > 0);
  const last = points.at(-1);
  if (!last) return null;
  return (
    <LineChart
      t={t}
      title={t('reports.adoption')}
      says={t('reports.adoption.says', { share: show.share(last.enrolled, last.eligible), day: show.day(last.day) })}
      points={points.map(({ day, eligible, enrolled }) => ({ short: show.shortDay(day), value: enrolled / eligible }))}
      format={show.percent}
      table={{
        columns: [
          { key: 'day', title: t('reports.day') },
          { key: 'enrolled', title: t('reports.enrolled'), numeric: true },
          { key: 'eligible', title: t('reports.eligible'), numeric: true },
          { key: 'share', title: t('reports.share'), numeric: true },
        ],
        rows: points.map(({ day, eligible, enrolled }) => ({
          cells: {
            day: show.day(day),
            enrolled: show.number(enrolled),
            eligible: show.number(eligible),
            share: show.share(enrolled, eligible),
          },
        })),
      }}
    />
  );
}

export function FunnelChart({ t, report: { funnel }, show, rtl }: Drawn) {
  const started = funnel[0]?.n ?? 0;
  const rows = funnel.map(({ name, n }, index) => ({
    name: stepText(t, name),
    value: n,
    share: show.share(n, started),
    lost: index === 0 ? 0 : Math.max(0, (funnel[index - 1]?.n ?? 0) - n),
  }));
  const done = funnel.at(-1)?.n ?? 0;
  return (
    <BarsChart
      t={t}
      rtl={rtl}
      title={t('reports.funnel')}
      says={t('reports.funnel.says', { done: show.number(done), started: show.number(started) })}
      bars={rows.map(({ name, value, share }) => ({ name, value, says: `${show.number(value)} · ${share}` }))}
      table={{
        columns: [
          { key: 'step', title: t('reports.step') },
          { key: 'n', title: t('reports.people'), numeric: true },
          { key: 'share', title: t('reports.share'), numeric: true },
          { key: 'lost', title: t('reports.lost'), numeric: true },
        ],
        rows: rows.map(({ name, value, share, lost }) => ({
          cells: { step: name, n: show.number(value), share, lost: show.number(lost) },
        })),
      }}
    />
  );
}

export const MethodsChart = ({ t, report: { methods }, show, rtl }: Drawn) => (
  <BarsChart
    t={t}
    rtl={rtl}
    title={t('reports.methods')}
    says={t('reports.methods.says', { n: methods.length })}
    bars={methods.map(({ method, chosen, passed }) => ({
      name: methodText(t, method),
      value: passed,
      says: t('reports.methods.of', { passed: show.number(passed), chosen: show.number(chosen) }),
    }))}
    table={{
      columns: [
        { key: 'method', title: t('reports.method') },
        { key: 'chosen', title: t('reports.chosen'), numeric: true },
        { key: 'passed', title: t('reports.passed'), numeric: true },
        { key: 'gaveUp', title: t('reports.gave-up'), numeric: true },
      ],
      rows: methods.map(({ method, chosen, passed }) => ({
        cells: {
          method: methodText(t, method),
          chosen: show.number(chosen),
          passed: show.number(passed),
          gaveUp: show.share(Math.max(0, chosen - passed), chosen),
        },
      })),
    }}
  />
);

export const HoursChart = ({ t, report: { byHour }, show }: Drawn) => (
  <ColumnsChart
    t={t}
    title={t('reports.by-hour')}
    says={t('reports.by-hour.says', { hour: byHour.indexOf(Math.max(...byHour)) })}
    nameTitle={t('reports.hour')}
    parts={[t('reports.people')]}
    columns={byHour.map((n, hour) => ({ name: `${hour}:00`, short: String(hour), values: [n] }))}
    format={show.number}
  />
);

export const RatingChart = ({ t, report: { rating }, show, rtl }: Drawn) =>
  rating ? (
    <BarsChart
      t={t}
      rtl={rtl}
      title={t('reports.rating')}
      says={t('reports.rating.says', { average: show.rating(rating.average), n: rating.n })}
      bars={rating.stars
        .map((n, index) => ({
          name: t('reports.stars', { n: index + 1 }),
          value: n,
          says: `${show.number(n)} · ${show.share(n, rating.n)}`,
        }))
        .reverse()}
      table={{
        columns: [
          { key: 'stars', title: t('reports.rating') },
          { key: 'n', title: t('reports.people'), numeric: true },
        ],
        rows: rating.stars
          .map((n, index) => ({ cells: { stars: t('reports.stars', { n: index + 1 }), n: show.number(n) } }))
          .reverse(),
      }}
    />
  ) : null;
