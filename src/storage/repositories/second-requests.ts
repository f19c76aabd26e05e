/** Requests for a second person. Decided once, used once, by nobody after they ran out, on every engine and node. */
import type { Selectable } from 'kysely';
import type { SecondRequestTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { deleteInBatches } from './sweep.ts';

export interface SecondRequest {
  id: string;
  callId: string;
  act: string;
  accountId: string;
  username: string;
  directoryKey: string;
  helperId: string;
  helper: string;
  reason: string;
  createdAt: number;
  expiresAt: number;
  decision: 'agreed' | 'refused' | undefined;
  /** Username. */
  decidedBy: string | undefined;
  decidedAt: number | undefined;
  usedAt: number | undefined;
}

const read = (row: Selectable<SecondRequestTable>): SecondRequest => ({
  id: row.id,
  callId: row.call_id,
  act: row.act,
  accountId: row.account_id,
  username: row.username,
  directoryKey: row.directory_key,
  helperId: row.helper_id,
  helper: row.helper,
  reason: row.reason,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  decision: row.decision ?? undefined,
  decidedBy: row.decided_by ?? undefined,
  decidedAt: row.decided_at ?? undefined,
  usedAt: row.used_at ?? undefined,
});

export async function ask(
  ex: Executor,
  request: Omit<SecondRequest, 'decision' | 'decidedBy' | 'decidedAt' | 'usedAt'>,
): Promise<void> {
  await ex
    .insertInto('second_requests')
    .values({
      id: request.id,
      call_id: request.callId,
      act: request.act,
      account_id: request.accountId,
      username: request.username,
      directory_key: request.directoryKey,
      helper_id: request.helperId,
      helper: request.helper,
      reason: request.reason,
      created_at: request.createdAt,
      expires_at: request.expiresAt,
    })
    .execute();
}

export async function find(ex: Executor, id: string): Promise<SecondRequest | undefined> {
  const row = await ex.selectFrom('second_requests').selectAll().where('id', '=', id).executeTakeFirst();
  return row && read(row);
}

/** The newest of each act of a call, used ones included. */
export async function ofCall(ex: Executor, callId: string): Promise<SecondRequest[]> {
  const rows = await ex
    .selectFrom('second_requests')
    .selectAll()
    .where('call_id', '=', callId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(50)
    .execute();
  const newest = new Map<string, SecondRequest>();
  for (const request of rows.map(read)) if (!newest.has(request.act)) newest.set(request.act, request);
  return [...newest.values()];
}

/** Undecided ones that still count, oldest first. */
export async function waiting(ex: Executor, now: number, limit: number): Promise<SecondRequest[]> {
  const rows = await ex
    .selectFrom('second_requests')
    .selectAll()
    .where('expires_at', '>', now)
    .where('decision', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(read);
}

/** @returns false when it was decided already, or ran out. */
export async function decide(
  ex: Executor,
  id: string,
  decision: 'agreed' | 'refused',
  by: string,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('second_requests')
    .set({ decision, decided_by: by, decided_at: now })
    .where('id', '=', id)
    .where('decision', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** @returns false when nobody agreed, it was used already, or ran out. */
export async function use(ex: Executor, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('second_requests')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('decision', '=', 'agreed')
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Deletes what ran out before that instant. @returns how many. */
export const sweep = (ex: Executor, before: number): Promise<number> =>
  deleteInBatches((limit) =>
    ex
      .deleteFrom('second_requests')
      .where('id', 'in', (eb) =>
        eb.selectFrom('second_requests').select('id').where('expires_at', '<', before).limit(limit),
      )
      .executeTakeFirst(),
  );
