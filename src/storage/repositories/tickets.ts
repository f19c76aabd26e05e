/**
 * One-use values that open something in somebody's name. The value itself is never stored; of two parallel uses one is
 * refused, on every engine and node.
 */
import type { Selectable } from 'kysely';
import type { JsonObject } from '../../kernel/json.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import { StaleWrite } from '../failure.ts';
import type { TicketTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { deleteInBatches } from './sweep.ts';

export interface Ticket {
  id: string;
  purpose: string;
  accountId: string;
  data: JsonObject;
  answer: JsonObject | undefined;
  createdAt: number;
  expiresAt: number;
  usedAt: number | undefined;
}

export interface Tickets {
  /** `token`: the value that goes to whoever may use it. */
  issue(
    ex: Executor,
    ticket: Pick<Ticket, 'id' | 'purpose' | 'accountId' | 'data' | 'expiresAt'> & { token: string },
    now: number,
  ): Promise<void>;
  /** Also used ones; never expired ones. */
  findByToken(ex: Executor, purpose: string, token: string, now: number): Promise<Ticket | undefined>;
  find(ex: Executor, id: string): Promise<Ticket | undefined>;
  /** Keeps an answer for whoever waits for it. @throws StaleWrite when it was answered or used already. */
  answer(ex: Executor, id: string, answer: JsonObject): Promise<void>;
  /** @throws StaleWrite when it was used already. */
  use(ex: Executor, id: string, now: number): Promise<void>;
  /** Makes all unused ones of that account worthless. @returns how many. */
  useAll(ex: Executor, accountId: string, purpose: string, now: number): Promise<number>;
  /** Deletes what expired before that instant. @returns how many. */
  sweep(ex: Executor, before: number): Promise<number>;
}

const context = (id: string): string => `ticket:${id}`;

export function createTickets(keyring: Keyring): Tickets {
  const mac = (token: string): string => keyring.mac('ticket', token);
  const seal = (id: string, value: JsonObject): string => keyring.seal(JSON.stringify(value), context(id));
  const unseal = (id: string, value: string): JsonObject => JSON.parse(keyring.open(value, context(id))) as JsonObject;

  const read = (row: Selectable<TicketTable>): Ticket => ({
    id: row.id,
    purpose: row.purpose,
    accountId: row.account_id,
    data: unseal(row.id, row.data),
    answer: row.answer === null ? undefined : unseal(row.id, row.answer),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at ?? undefined,
  });

  return {
    async issue(ex, ticket, now) {
      await ex
        .insertInto('tickets')
        .values({
          id: ticket.id,
          token_hash: mac(ticket.token),
          purpose: ticket.purpose,
          account_id: ticket.accountId,
          data: seal(ticket.id, ticket.data),
          created_at: now,
          expires_at: ticket.expiresAt,
        })
        .execute();
    },
    async findByToken(ex, purpose, token, now) {
      const row = await ex
        .selectFrom('tickets')
        .selectAll()
        .where('token_hash', '=', mac(token))
        .where('purpose', '=', purpose)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return row && read(row);
    },
    async find(ex, id) {
      const row = await ex.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirst();
      return row && read(row);
    },
    async answer(ex, id, answer) {
      const { numUpdatedRows } = await ex
        .updateTable('tickets')
        .set({ answer: seal(id, answer) })
        .where('id', '=', id)
        .where('answer', 'is', null)
        .where('used_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new StaleWrite('The ticket');
    },
    async use(ex, id, now) {
      const { numUpdatedRows } = await ex
        .updateTable('tickets')
        .set({ used_at: now })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new StaleWrite('The ticket');
    },
    async useAll(ex, accountId, purpose, now) {
      const { numUpdatedRows } = await ex
        .updateTable('tickets')
        .set({ used_at: now })
        .where('account_id', '=', accountId)
        .where('purpose', '=', purpose)
        .where('used_at', 'is', null)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
    sweep: (ex, before) =>
      deleteInBatches((limit) =>
        ex
          .deleteFrom('tickets')
          .where('id', 'in', (eb) =>
            eb.selectFrom('tickets').select('id').where('expires_at', '<', before).limit(limit),
          )
          .executeTakeFirst(),
      ),
  };
}
