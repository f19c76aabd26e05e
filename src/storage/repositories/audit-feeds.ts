/** How far the feeds of the audit are. Only the node that holds a feed's lease moves it. */
import type { Selectable, Updateable } from 'kysely';
import type { AuditFeedTable } from '../schema.ts';
import type { Executor } from '../storage.ts';

export type FeedRow = Selectable<AuditFeedTable>;

export interface Lease {
  id: string;
  /** ms */
  until: number;
}

export const all = (ex: Executor): Promise<FeedRow[]> =>
  ex.selectFrom('audit_feeds').selectAll().orderBy('id').execute();

export const find = (ex: Executor, id: string): Promise<FeedRow | undefined> =>
  ex.selectFrom('audit_feeds').selectAll().where('id', '=', id).executeTakeFirst();

/** A feed that is new begins behind `seq`. */
export async function ensure(ex: Executor, id: string, seq: number): Promise<void> {
  await ex
    .insertInto('audit_feeds')
    .values({ id, seq, lease_until: 0, failures: 0, next_at: 0, told: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** @returns undefined while another node sends, or it is too early to try again. */
export const claim = (ex: Executor, id: string, lease: Lease, now: number): Promise<FeedRow | undefined> =>
  ex
    .updateTable('audit_feeds')
    .set({ lease: lease.id, lease_until: lease.until })
    .where('id', '=', id)
    .where('next_at', '<=', now)
    .where((eb) => eb.or([eb('lease_until', '<=', now), eb('lease', '=', lease.id)]))
    .returningAll()
    .executeTakeFirst();

/** @returns false when the lease went to another node. */
export async function move(
  ex: Executor,
  id: string,
  lease: Lease,
  set: Omit<Updateable<AuditFeedTable>, 'id' | 'lease' | 'lease_until'>,
): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('audit_feeds')
    .set({ ...set, lease_until: lease.until })
    .where('id', '=', id)
    .where('lease', '=', lease.id)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function letGo(ex: Executor, id: string, lease: string): Promise<void> {
  await ex
    .updateTable('audit_feeds')
    .set({ lease: null, lease_until: 0 })
    .where('id', '=', id)
    .where('lease', '=', lease)
    .execute();
}
