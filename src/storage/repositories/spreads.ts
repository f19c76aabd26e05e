/**
 * Passwords on their way and how each system stands with each account. The rows are the truth; jobs of the outbox only say
 * when to look. Who delivers holds a lease on account, system and action, and nobody else writes that row meanwhile.
 */
import type { Selectable } from 'kysely';
import type { SpreadTable, SpreadTargetTable } from '../schema.ts';
import type { Executor, Trx } from '../storage.ts';
import { deleteInBatches } from './sweep.ts';

export type Spread = Selectable<SpreadTable>;
export type SpreadTarget = Selectable<SpreadTargetTable>;
export type TargetKey = Pick<SpreadTarget, 'account_id' | 'system' | 'action'>;

type NewSpread = Omit<Spread, 'state' | 'ended_at'>;

/** @returns false when another write of this account is under way. */
export async function hold(trx: Trx, spread: NewSpread): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('spreads')
    .values({ ...spread, state: 'held' })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Ends what is held since before that instant. */
export async function endStale(trx: Trx, accountId: string, before: number, now: number): Promise<void> {
  await trx
    .updateTable('spreads')
    .set({ state: 'ended', secret: '', ended_at: now })
    .where('account_id', '=', accountId)
    .where('state', '=', 'held')
    .where('created_at', '<', before)
    .execute();
}

export const find = (ex: Executor, id: string): Promise<Spread | undefined> =>
  ex.selectFrom('spreads').selectAll().where('id', '=', id).executeTakeFirst();

/** Until the end of the transaction nobody else decides about it: of two systems that end at once, one must be the last. */
export async function lock(trx: Trx, id: string): Promise<void> {
  await trx
    .updateTable('spreads')
    .set((eb) => ({ state: eb.ref('state') }))
    .where('id', '=', id)
    .execute();
}

/** The payload is emptied: the password is gone. */
export async function end(ex: Executor, id: string, now: number): Promise<void> {
  await ex
    .updateTable('spreads')
    .set({ state: 'ended', secret: '', ended_at: now })
    .where('id', '=', id)
    .where('state', '!=', 'ended')
    .execute();
}

/** Makes it the one that counts: what the same action still had under way for this account is overtaken. */
export async function release(trx: Trx, spread: Spread, systems: readonly string[], now: number): Promise<void> {
  const { id, account_id, action } = spread;
  await trx
    .updateTable('spreads')
    .set({ state: 'ended', secret: '', ended_at: now })
    .where('account_id', '=', account_id)
    .where('action', '=', action)
    .where('state', '=', 'released')
    .where('id', '!=', id)
    .execute();
  await trx.updateTable('spreads').set({ state: 'released' }).where('id', '=', id).execute();
  const fresh = { spread_id: id, state: 'waiting', attempt: 0, due_at: now, reason: null, changed_at: now } as const;
  for (const system of systems)
    await trx
      .insertInto('spread_targets')
      .values({ account_id, system, action, ...fresh, lease_until: 0 })
      .onConflict((conflict) => conflict.columns(['account_id', 'system', 'action']).doUpdateSet(fresh))
      .execute();
  // A system that is no longer this person's has nothing to wait for.
  await trx
    .deleteFrom('spread_targets')
    .where('account_id', '=', account_id)
    .where('action', '=', action)
    .where('spread_id', '!=', id)
    .where('state', '=', 'waiting')
    .execute();
}

/** Something newer made it pointless: a demand for a new password, once there is one. */
export async function drop(trx: Trx, accountId: string, action: Spread['action'], now: number): Promise<void> {
  await trx
    .updateTable('spreads')
    .set({ state: 'ended', secret: '', ended_at: now })
    .where('account_id', '=', accountId)
    .where('action', '=', action)
    .where('state', '=', 'released')
    .execute();
  await trx
    .deleteFrom('spread_targets')
    .where('account_id', '=', accountId)
    .where('action', '=', action)
    .where('state', '=', 'waiting')
    .execute();
}

export const targetsOf = (ex: Executor, spreadId: string): Promise<SpreadTarget[]> =>
  ex.selectFrom('spread_targets').selectAll().where('spread_id', '=', spreadId).execute();

export const ofAccount = (ex: Executor, accountId: string): Promise<SpreadTarget[]> =>
  ex.selectFrom('spread_targets').selectAll().where('account_id', '=', accountId).execute();

