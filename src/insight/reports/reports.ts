/** Reports: ranges as people type them, figures of them, the counts as a file, and the work that keeps them up to date. */
import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import * as store from '../../storage/repositories/reports.ts';
import { addDays, isDay } from './calendar.ts';
import type { ReportDeps } from './deps.ts';
import { dayPeriod } from './periods.ts';
import { isWhole, type Population, populationOf } from './population.ts';
import { type Range, type Report, reportOf } from './report.ts';
import { createRoller, type Rolled, type WorkOptions } from './roller.ts';

const DAYS = 30;
/** Ten years: whatever is typed, a question stays a question of a few thousand rows. */
const MOST_DAYS = 3_660;
const PAGE = 1_000;

/** As typed. */
export interface Asked {
  from?: string | undefined;
  to?: string | undefined;
  group?: string | undefined;
}

export interface Standing {
  /** ms; when the audit was last counted to its end. */
  countedAt: number | undefined;
  /** Records that are not counted yet. */
  waiting: number;
  /** Not everybody of the directory has been met. */
  peopleMissing: boolean;
}

export type Reports = ReturnType<typeof createReports>;

export function createReports(deps: ReportDeps, population: Population = populationOf(deps.storage)) {
  const { storage, clock, calendar, settings } = deps;
  const roller = createRoller(deps, population);

  /** What is no day, or the wrong way round, falls back to the last thirty days. */
  function rangeOf({ from, to, group }: Asked): Range {
    const today = calendar(clock.now()).day;
    const last = to !== undefined && isDay(to) ? to : today;
    const wished = from !== undefined && isDay(from) ? from : addDays(last, 1 - DAYS);
    const first = wished > last ? addDays(last, 1 - DAYS) : wished;
    const least = addDays(last, 1 - MOST_DAYS);
    return { from: first < least ? least : first, to: last, ...(group === undefined ? {} : { group }) };
  }

  async function* rows(range: Range): AsyncGenerator<string> {
    // Spreadsheets take a file for UTF-8 only when it says so.
    yield `\uFEFF${stringify([['day', 'measure', 'journey', 'rule', 'method', 'reason', 'count']])}`;
    const periods = { from: dayPeriod(range.from), to: dayPeriod(range.to) };
    for (let last: store.Counted | undefined; ; ) {
      const page: store.Counted[] = await store.page(storage.db, periods, range.group, last, PAGE);
      if (page.length > 0)
        yield stringify(
          page.map((one) => [one.period.slice(1), one.measure, one.kind, one.group, one.method, one.reason, one.n]),
          { escape_formulas: true },
        );
      last = page.at(-1);
      if (page.length < PAGE) return;
    }
  }

  return {
    rangeOf,
    report: (range: Range): Promise<Report> => reportOf(storage.db, range, settings),
    /** Names that a report can be narrowed to: rules of today, and those that people were under before. */
    groups: async (): Promise<string[]> => [...new Set([...deps.rules, ...(await store.groups(storage.db))])].sort(),
    async standing(): Promise<Standing> {
      const state = await store.state(storage.db);
      const last = await store.lastSeq(storage.db);
      return {
        countedAt: state?.counted_at ?? undefined,
        waiting: Math.max(0, last - Number(state?.seq ?? 0)),
        peopleMissing: !(await isWhole(storage)),
      };
    },
    /** The counts themselves, day by day. */
    csv: (range: Range): Readable => Readable.from(rows(range)),
    work: roller.work,
    /** Forgets all counts and makes them anew from the audit; how many people there were on past days stays. */
    async rebuild({
      evenSo = false,
      ...options
    }: WorkOptions & { evenSo?: boolean } = {}): Promise<Rolled | { is: 'cut' }> {
      const reset = await roller.reset(evenSo);
      return reset === 'begun' ? roller.work(options) : { is: reset };
    },
    begin: roller.begin,
  };
}
