/** Roles that were given to single accounts by hand: the first operator, and whoever has no group for it. */
import type { Selectable } from 'kysely';
import type { StaffGrantTable } from '../schema.ts';
import type { Executor } from '../storage.ts';

export interface StaffGrant {
  accountId: string;
  username: string;
  role: string;
  grantedBy: string;
  grantedAt: number;
}

const read = (row: Selectable<StaffGrantTable>): StaffGrant => ({
  accountId: row.account_id,
  username: row.username,
  role: row.role,
  grantedBy: row.granted_by,
  grantedAt: row.granted_at,
});

export async function find(ex: Executor, accountId: string): Promise<StaffGrant | undefined> {
  const row = await ex.selectFrom('staff_grants').selectAll().where('account_id', '=', accountId).executeTakeFirst();
  return row && read(row);
}

export async function list(ex: Executor): Promise<StaffGrant[]> {
  return (await ex.selectFrom('staff_grants').selectAll().orderBy('username').limit(1_000).execute()).map(read);
}

/** A new grant takes the place of the old one. */
export async function give(ex: Executor, grant: StaffGrant): Promise<void> {
  const facts = {
    username: grant.username,
    role: grant.role,
    granted_by: grant.grantedBy,
    granted_at: grant.grantedAt,
  };
  await ex
    .insertInto('staff_grants')
    .values({ account_id: grant.accountId, ...facts })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(facts))
    .execute();
}

/** @returns false when there was none. */
export async function take(ex: Executor, accountId: string): Promise<boolean> {
  const { numDeletedRows } = await ex.deleteFrom('staff_grants').where('account_id', '=', accountId).executeTakeFirst();
  return numDeletedRows === 1n;
}
