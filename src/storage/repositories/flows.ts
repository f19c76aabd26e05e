/**
 * Journeys under way. The cookie's value is never stored, the state lies sealed, and a transition that read an older
 * version is refused, so a code works once even under races.
 */
import type { Selectable } from 'kysely';
import type { JsonObject } from '../../kernel/json.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import { StaleWrite } from '../failure.ts';
import type { FlowTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { deleteInBatches } from './sweep.ts';

export interface StoredFlow {
  id: string;
  kind: string;
  subject: string;
  state: JsonObject;
  version: number;
  createdAt: number;
  seenAt: number;
  expiresAt: number;
  endedAt: number | undefined;
}

export interface NewFlow {
  id: string;
  kind: string;
  /** The cookie's value. */
  token: string;
  subject: string;
  state: JsonObject;
  createdAt: number;
  expiresAt: number;
}

export interface FlowChange {
  state: JsonObject;
  seenAt: number;
  endedAt?: number;
  /** ms; a journey that has to wait lives longer. */
  expiresAt?: number;
  /** New value of the cookie; the old one is worth nothing afterwards. */
  tokenRotation?: string;
}

export interface Flows {
  create(ex: Executor, flow: NewFlow): Promise<void>;
  /** Also ended and expired ones: the caller judges `endedAt`, `expiresAt` and `seenAt`. */
  findByToken(ex: Executor, token: string): Promise<StoredFlow | undefined>;
  find(ex: Executor, id: string): Promise<StoredFlow | undefined>;
  /** @returns the new version. @throws StaleWrite when the flow moved on since `expectedVersion`, or was ended. */
  save(ex: Executor, id: string, expectedVersion: number, change: FlowChange): Promise<number>;
  /** After a success every other live flow of that account is dead (A32). @returns how many. */
  endOthers(ex: Executor, subject: string, exceptId: string | undefined, now: number): Promise<number>;
  /** Forgets the flows of one kind of that account. */
  remove(ex: Executor, subject: string, kind: string): Promise<void>;
  /** Deletes flows that ended or expired before that instant. @returns how many. */
  sweep(ex: Executor, before: number): Promise<number>;
}

const context = (id: string): string => `flow:${id}`;

export function createFlows(keyring: Keyring): Flows {
  const mac = (token: string): string => keyring.mac('flow-token', token);
  const seal = (id: string, state: JsonObject): string => keyring.seal(JSON.stringify(state), context(id));

  const read = (row: Selectable<FlowTable>): StoredFlow => ({
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    state: JSON.parse(keyring.open(row.state, context(row.id))) as JsonObject,
    version: row.version,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at ?? undefined,
  });

  const findBy = async (ex: Executor, column: 'id' | 'token_hash', value: string) => {
    const row = await ex.selectFrom('flows').selectAll().where(column, '=', value).executeTakeFirst();
    return row && read(row);
  };

  return {
    async create(ex, flow) {
      await ex
        .insertInto('flows')
        .values({
          id: flow.id,
          kind: flow.kind,
          token_hash: mac(flow.token),
          subject: flow.subject,
          state: seal(flow.id, flow.state),
          version: 1,
          created_at: flow.createdAt,
          seen_at: flow.createdAt,
          expires_at: flow.expiresAt,
        })
        .execute();
    },
    findByToken: (ex, token) => findBy(ex, 'token_hash', mac(token)),
    find: (ex, id) => findBy(ex, 'id', id),
    async save(ex, id, expectedVersion, change) {
      const version = expectedVersion + 1;
      const { numUpdatedRows } = await ex
        .updateTable('flows')
        .set({
          version,
          state: seal(id, change.state),
          seen_at: change.seenAt,
          ...(change.endedAt === undefined ? {} : { ended_at: change.endedAt }),
          ...(change.expiresAt === undefined ? {} : { expires_at: change.expiresAt }),
          ...(change.tokenRotation === undefined ? {} : { token_hash: mac(change.tokenRotation) }),
        })
        .where('id', '=', id)
        .where('version', '=', expectedVersion)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new StaleWrite('The flow');
      return version;
    },
    async endOthers(ex, subject, exceptId, now) {
      const { numUpdatedRows } = await ex
        .updateTable('flows')
        .set((eb) => ({ ended_at: now, version: eb('version', '+', 1) }))
        .where('subject', '=', subject)
        .where('ended_at', 'is', null)
        .$if(exceptId !== undefined, (query) => query.where('id', '!=', exceptId as string))
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
    async remove(ex, subject, kind) {
      await ex.deleteFrom('flows').where('subject', '=', subject).where('kind', '=', kind).execute();
    },
    sweep: (ex, before) =>
      deleteInBatches((limit) =>
        ex
          .deleteFrom('flows')
          .where('id', 'in', (eb) =>
            eb
              .selectFrom('flows')
              .select('id')
              .where((where) => where.or([where('ended_at', '<', before), where('expires_at', '<', before)]))
              .limit(limit),
          )
          .executeTakeFirst(),
      ),
  };
}
