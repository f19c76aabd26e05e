/**
 * What reports are read from: sums by day and by month. The cursor through the audit moves in the transaction that adds what it
 * passed, so whatever dies in between, every record is counted exactly once.
 */
import { type Insertable, type Selectable, sql } from 'kysely';
import { prepared } from '../prepared.ts';
import type { ReportCountTable, ReportStateTable } from '../schema.ts';
import type { Executor, Trx } from '../storage.ts';

export interface Count {
  measure: string;
  kind: string;
  /** Name of the rule that held for the person; empty: nobody's. */
  group: string;
  method: string;
  reason: string;
}

export interface Counted extends Count {
  /** `d2026-11-24` or `m2026-11`. */
  period: string;
  n: number;
}

/** Both ends included, of one kind of period. */
export interface PeriodRange {
  from: string;
  to: string;
}

export type ReportState = Selectable<ReportStateTable>;

export interface AuditLine {
  seq: number;
  body: string;
}

const addOne = prepared((ex, row: Insertable<ReportCountTable>) =>
  ex
    .insertInto('report_counts')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['period', 'measure', 'kind', 'grp', 'method', 'reason'])
        .doUpdateSet((eb) => ({ n: eb('report_counts.n', '+', eb.ref('excluded.n')) })),
    ),
);

const after = prepared((ex, { seq, limit }: { seq: number; limit: number }) =>
  ex.selectFrom('audit').select(['seq', 'body']).where('seq', '>', seq).orderBy('seq').limit(limit),
);

/** Records behind the cursor, in their order. */
export const linesAfter = async (ex: Executor, seq: number, limit: number): Promise<AuditLine[]> =>
  (await after(ex, { seq, limit })).rows;

export async function add(trx: Trx, counts: readonly Counted[]): Promise<void> {
  for (const { group, ...count } of counts) await addOne(trx, { ...count, grp: group });
}

const within = (ranges: readonly PeriodRange[]) =>
  sql<boolean>`(${sql.join(
    ranges.map(({ from, to }) => sql`(period >= ${from} and period <= ${to})`),
    sql` or `,
  )})`;

/** Sums over all those periods. */
export async function totals(
  ex: Executor,
  ranges: readonly PeriodRange[],
  group?: string,
): Promise<Omit<Counted, 'period' | 'group'>[]> {
  const rows = await ex
    .selectFrom('report_counts')
    .select(['measure', 'kind', 'method', 'reason'])
    .select((eb) => eb.fn.sum<number>('n').as('n'))
    .where(within(ranges))
    .$if(group !== undefined, (query) => query.where('grp', '=', group as string))
    .groupBy(['measure', 'kind', 'method', 'reason'])
    .execute();
  return rows.map((row) => ({ ...row, n: Number(row.n) }));
}

/** Some measures, period by period. */
export async function series(
  ex: Executor,
  ranges: readonly PeriodRange[],
  measures: readonly string[],
  group?: string,
): Promise<Omit<Counted, 'group'>[]> {
  const rows = await ex
    .selectFrom('report_counts')
    .select(['period', 'measure', 'kind', 'method', 'reason'])
    .select((eb) => eb.fn.sum<number>('n').as('n'))
    .where(within(ranges))
    .where('measure', 'in', [...measures])
    .$if(group !== undefined, (query) => query.where('grp', '=', group as string))
    .groupBy(['period', 'measure', 'kind', 'method', 'reason'])
    .orderBy('period')
    .execute();
  return rows.map((row) => ({ ...row, n: Number(row.n) }));
}

/** Everything as it is kept, day by day, from one row to the next: for files. */
export async function page(
  ex: Executor,
  range: PeriodRange,
  group: string | undefined,
  last: Counted | undefined,
  limit: number,
): Promise<Counted[]> {
  const rows = await ex
    .selectFrom('report_counts')
    .selectAll()
    .where(within([range]))
    .$if(group !== undefined, (query) => query.where('grp', '=', group as string))
    .$if(last !== undefined, (query) =>
      query.where(
        sql<boolean>`(period, measure, kind, grp, method, reason) > (${last?.period}, ${last?.measure}, ${last?.kind}, ${last?.group}, ${last?.method}, ${last?.reason})`,
      ),
    )
    .orderBy('period')
    .orderBy('measure')
    .orderBy('kind')
    .orderBy('grp')
    .orderBy('method')
    .orderBy('reason')
    .limit(limit)
    .execute();
  return rows.map(({ grp, n, ...row }) => ({ ...row, group: grp, n: Number(n) }));
}

// --- who could, and who has ---

export interface People {
  group: string;
  eligible: number;
  enrolled: number;
}

/** Figures of that day take the place of those before. */
export async function keepPeople(trx: Trx, day: string, groups: readonly People[]): Promise<void> {
  await trx.deleteFrom('report_people').where('day', '=', day).execute();
  for (const { group, eligible, enrolled } of groups)
    await trx.insertInto('report_people').values({ day, grp: group, eligible, enrolled }).execute();
}

/** Sums of each day, oldest first. */
export async function peopleByDay(
  ex: Executor,
  from: string,
  to: string,
  group?: string,
): Promise<{ day: string; eligible: number; enrolled: number }[]> {
  const rows = await ex
    .selectFrom('report_people')
    .select('day')
    .select((eb) => [eb.fn.sum<number>('eligible').as('eligible'), eb.fn.sum<number>('enrolled').as('enrolled')])
    .where('day', '>=', from)
    .where('day', '<=', to)
    .$if(group !== undefined, (query) => query.where('grp', '=', group as string))
    .groupBy('day')
    .orderBy('day')
    .execute();
  return rows.map(({ day, eligible, enrolled }) => ({ day, eligible: Number(eligible), enrolled: Number(enrolled) }));
}