const byKey = ({ account_id, system, action }: TargetKey) => ({ account_id, system, action });

export const target = (ex: Executor, key: TargetKey): Promise<SpreadTarget | undefined> =>
  ex
    .selectFrom('spread_targets')
    .selectAll()
    .where((eb) => eb.and(byKey(key)))
    .executeTakeFirst();

/** @returns false when somebody else is at it, or it is no longer waiting for this one. */
export async function claim(
  ex: Executor,
  { spread_id, attempt, ...key }: SpreadTarget,
  lease: { id: string; now: number; until: number },
): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('spread_targets')
    .set({ lease: lease.id, lease_until: lease.until, attempt: attempt + 1 })
    .where((eb) => eb.and({ ...byKey(key), spread_id, state: 'waiting', attempt }))
    .where('lease_until', '<=', lease.now)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** An attempt is still under way. */
export async function renew(ex: Executor, key: TargetKey, lease: string, until: number): Promise<void> {
  await ex
    .updateTable('spread_targets')
    .set({ lease_until: until })
    .where((eb) => eb.and({ ...byKey(key), lease }))
    .execute();
}

/** Gives the lease back. @returns false when it had run out and went to somebody else. */
export async function yieldLease(trx: Trx, key: TargetKey, lease: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('spread_targets')
    .set({ lease: null, lease_until: 0 })
    .where((eb) => eb.and({ ...byKey(key), lease }))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** @returns false when a newer one has overtaken it. */
export async function update(
  ex: Executor,
  { spread_id, ...key }: TargetKey & Pick<SpreadTarget, 'spread_id'>,
  set: Partial<Pick<SpreadTarget, 'state' | 'due_at' | 'reason' | 'changed_at'>>,
): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('spread_targets')
    .set(set)
    .where((eb) => eb.and({ ...byKey(key), spread_id }))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Due at once, also when it was given up. @returns false when it moved since it was read: then it needs nothing. */
export async function rouse(
  trx: Trx,
  { state, attempt, spread_id, ...key }: SpreadTarget,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('spread_targets')
    .set({ state: 'waiting', due_at: now, changed_at: now })
    .where((eb) => eb.and({ ...byKey(key), spread_id, state, attempt }))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Waiting ones of a system that could be tried, the longest waiting first. */
export const waiting = (
  ex: Executor,
  filter: { system?: string; dueBefore?: number; limit: number },
): Promise<SpreadTarget[]> =>
  ex
    .selectFrom('spread_targets')
    .selectAll()
    .where('state', '=', 'waiting')
    .$if(filter.system !== undefined, (query) => query.where('system', '=', filter.system as string))
    .$if(filter.dueBefore !== undefined, (query) =>
      query.where('due_at', '<', filter.dueBefore as number).where('lease_until', '<', filter.dueBefore as number),
    )
    .orderBy('due_at')
    .limit(filter.limit)
    .execute();

/** Given up: what an operator may try again while the password is still there. Newest first. */
export const failed = (ex: Executor, system: string | undefined, limit: number): Promise<SpreadTarget[]> =>
  ex
    .selectFrom('spread_targets')
    .selectAll()
    .where('state', 'in', ['rejected', 'late'])
    .$if(system !== undefined, (query) => query.where('system', '=', system as string))
    .orderBy('changed_at', 'desc')
    .limit(limit)
    .execute();

export async function countByState(
  ex: Executor,
): Promise<{ system: string; state: SpreadTarget['state']; count: number; oldest: number }[]> {
  const rows = await ex
    .selectFrom('spread_targets')
    .select((eb) => ['system', 'state', eb.fn.countAll<number>().as('count'), eb.fn.min('changed_at').as('oldest')])
    .groupBy(['system', 'state'])
    .execute();
  return rows.map(({ system, state, count, oldest }) => ({
    system,
    state,
    count: Number(count),
    oldest: Number(oldest),
  }));
}

/** Deletes what ended before that instant. The state per system stays with the account. @returns how many. */
export const sweep = (ex: Executor, before: number): Promise<number> =>
  deleteInBatches((limit) =>
    ex
      .deleteFrom('spreads')
      .where('id', 'in', (eb) => eb.selectFrom('spreads').select('id').where('ended_at', '<', before).limit(limit))
      .executeTakeFirst(),
  );
