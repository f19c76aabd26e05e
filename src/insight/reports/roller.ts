/**
 * Counts the audit into days and months as it grows. One node at a time does it, by a lease in the database; each bite moves the
 * cursor in the transaction that adds its counts, so that a node may die anywhere and nothing is lost or counted twice. The day
 * of a record is its own, however late it is counted.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditEntry } from '../../audit/read.ts';
import { hours, minutes, seconds } from '../../kernel/clock.ts';
import { newId } from '../../kernel/random.ts';
import * as store from '../../storage/repositories/reports.ts';
import { type Calendar, monthOf } from './calendar.ts';
import { countsOf } from './counts.ts';
import type { ReportDeps } from './deps.ts';
import { dayPeriod, monthPeriod } from './periods.ts';
import type { Population } from './population.ts';
import { mailWeek } from './weekly.ts';

const EVERY = seconds(10);
const LEASE = minutes(2);
const PEOPLE_EVERY = hours(1);
const BITE = 2_000;

export type Rolled = { is: 'done'; records: number } /** Another node is at it. */ | { is: 'busy' };

/** Counts of many records, each once. A record that can't be read counts nothing: proving the audit is another's work. */
export function sumUp(lines: readonly store.AuditLine[], calendar: Calendar): store.Counted[] {
  const sums = new Map<string, store.Counted>();
  for (const { body } of lines) {
    const entry = read(body);
    if (!entry) continue;
    const { day, hour } = calendar(Date.parse(entry.at));
    for (const { n, ...count } of countsOf(entry, hour))
      for (const period of [dayPeriod(day), monthPeriod(monthOf(day))]) {
        const { measure, kind, group, method, reason } = count;
        const key = `${period}\n${measure}\n${kind}\n${group}\n${method}\n${reason}`;
        const sum = sums.get(key);
        if (sum) sum.n += n;
        else sums.set(key, { ...count, period, n });
      }
  }
  return [...sums.values()];
}

function read(body: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(body) as AuditEntry | null;
    return typeof entry?.event === 'string' && !Number.isNaN(Date.parse(entry.at)) ? entry : undefined;
  } catch {
    return undefined;
  }
}

class LeaseLost extends Error {}

export interface WorkOptions {
  /** `left`: records still to be counted. */
  onProgress?: (done: number, left: number) => void;
  /** Records in one transaction. */
  bite?: number;
  /** People are counted now, whenever it was done last. */
  people?: boolean;
}

export type Roller = ReturnType<typeof createRoller>;

export function createRoller(deps: ReportDeps, population: Population) {
  const { storage, clock, calendar, settings, log } = deps;
  const own = newId();
  let stopped = false;
  const lease = () => ({ id: own, until: clock.now() + LEASE });

  async function roll(from: number, { bite = BITE, onProgress }: WorkOptions): Promise<number> {
    let records = 0;
    for (let seq = from; !stopped; ) {
      const lines = await store.linesAfter(storage.db, seq, bite);
      const last = lines.at(-1);
      if (!last) break;
      const counts = sumUp(lines, calendar);
      await storage.transaction(async (trx) => {
        const set = { seq: last.seq, counted_at: clock.now() };
        if (!(await store.hold(trx, lease(), set, { seq }))) throw new LeaseLost();
        await store.add(trx, counts);
      });
      records += lines.length;
      seq = last.seq;
      if (onProgress) onProgress(records, Math.max(0, (await store.lastSeq(storage.db)) - seq));
      if (lines.length < bite) break;
      // A long backlog must not hold up the people on this node.
      await wait(1);
    }
    return records;
  }

  async function countPeople(): Promise<void> {
    const people = await population();
    const { day } = calendar(clock.now());
    const old = calendar(clock.now() - settings.keep).day;
    await storage.transaction(async (trx) => {
      if (!(await store.hold(trx, lease(), { people_at: clock.now() }))) throw new LeaseLost();
      await store.keepPeople(trx, day, people);
      await store.sweep(trx, { day: old, month: monthOf(old) });
    });
  }

  /** Everything that is due. */
  async function work(options: WorkOptions = {}): Promise<Rolled> {
    const begun = await store.claim(storage.db, { ...lease(), now: clock.now() });
    if (!begun) return { is: 'busy' };
    try {
      const records = await roll(Number(begun.seq), options);
      const counted = calendar(begun.people_at ?? 0).day === calendar(clock.now()).day;
      if (options.people || !counted || clock.now() - (begun.people_at ?? 0) >= PEOPLE_EVERY) await countPeople();
      if (!stopped && (await mailWeek(deps, lease(), begun.mailed))) deps.outbox.nudge();
      return { is: 'done', records };
    } catch (error) {
      if (error instanceof LeaseLost) return { is: 'busy' };
      throw error;
    } finally {
      await store.letGo(storage.db, own).catch(() => undefined);
    }
  }

  /** Everything is counted again from the first record that is kept. `cut`: the first records are gone, so counts of old days would be, too. */
  async function reset(evenSo: boolean): Promise<'begun' | 'busy' | 'cut'> {
    // Of what retention took away nothing can be counted any more.
    if (!evenSo && (await store.firstSeq(storage.db)) > 1) return 'cut';
    const begun = await store.claim(storage.db, { ...lease(), now: clock.now() });
    if (!begun) return 'busy';
    return storage.transaction(async (trx) => {
      if (!(await store.hold(trx, lease(), { seq: 0 }))) return 'busy';
      await store.forgetCounts(trx);
      return 'begun';
    });
  }

  return {
    work,
    reset,
    /** @returns how to end it. */
    begin(): () => Promise<void> {
      stopped = false;
      let working: Promise<unknown> | undefined;
      const timer = setInterval(() => {
        working ??= work()
          .catch((error) =>
            log.warn({ err: error }, 'Reports could not be brought up to date; it will be tried again.'),
          )
          .finally(() => {
            working = undefined;
          });
      }, EVERY);
      timer.unref();
      return async () => {
        stopped = true;
        clearInterval(timer);
        await working;
      };
    },
  };
}
