/**
 * Journeys under way. The cookie's value is never stored, the state lies sealed, and a transition that read an older
 * version is refused, so a code works once even under races.
 */
import type { Insertable, Selectable, Updateable } from 'kysely';
import type { JsonObject } from '../../kernel/json.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import { StaleWrite } from '../failure.ts';
import { prepared } from '../prepared.ts';
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

const byToken = prepared((ex, { hash }: { hash: string }) =>
  ex.selectFrom('flows').selectAll().where('token_hash', '=', hash),
);
const byId = prepared((ex, { id }: { id: string }) => ex.selectFrom('flows').selectAll().where('id', '=', id));

const insert = prepared((ex, row: Insertable<FlowTable>) => ex.insertInto('flows').values(row));

const change = prepared((ex, { id, was, ...set }: { id: string; was: number } & Updateable<FlowTable>) =>
  ex.updateTable('flows').set(set).where('id', '=', id).where('version', '=', was),
);

const endAllBut = prepared((ex, { subject, exceptId, now }: { subject: string; exceptId: string; now: number }) =>
  ex
    .updateTable('flows')
    .set((eb) => ({ ended_at: now, version: eb('version', '+', 1) }))
    .where('subject', '=', subject)
    .where('ended_at', 'is', null)
    .where('id', '!=', exceptId),
);

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

  const first = ({ rows: [row] }: { rows: Selectable<FlowTable>[] }) => row && read(row);

  return {
    async create(ex, flow) {
      await insert(ex, {
        id: flow.id,
        kind: flow.kind,
        token_hash: mac(flow.token),
        subject: flow.subject,
        state: seal(flow.id, flow.state),
        version: 1,
        created_at: flow.createdAt,
        seen_at: flow.createdAt,
        expires_at: flow.expiresAt,
      });
    },
    findByToken: async (ex, token) => first(await byToken(ex, { hash: mac(token) })),
    find: async (ex, id) => first(await byId(ex, { id })),
    async save(ex, id, expectedVersion, { state, seenAt, endedAt, expiresAt, tokenRotation }) {
      const version = expectedVersion + 1;
      const { numAffectedRows } = await change(ex, {
        id,
        was: expectedVersion,
        version,
        state: seal(id, state),
        seen_at: seenAt,
        ...(endedAt === undefined ? {} : { ended_at: endedAt }),
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
        ...(tokenRotation === undefined ? {} : { token_hash: mac(tokenRotation) }),
      });
      if (numAffectedRows !== 1n) throw new StaleWrite('The flow');
      return version;
    },
    async endOthers(ex, subject, exceptId, now) {
      // No flow has an empty id.
      const { numAffectedRows } = await endAllBut(ex, { subject, exceptId: exceptId ?? '', now });
      return Number(numAffectedRows ?? 0);
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
