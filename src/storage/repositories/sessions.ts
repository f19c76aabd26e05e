/**
 * Signed-in people. The cookie's value is never stored; a session that ended, expired or lay idle is not found;
 * at most five per account live at once (standards.md section 12).
 */
import type { Selectable } from 'kysely';
import type { Keyring } from '../../kernel/keyring.ts';
import type { SessionTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { deleteInBatches } from './sweep.ts';

export interface StoredSession {
  /** Names it; worth nothing as a cookie. */
  id: string;
  accountId: string;
  directory: string;
  directoryKey: string;
  createdAt: number;
  seenAt: number;
  /** When the person last proved who they are (step-up). */
  provedAt: number;
  expiresAt: number;
  userAgent: string;
  /** Method of the second factor that opened it. */
  factor: string | undefined;
}

export type NewSession = Pick<
  StoredSession,
  'accountId' | 'directory' | 'directoryKey' | 'createdAt' | 'expiresAt' | 'userAgent'
> & {
  /** The cookie's value. */
  token: string;
  factor?: string | undefined;
};

export interface Sessions {
  /** Ends the oldest ones of that account beyond the limit. */
  create(ex: Executor, session: NewSession): Promise<void>;
  /** `idle`: ms without a request after which a session is over. */
  findByToken(ex: Executor, token: string, at: { now: number; idle: number }): Promise<StoredSession | undefined>;
  touch(ex: Executor, token: string, now: number): Promise<void>;
  /** The person proved anew who they are. `rotation`: new value of the cookie (change of privilege). */
  prove(ex: Executor, token: string, now: number, rotation?: string): Promise<void>;
  end(ex: Executor, token: string, now: number): Promise<void>;
  /** @returns how many were ended. */
  endAll(ex: Executor, accountId: string, now: number, exceptToken?: string): Promise<number>;
  /** @returns false when it was not one of theirs, or over. */
  endOne(ex: Executor, accountId: string, id: string, now: number): Promise<boolean>;
  /** Live ones, newest first. */
  list(ex: Executor, accountId: string, now: number): Promise<StoredSession[]>;
  /** Deletes sessions that ended or expired before that instant. @returns how many. */
  sweep(ex: Executor, before: number): Promise<number>;
}

export const PARALLEL_SESSIONS = 5;

const read = (row: Selectable<SessionTable>): StoredSession => ({
  id: row.token_hash,
  accountId: row.account_id,
  directory: row.directory,
  directoryKey: row.directory_key,
  createdAt: row.created_at,
  seenAt: row.seen_at,
  provedAt: row.proved_at,
  expiresAt: row.expires_at,
  userAgent: row.user_agent,
  factor: row.factor ?? undefined,
});

const live = (ex: Executor, accountId: string, now: number) =>
  ex
    .selectFrom('sessions')
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now);

async function endBeyondLimit(ex: Executor, accountId: string, newest: string, now: number): Promise<void> {
  const older = await live(ex, accountId, now)
    .select('token_hash')
    .where('token_hash', '!=', newest)
    .orderBy('created_at', 'desc')
    .orderBy('token_hash')
    .execute();
  const surplus = older.slice(PARALLEL_SESSIONS - 1).map((row) => row.token_hash);
  if (surplus.length === 0) return;
  await ex.updateTable('sessions').set({ ended_at: now }).where('token_hash', 'in', surplus).execute();
}

export function createSessions(keyring: Keyring): Sessions {
  const mac = (token: string): string => keyring.mac('session-token', token);
  const change = (ex: Executor, token: string) =>
    ex.updateTable('sessions').where('token_hash', '=', mac(token)).where('ended_at', 'is', null);

  return {
    async create(ex, session) {
      const hash = mac(session.token);
      await ex
        .insertInto('sessions')
        .values({
          token_hash: hash,
          account_id: session.accountId,
          directory: session.directory,
          directory_key: session.directoryKey,
          created_at: session.createdAt,
          seen_at: session.createdAt,
          proved_at: session.createdAt,
          expires_at: session.expiresAt,
          user_agent: session.userAgent,
          factor: session.factor ?? null,
        })
        .execute();
      await endBeyondLimit(ex, session.accountId, hash, session.createdAt);
    },
    async findByToken(ex, token, { now, idle }) {
      const row = await ex
        .selectFrom('sessions')
        .selectAll()
        .where('token_hash', '=', mac(token))
        .where('ended_at', 'is', null)
        .where('expires_at', '>', now)
        .where('seen_at', '>', now - idle)
        .executeTakeFirst();
      return row && read(row);
    },
    async touch(ex, token, now) {
      await change(ex, token).set({ seen_at: now }).execute();
    },
    async prove(ex, token, now, rotation) {
      await change(ex, token)
        .set({ proved_at: now, seen_at: now, ...(rotation === undefined ? {} : { token_hash: mac(rotation) }) })
        .execute();
    },
    async end(ex, token, now) {
      await change(ex, token).set({ ended_at: now }).execute();
    },
    async endAll(ex, accountId, now, exceptToken) {
      const { numUpdatedRows } = await ex
        .updateTable('sessions')
        .set({ ended_at: now })
        .where('account_id', '=', accountId)
        .where('ended_at', 'is', null)
        .$if(exceptToken !== undefined, (query) => query.where('token_hash', '!=', mac(exceptToken as string)))
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
    async endOne(ex, accountId, id, now) {
      const { numUpdatedRows } = await ex
        .updateTable('sessions')
        .set({ ended_at: now })
        .where('account_id', '=', accountId)
        .where('token_hash', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async list(ex, accountId, now) {
      return (await live(ex, accountId, now).selectAll().orderBy('created_at', 'desc').execute()).map(read);
    },
    sweep: (ex, before) =>
      deleteInBatches((limit) =>
        ex
          .deleteFrom('sessions')
          .where('token_hash', 'in', (eb) =>
            eb
              .selectFrom('sessions')
              .select('token_hash')
              .where((where) => where.or([where('ended_at', '<', before), where('expires_at', '<', before)]))
              .limit(limit),
          )
          .executeTakeFirst(),
      ),
  };
}
