/** What is known of people beside their ways to verify: since when they are enrolled, last confirmation, whether recovery is frozen. */
import type { Selectable } from 'kysely';
import type { Account } from '../../kernel/account.ts';
import type { PersonTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { mark } from './readiness.ts';

export interface KnownPerson {
  accountId: string;
  directory: string;
  directoryKey: string;
  enrolledAt: number | undefined;
  confirmedAt: number | undefined;
  frozenAt: number | undefined;
  frozenReason: string | undefined;
  /** ms; until then every recovery has to pass one more gate. */
  watchedUntil: number | undefined;
}

type Who = Pick<Account, 'id' | 'directory' | 'key'>;

const read = (row: Selectable<PersonTable>): KnownPerson => ({
  accountId: row.account_id,
  directory: row.directory,
  directoryKey: row.directory_key,
  enrolledAt: row.enrolled_at ?? undefined,
  confirmedAt: row.confirmed_at ?? undefined,
  frozenAt: row.frozen_at ?? undefined,
  frozenReason: row.frozen_reason ?? undefined,
  watchedUntil: row.watched_until ?? undefined,
});

export async function find(ex: Executor, accountId: string): Promise<KnownPerson | undefined> {
  const row = await ex.selectFrom('people').selectAll().where('account_id', '=', accountId).executeTakeFirst();
  return row && read(row);
}

/** Of these, the accounts whose recovery is stopped. Fewer than a statement takes parameters. */
export async function frozen(ex: Executor, accountIds: readonly string[]): Promise<Set<string>> {
  if (accountIds.length === 0) return new Set();
  const rows = await ex
    .selectFrom('people')
    .select('account_id')
    .where('account_id', 'in', accountIds)
    .where('frozen_at', 'is not', null)
    .execute();
  return new Set(rows.map(({ account_id }) => account_id));
}

async function put(ex: Executor, who: Who, change: Partial<Omit<PersonTable, 'account_id'>>): Promise<void> {
  await ex
    .insertInto('people')
    .values({ account_id: who.id, directory: who.directory, directory_key: who.key, ...change })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ directory: who.directory, ...change }))
    .execute();
}

/** A way to verify was bound: the first time is kept for good, and it counts as a confirmation of what there is. */
export async function enrolled(ex: Executor, who: Who, now: number): Promise<void> {
  await ex
    .insertInto('people')
    .values({
      account_id: who.id,
      directory: who.directory,
      directory_key: who.key,
      enrolled_at: now,
      confirmed_at: now,
    })
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet((eb) => ({
        enrolled_at: eb.fn.coalesce('people.enrolled_at', eb.ref('excluded.enrolled_at')),
        confirmed_at: eb.fn.coalesce('people.confirmed_at', eb.ref('excluded.confirmed_at')),
      })),
    )
    .execute();
  await mark(ex, who.id, who.key);
}

/** The person said that everything is still right. */
export const confirmed = (ex: Executor, who: Who, now: number): Promise<void> => put(ex, who, { confirmed_at: now });

/** Stops every recovery of this account until somebody thaws it. `reason`: one sentence for operators. */
export async function freeze(ex: Executor, who: Who, reason: string, now: number): Promise<void> {
  await put(ex, who, { frozen_at: now, frozen_reason: reason });
  await mark(ex, who.id, who.key);
}

/** @returns false when it was not frozen. */
export async function thaw(ex: Executor, accountId: string): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('people')
    .set({ frozen_at: null, frozen_reason: null })
    .where('account_id', '=', accountId)
    .where('frozen_at', 'is not', null)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) await mark(ex, accountId);
  return numUpdatedRows === 1n;
}

/** Asks for one more gate at every recovery until then. */
export const watch = (ex: Executor, who: Who, until: number): Promise<void> => put(ex, who, { watched_until: until });
