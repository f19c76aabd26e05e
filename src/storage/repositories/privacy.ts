/** Rows of a person in whatever table, who has left, and what was deleted by age. Which tables, is said by src/privacy. */
import { type Selectable, sql, type Updateable } from 'kysely';
import type { PrivacyStateTable, Schema } from '../schema.ts';
import type { Executor, Trx } from '../storage.ts';

type Table = keyof Schema & string;

export interface RowsOf {
  table: Table;
  /** Column with the account id. */
  by: string;
}

type Value = string | number | null;

/** Those columns of a person's rows, at most so many. */
export async function rowsOf(
  ex: Executor,
  { table, by }: RowsOf,
  columns: readonly string[],
  accountId: string,
  limit: number,
): Promise<Record<string, Value>[]> {
  const { rows } = await sql<Record<string, Value>>`
    select ${sql.join(columns.map((name) => sql.ref(name)))} from ${sql.table(table)}
    where ${sql.ref(by)} = ${accountId} limit ${sql.lit(limit)}`.execute(ex);
  return rows;
}

/** @returns how many rows there are, counted up to `most`. */
export async function countOf(ex: Executor, { table, by }: RowsOf, accountId: string, most: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (
      select 1 from ${sql.table(table)} where ${sql.ref(by)} = ${accountId} limit ${sql.lit(most)}
    ) as found`.execute(ex);
  return Number(rows[0]?.n ?? 0);
}

/** @returns how many went. */
export async function eraseRows(trx: Trx, { table, by }: RowsOf, accountId: string): Promise<number> {
  const { numAffectedRows } = await sql`delete from ${sql.table(table)} where ${sql.ref(by)} = ${accountId}`.execute(
    trx,
  );
  return Number(numAffectedRows ?? 0n);
}

/** A password is being written for this account just now. */
export async function isBusy(ex: Executor, accountId: string): Promise<boolean> {
  const held = await ex
    .selectFrom('spreads')
    .select('id')
    .where('account_id', '=', accountId)
    .where('state', '=', 'held')
    .executeTakeFirst();
  return held !== undefined;
}

// --- who has left ---

export interface KnownPerson {
  accountId: string;
  key: string;
  /** The last walk through the directory met them. */
  listed: boolean;
  /** Since when they are on the list of those who left. */
  missedAt: number | undefined;
}

/** Everybody of whom something is kept, in the order of ids. */
export async function knownPeople(ex: Executor, after: string, limit: number): Promise<KnownPerson[]> {
  const rows = await ex
    .selectFrom('people as p')
    .leftJoin('readiness as r', 'r.account_id', 'p.account_id')
    .leftJoin('privacy_leavers as l', 'l.account_id', 'p.account_id')
    .select([
      'p.account_id as accountId',
      'p.directory_key as key',
      'r.account_id as listed',
      'l.missed_at as missedAt',
    ])
    .where('p.account_id', '>', after)
    .orderBy('p.account_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, listed: row.listed !== null, missedAt: row.missedAt ?? undefined }));
}

export async function missed(trx: Trx, accountId: string, at: number): Promise<void> {
  await trx
    .insertInto('privacy_leavers')
    .values({ account_id: accountId, missed_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** They are back. */
export async function unmiss(ex: Executor, accountIds: readonly string[]): Promise<void> {
  for (let n = 0; n < accountIds.length; n += 200)
    await ex
      .deleteFrom('privacy_leavers')
      .where('account_id', 'in', accountIds.slice(n, n + 200))
      .execute();
}

// --- what was deleted by age ---

export async function noteDeleted(ex: Executor, day: string, classId: string, rows: number): Promise<void> {
  if (rows === 0) return;
  await ex
    .insertInto('privacy_deletions')
    .values({ day, class: classId, rows })
    .onConflict((conflict) =>
      conflict
        .columns(['day', 'class'])
        .doUpdateSet((eb) => ({ rows: eb('privacy_deletions.rows', '+', eb.ref('excluded.rows')) })),
    )
    .execute();
}

/** Rows by class since that day. */
export async function deletedSince(ex: Executor, day: string): Promise<Map<string, number>> {
  const rows = await ex
    .selectFrom('privacy_deletions')
    .select((eb) => ['class', eb.fn.sum<number>('rows').as('rows')])
    .where('day', '>=', day)
    .groupBy('class')
    .execute();
  return new Map(rows.map((row) => [row.class, Number(row.rows)]));
}

export const forgetDeletions = (ex: Executor, before: string) =>
  ex.deleteFrom('privacy_deletions').where('day', '<', before).execute();

/** Closed ones only: what is open, somebody still has to look at. @returns how many went. */
export async function sweepIncidents(ex: Executor, before: number): Promise<number> {
  for (let total = 0; ; ) {
    const { numDeletedRows } = await ex
      .deleteFrom('incidents')
      .where('id', 'in', (eb) => eb.selectFrom('incidents').select('id').where('closed_at', '<', before).limit(500))
      .executeTakeFirst();
    total += Number(numDeletedRows);
    if (numDeletedRows < 500n) return total;
  }
}

// --- one node at a time ---

export type PrivacyState = Selectable<PrivacyStateTable>;

const FIRST = { id: 1, lease_until: 0, known: 0, missing: 0, accepted: 0 } as const;

export const state = (ex: Executor): Promise<PrivacyState | undefined> =>
  ex.selectFrom('privacy_state').selectAll().where('id', '=', 1).executeTakeFirst();

/** @returns undefined while another node is at it. */
export async function claim(
  ex: Executor,
  lease: { id: string; now: number; until: number },
): Promise<PrivacyState | undefined> {
  await ex
    .insertInto('privacy_state')
    .values(FIRST)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return ex
    .updateTable('privacy_state')
    .set({ lease: lease.id, lease_until: lease.until })
    .where('id', '=', 1)
    .where((eb) => eb.or([eb('lease_until', '<=', lease.now), eb('lease', '=', lease.id)]))
    .returningAll()
    .executeTakeFirst();
}

/** @returns false when the lease went to another. */
export async function hold(
  ex: Executor,
  lease: { id: string; until: number },
  set: Omit<Updateable<PrivacyStateTable>, 'id' | 'lease' | 'lease_until'> = {},
): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('privacy_state')
    .set({ lease_until: lease.until, ...set })
    .where('id', '=', 1)
    .where('lease', '=', lease.id)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function letGo(ex: Executor, lease: string): Promise<void> {
  await ex.updateTable('privacy_state').set({ lease: null, lease_until: 0 }).where('lease', '=', lease).execute();
}

/** So many missing people are right: an operator says so. */
export async function accept(ex: Executor, missing: number): Promise<void> {
  await ex.updateTable('privacy_state').set({ accepted: missing }).where('id', '=', 1).execute();
}
