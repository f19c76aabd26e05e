/**
 * Calls of the helper desk. What is kept of a verification is sealed; of two writes at once one is refused, and each act of a
 * call is claimed once, on every engine and node.
 */
import type { Selectable } from 'kysely';
import type { JsonObject } from '../../kernel/json.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import { StaleWrite } from '../failure.ts';
import type { CallTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { deleteInBatches } from './sweep.ts';

export interface StoredCall {
  id: string;
  helperId: string;
  /** Username. */
  helper: string;
  accountId: string;
  directoryKey: string;
  username: string;
  ticket: string;
  openedAt: number;
  expiresAt: number;
  endedAt: number | undefined;
  endedBy: string | undefined;
  version: number;
  verifiedAt: number | undefined;
  data: JsonObject;
}

export type NewCall = Pick<
  StoredCall,
  | 'id'
  | 'helperId'
  | 'helper'
  | 'accountId'
  | 'directoryKey'
  | 'username'
  | 'ticket'
  | 'openedAt'
  | 'expiresAt'
  | 'data'
>;

export interface Calls {
  open(ex: Executor, call: NewCall): Promise<void>;
  find(ex: Executor, id: string): Promise<StoredCall | undefined>;
  /** @throws StaleWrite when somebody else wrote meanwhile, or it is over. */
  save(
    ex: Executor,
    call: StoredCall,
    change: { data?: JsonObject; verifiedAt?: number; endedAt?: number; endedBy?: string },
  ): Promise<void>;
  /** Those of one helper that go on. Newest first. */
  ofHelper(ex: Executor, helperId: string, now: number, limit: number): Promise<StoredCall[]>;
  /** Those about one account that go on. Newest first. */
  about(ex: Executor, accountId: string, now: number): Promise<StoredCall[]>;
  /** @returns false when that was done, or is being done, in this call already. */
  claim(ex: Executor, id: string, act: string, now: number): Promise<boolean>;
  /** It came to nothing after all. */
  release(ex: Executor, id: string, act: string): Promise<void>;
  acts(ex: Executor, id: string): Promise<{ act: string; at: number }[]>;
  /** Deletes what expired before that instant. @returns how many. */
  sweep(ex: Executor, before: number): Promise<number>;
}

export function createCalls(keyring: Keyring): Calls {
  const seal = (id: string, data: JsonObject): string => keyring.seal(JSON.stringify(data), `call:${id}`);
  const read = (row: Selectable<CallTable>): StoredCall => ({
    id: row.id,
    helperId: row.helper_id,
    helper: row.helper,
    accountId: row.account_id,
    directoryKey: row.directory_key,
    username: row.username,
    ticket: row.ticket,
    openedAt: row.opened_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at ?? undefined,
    endedBy: row.ended_by ?? undefined,
    version: row.version,
    verifiedAt: row.verified_at ?? undefined,
    data: JSON.parse(keyring.open(row.data, `call:${row.id}`)) as JsonObject,
  });
  const living = (ex: Executor, now: number) =>
    ex.selectFrom('calls').selectAll().where('ended_at', 'is', null).where('expires_at', '>', now);

  return {
    async open(ex, call) {
      await ex
        .insertInto('calls')
        .values({
          id: call.id,
          helper_id: call.helperId,
          helper: call.helper,
          account_id: call.accountId,
          directory_key: call.directoryKey,
          username: call.username,
          ticket: call.ticket,
          opened_at: call.openedAt,
          expires_at: call.expiresAt,
          version: 1,
          data: seal(call.id, call.data),
        })
        .execute();
    },
    async find(ex, id) {
      const row = await ex.selectFrom('calls').selectAll().where('id', '=', id).executeTakeFirst();
      return row && read(row);
    },
    async save(ex, { id, version }, { data, verifiedAt, endedAt, endedBy }) {
      const { numUpdatedRows } = await ex
        .updateTable('calls')
        .set({
          version: version + 1,
          ...(data === undefined ? {} : { data: seal(id, data) }),
          ...(verifiedAt === undefined ? {} : { verified_at: verifiedAt }),
          ...(endedAt === undefined ? {} : { ended_at: endedAt }),
          ...(endedBy === undefined ? {} : { ended_by: endedBy }),
        })
        .where('id', '=', id)
        .where('version', '=', version)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new StaleWrite('The call');
    },
    async ofHelper(ex, helperId, now, limit) {
      const rows = await living(ex, now)
        .where('helper_id', '=', helperId)
        .orderBy('opened_at', 'desc')
        .limit(limit)
        .execute();
      return rows.map(read);
    },
    async about(ex, accountId, now) {
      const rows = await living(ex, now)
        .where('account_id', '=', accountId)
        .orderBy('opened_at', 'desc')
        .limit(20)
        .execute();
      return rows.map(read);
    },
    async claim(ex, id, act, now) {
      const { numInsertedOrUpdatedRows } = await ex
        .insertInto('call_acts')
        .values({ call_id: id, act, at: now })
        .onConflict((conflict) => conflict.columns(['call_id', 'act']).doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },
    async release(ex, id, act) {
      await ex.deleteFrom('call_acts').where('call_id', '=', id).where('act', '=', act).execute();
    },
    acts: (ex, id) =>
      ex.selectFrom('call_acts').select(['act', 'at']).where('call_id', '=', id).orderBy('at').execute(),
    async sweep(ex, before) {
      await deleteInBatches((limit) =>
        ex
          .deleteFrom('call_acts')
          .where('call_id', 'in', (eb) =>
            eb.selectFrom('call_acts').select('call_id').where('at', '<', before).limit(limit),
          )
          .executeTakeFirst(),
      );
      return deleteInBatches((limit) =>
        ex
          .deleteFrom('calls')
          .where('id', 'in', (eb) => eb.selectFrom('calls').select('id').where('expires_at', '<', before).limit(limit))
          .executeTakeFirst(),
      );
    },
  };
}
