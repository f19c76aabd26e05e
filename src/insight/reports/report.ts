/**
 * Every figure of a report, read from sums: the same work for ten records and ten million. Shares are left to whoever shows them,
 * so that nothing is rounded twice.
 */
import * as store from '../../storage/repositories/reports.ts';
import type { Executor } from '../../storage/storage.ts';
import { addDays, daysFrom, monthOf } from './calendar.ts';
import { CHANNELS, type Channel } from './counts.ts';
import type { ReportSettings } from './deps.ts';
import { quantile } from './histogram.ts';
import { dayPeriod, periodsOf, shownAs } from './periods.ts';

export interface Range {
  /** Days, both included. */
  from: string;
  to: string;
  /** Name of a rule; absent: everybody. */
  group?: string | undefined;
}

/** How often something happened, by what it is called. */
export interface Named {
  name: string;
  n: number;
}

export interface Point {
  /** A day, or a month of a long range. */
  at: string;
  resets: number;
  unlocks: number;
  changes: number;
}

export interface Step {
  /** `started`, `gate-1` … `gate-9` (that gate was passed), `through` (all of them), `done`. */
  name: string;
  n: number;
}

export interface MethodFigures {
  method: string;
  chosen: number;
  passed: number;
}

export interface Report extends Range {
  step: 'day' | 'month';
  /** As of the last day of the range that was counted. */
  adoption: { day: string; eligible: number; enrolled: number } | undefined;
  adoptionByDay: readonly { day: string; eligible: number; enrolled: number }[];
  resets: number;
  unlocks: number;
  changes: number;
  /** Of resets and unlocks: with a helper's pass. */
  assisted: number;
  byTime: readonly Point[];
  byHour: readonly number[];
  /** Of resets; ms. */
  time: { median: number; p90: number; n: number } | undefined;
  funnel: readonly Step[];
  /** Began, and just went away. */
  left: number;
  methods: readonly MethodFigures[];
  /** Journeys that ended without success. */
  ended: readonly Named[];
  /** What went wrong on the way, whether or not it went well in the end: `method reason`. */
  hurdles: readonly (Named & { method: string })[];
  /** Rules that new passwords broke. */
  rules: readonly Named[];
  /** Nobody we know, or a limit. */
  turnedAway: readonly Named[];
  rating: { n: number; average: number; stars: readonly number[] } | undefined;
  messages: readonly { channel: Channel; sent: number; undelivered: number; cost: number }[];
  savings: Savings;
}

export interface Savings {
  /** Resets and unlocks that nobody assisted. */
  selfHelped: number;
  share: number;
  /** selfHelped × share */
  callsAvoided: number;
  /** Calls that helpers opened all the same. */
  calls: number;
  currency: string;
  /** All that messages cost. */
  messages: number;
  /** Absent: nobody said what a call costs. */
  money?: { perCall: number; gross: number; net: number };
}

/** Longer ranges are drawn by month. */
const MOST_DAYS = 92;

type Total = Awaited<ReturnType<typeof store.totals>>[number];

const sum = (totals: readonly Total[], fits: (one: Total) => boolean): number =>
  totals.reduce((n, one) => (fits(one) ? n + one.n : n), 0);

/** Most often first. */
function named(totals: readonly Total[], fits: (one: Total) => boolean, nameOf = (one: Total) => one.reason): Named[] {
  const found = new Map<string, number>();
  for (const one of totals) if (fits(one)) found.set(nameOf(one), (found.get(nameOf(one)) ?? 0) + one.n);
  return [...found].map(([name, n]) => ({ name, n })).sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1));
}

/** What funnel, failures and ways are about. */
const opens = ({ kind }: Pick<Total, 'kind'>): boolean => kind === 'recovery' || kind === 'unlock';