export async function peopleOn(ex: Executor, day: string): Promise<People[]> {
  const rows = await ex.selectFrom('report_people').selectAll().where('day', '=', day).orderBy('grp').execute();
  return rows.map(({ grp, eligible, enrolled }) => ({
    group: grp,
    eligible: Number(eligible),
    enrolled: Number(enrolled),
  }));
}

/** Names of all groups that ever had people. */
export async function groups(ex: Executor): Promise<string[]> {
  const rows = await ex.selectFrom('report_people').select('grp').distinct().orderBy('grp').execute();
  return rows.map(({ grp }) => grp);
}

/** A bite of readiness, summed: so that no question about a million accounts holds anybody up. */
export async function populationPage(
  ex: Executor,
  last: string,
  limit: number,
): Promise<{ last: string | undefined; groups: People[] }> {
  // Found by the database, which may order texts otherwise than we do.
  const end = await ex
    .selectFrom('readiness')
    .select('account_id')
    .where('account_id', '>', last)
    .orderBy('account_id')
    .limit(1)
    .offset(limit - 1)
    .executeTakeFirst();
  const rows = await ex
    .selectFrom('readiness')
    .select('rule')
    .select([
      sql<number>`sum(case when verdict = 'off' then 0 else 1 end)`.as('eligible'),
      sql<number>`sum(case when verdict = 'off' or reasons like '%"never-enrolled"%' then 0 else 1 end)`.as('enrolled'),
    ])
    .where('account_id', '>', last)
    .$if(end !== undefined, (query) => query.where('account_id', '<=', end?.account_id ?? ''))
    .groupBy('rule')
    .execute();
  return {
    last: end?.account_id,
    groups: rows.map(({ rule, eligible, enrolled }) => ({
      group: rule,
      eligible: Number(eligible),
      enrolled: Number(enrolled),
    })),
  };
}

// --- one node at a time ---

export const state = (ex: Executor): Promise<ReportState | undefined> =>
  ex.selectFrom('report_state').selectAll().where('id', '=', 1).executeTakeFirst();

/** @returns undefined while another node is at it. */
export async function claim(
  ex: Executor,
  lease: { id: string; now: number; until: number },
): Promise<ReportState | undefined> {
  await ex
    .insertInto('report_state')
    .values({ id: 1, seq: 0, lease_until: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return ex
    .updateTable('report_state')
    .set({ lease: lease.id, lease_until: lease.until })
    .where('id', '=', 1)
    .where((eb) => eb.or([eb('lease_until', '<=', lease.now), eb('lease', '=', lease.id)]))
    .returningAll()
    .executeTakeFirst();
}

/**
 * In the transaction of the work. `was`: what must still hold, so that nothing is counted or mailed twice even when a lease
 * ran out while its holder slept. @returns false when it does not.
 */
export async function hold(
  trx: Trx,
  lease: { id: string; until: number },
  set: Partial<Pick<ReportState, 'seq' | 'counted_at' | 'people_at' | 'mailed'>>,
  was: Partial<Pick<ReportState, 'seq' | 'mailed'>> = {},
): Promise<boolean> {
  const { seq, mailed } = was;
  const { numUpdatedRows } = await trx
    .updateTable('report_state')
    .set({ lease_until: lease.until, ...set })
    .where('id', '=', 1)
    .where('lease', '=', lease.id)
    .$if(seq !== undefined, (query) => query.where('seq', '=', seq as number))
    .$if(mailed !== undefined, (query) =>
      mailed === null ? query.where('mailed', 'is', null) : query.where('mailed', '=', mailed as string),
    )
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function letGo(ex: Executor, lease: string): Promise<void> {
  await ex.updateTable('report_state').set({ lease: null, lease_until: 0 }).where('lease', '=', lease).execute();
}

export const forgetCounts = async (trx: Trx): Promise<void> => {
  await trx.deleteFrom('report_counts').execute();
};

/** Number of the first record that is kept; 1 while there is none. */
export async function firstSeq(ex: Executor): Promise<number> {
  const { first } = await ex
    .selectFrom('audit')
    .select((eb) => eb.fn.min('seq').as('first'))
    .executeTakeFirstOrThrow();
  return Number(first ?? 1);
}

/** Number of the last record of the audit. */
export async function lastSeq(ex: Executor): Promise<number> {
  const { last } = await ex
    .selectFrom('audit')
    .select((eb) => eb.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  return Number(last ?? 0);
}

/** Days and months before these are forgotten. @returns how many. */
export const sweep = async (ex: Executor, before: { day: string; month: string }): Promise<number> => {
  await ex.deleteFrom('report_people').where('day', '<', before.day).execute();
  // The rows of a day or month at a time: a few hundred.
  const old = await ex
    .selectFrom('report_counts')
    .select('period')
    .distinct()
    .where((eb) =>
      eb.or([
        eb.and([eb('period', '>=', 'd'), eb('period', '<', `d${before.day}`)]),
        eb.and([eb('period', '>=', 'm'), eb('period', '<', `m${before.month}`)]),
      ]),
    )
    .execute();
  for (const { period } of old) await ex.deleteFrom('report_counts').where('period', '=', period).execute();
  return old.length;
};