function funnelOf(totals: readonly Total[]): Step[] {
  const passed = named(totals, (one) => one.measure === 'passed' && opens(one));
  const gates = passed.map(({ name, n }) => ({ name: `gate-${name}`, n })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const of = (measure: string) => sum(totals, (one) => one.measure === measure && opens(one));
  return [
    { name: 'started', n: of('started') },
    ...gates,
    { name: 'through', n: of('through') },
    { name: 'done', n: of('done') },
  ];
}

function methodsOf(totals: readonly Total[]): MethodFigures[] {
  const of = (measure: string) =>
    new Map(
      named(
        totals,
        (one) => one.measure === measure && opens(one),
        (one) => one.method,
      ).map(({ name, n }) => [name, n]),
    );
  const [chosen, passed] = [of('chosen'), of('passed')];
  return [...chosen.keys()].map((method) => ({
    method,
    chosen: chosen.get(method) ?? 0,
    passed: passed.get(method) ?? 0,
  }));
}

const timeOf = (totals: readonly Total[]): Report['time'] => {
  const bins = new Map<number, number>();
  for (const one of totals)
    if (one.measure === 'time' && one.kind === 'recovery')
      bins.set(Number(one.reason), (bins.get(Number(one.reason)) ?? 0) + one.n);
  const [median, p90] = [quantile(bins, 0.5), quantile(bins, 0.9)];
  if (median === undefined || p90 === undefined) return undefined;
  return { median, p90, n: [...bins.values()].reduce((all, n) => all + n, 0) };
};

function ratingOf(totals: readonly Total[]): Report['rating'] {
  const stars = [1, 2, 3, 4, 5].map((star) =>
    sum(totals, (one) => one.measure === 'rating' && one.reason === String(star)),
  );
  const n = stars.reduce((all, one) => all + one, 0);
  if (n === 0) return undefined;
  return { n, average: stars.reduce((all, one, index) => all + one * (index + 1), 0) / n, stars };
}

function savingsOf(
  { resets, unlocks, assisted, calls }: Record<'resets' | 'unlocks' | 'assisted' | 'calls', number>,
  messages: number,
  { costPerCall, callsAvoidedShare: share, currency }: ReportSettings,
): Savings {
  const selfHelped = resets + unlocks - assisted;
  const callsAvoided = selfHelped * share;
  const gross = callsAvoided * (costPerCall ?? 0);
  return {
    selfHelped,
    share,
    callsAvoided,
    calls,
    currency,
    messages,
    ...(costPerCall === undefined ? {} : { money: { perCall: costPerCall, gross, net: gross - messages } }),
  };
}

/** Every day or month of the range, also those on which nothing happened. */
function pointsOf(
  { from, to }: Range,
  step: Report['step'],
  series: Awaited<ReturnType<typeof store.series>>,
): Point[] {
  const points = new Map<string, Point>();
  const nameOf = (day: string) => (step === 'day' ? day : monthOf(day));
  for (let day = from; day <= to; day = addDays(day, 1))
    if (!points.has(nameOf(day))) points.set(nameOf(day), { at: nameOf(day), resets: 0, unlocks: 0, changes: 0 });
  const kinds = { recovery: 'resets', unlock: 'unlocks', change: 'changes' } as const;
  for (const { period, kind, n } of series) {
    const point = points.get(nameOf(shownAs(period, 'day')));
    if (point && Object.hasOwn(kinds, kind)) point[kinds[kind as keyof typeof kinds]] += n;
  }
  return [...points.values()];
}

export async function reportOf(ex: Executor, range: Range, settings: ReportSettings): Promise<Report> {
  const { from, to, group } = range;
  const step = daysFrom(from, to) > MOST_DAYS ? 'month' : 'day';
  const totals = await store.totals(ex, periodsOf(from, to), group);
  const series = await store.series(ex, [{ from: dayPeriod(from), to: dayPeriod(to) }], ['done'], group);
  const adoptionByDay = await store.peopleByDay(ex, from, to, group);
  const done = (kind: string) => sum(totals, (one) => one.measure === 'done' && one.kind === kind);
  const [resets, unlocks, changes] = [done('recovery'), done('unlock'), done('change')];
  const assisted = sum(totals, (one) => one.measure === 'done' && opens(one) && one.reason === 'assisted');
  const calls = sum(totals, (one) => one.measure === 'call');
  const messages = CHANNELS.map((channel) => {
    const of = (measure: string) => sum(totals, (one) => one.measure === measure && one.method === channel);
    const sent = of('message');
    return { channel, sent, undelivered: of('undelivered'), cost: sent * settings.prices[channel] };
  });
  const cost = messages.reduce((all, one) => all + one.cost, 0);
  const funnel = funnelOf(totals);
  const ended = named(totals, (one) => one.measure === 'ended' && opens(one));
  const started = funnel[0]?.n ?? 0;
  const finished = resets + unlocks + ended.reduce((all, { n }) => all + n, 0);
  return {
    ...range,
    step,
    adoption: adoptionByDay.at(-1),
    adoptionByDay,
    resets,
    unlocks,
    changes,
    assisted,
    byTime: pointsOf(range, step, series),
    byHour: Array.from({ length: 24 }, (_, hour) =>
      sum(totals, (one) => one.measure === 'hour' && opens(one) && Number(one.reason) === hour),
    ),
    time: timeOf(totals),
    funnel,
    // A journey that ends after the range, or began before it, makes no one less.
    left: Math.max(0, started - finished),
    methods: methodsOf(totals),
    ended,
    hurdles: totals
      .filter((one) => one.measure === 'hurdle' && opens(one))
      .reduce<(Named & { method: string })[]>((all, { method, reason, n }) => {
        const known = all.find((one) => one.method === method && one.name === reason);
        if (known) known.n += n;
        else all.push({ name: reason, method, n });
        return all;
      }, [])
      .sort((a, b) => b.n - a.n || (`${a.method}${a.name}` < `${b.method}${b.name}` ? -1 : 1)),
    rules: named(totals, (one) => one.measure === 'rule'),
    turnedAway: named(totals, (one) => one.measure === 'turned-away' && opens(one)),
    rating: ratingOf(totals),
    messages,
    savings: savingsOf({ resets, unlocks, assisted, calls }, cost, settings),
  };
}
