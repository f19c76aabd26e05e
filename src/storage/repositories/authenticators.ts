/** Authenticators of people. What a method keeps is sealed at rest; a write that read an older version is refused. */
import type { Selectable, Updateable } from 'kysely';
import type { Authenticator } from '../../kernel/account.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import { StaleWrite } from '../failure.ts';
import { prepared } from '../prepared.ts';
import type { AuthenticatorTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { mark, markOwnerOf } from './readiness.ts';
import { deleteInBatches } from './sweep.ts';

export interface AuthenticatorChange {
  label?: string;
  data?: JsonObject;
  lastUsedAt?: number;
  disabledAt?: number;
}

export interface Authenticators {
  /** Oldest first. */
  list(ex: Executor, accountId: string): Promise<Authenticator[]>;
  /** By account id; accounts without any are absent. */
  listMany(ex: Executor, accountIds: readonly string[]): Promise<Map<string, Authenticator[]>>;
  find(ex: Executor, id: string): Promise<Authenticator | undefined>;
  /** Of all accounts, by what it was kept with (`phone:+49…`); disabled ones too. Oldest first. */
  findByLookup(ex: Executor, lookup: string): Promise<Authenticator[]>;
  add(
    ex: Executor,
    authenticator: Pick<
      Authenticator,
      'id' | 'accountId' | 'method' | 'label' | 'data' | 'lookup' | 'settlesAt' | 'expiresAt'
    >,
    now: number,
  ): Promise<void>;
  /** @throws StaleWrite when the row is gone or its version is no longer `version`. */
  update(ex: Executor, id: string, version: number, change: AuthenticatorChange): Promise<void>;
  /** @returns false when there was none. */
  remove(ex: Executor, id: string): Promise<boolean>;
  /** Deletes what ran out. @returns how many. */
  sweep(ex: Executor, now: number): Promise<number>;
}

/** Fewer than the parameters that one statement of either engine takes. */
const CHUNK = 500;

const chunks = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, n) => ids.slice(n * CHUNK, (n + 1) * CHUNK));

const context = (id: string): string => `authenticator:${id}`;

const ofAccount = prepared((ex, { accountId }: { accountId: string }) =>
  ex.selectFrom('authenticators').selectAll().where('account_id', '=', accountId).orderBy('created_at').orderBy('id'),
);

const change = prepared((ex, { id, was, ...set }: { id: string; was: number } & Updateable<AuthenticatorTable>) =>
  ex.updateTable('authenticators').set(set).where('id', '=', id).where('version', '=', was),
);

export function createAuthenticators(keyring: Keyring): Authenticators {
  const mac = (lookup: string): string => keyring.mac('authenticator-lookup', lookup);
  const seal = (id: string, data: JsonObject): string => keyring.seal(JSON.stringify(data), context(id));

  const read = (row: Selectable<AuthenticatorTable>): Authenticator => ({
    id: row.id,
    accountId: row.account_id,
    method: row.method,
    label: row.label,
    data: JSON.parse(keyring.open(row.data, context(row.id))) as JsonObject,
    version: row.version,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    disabledAt: row.disabled_at ?? undefined,
    lookup: row.lookup ?? undefined,
    settlesAt: row.settles_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  });

  const rows = (ex: Executor, accountIds: string[]) =>
    ex
      .selectFrom('authenticators')
      .selectAll()
      .where('account_id', 'in', accountIds)
      .orderBy('created_at')
      .orderBy('id')
      .execute();

  return {
    async list(ex, accountId) {
      return (await ofAccount(ex, { accountId })).rows.map(read);
    },
    async listMany(ex, accountIds) {
      const found = new Map<string, Authenticator[]>();
      for (const ids of chunks(accountIds))
        for (const row of await rows(ex, ids))
          found.set(row.account_id, [...(found.get(row.account_id) ?? []), read(row)]);
      return found;
    },
    async find(ex, id) {
      const row = await ex.selectFrom('authenticators').selectAll().where('id', '=', id).executeTakeFirst();
      return row && read(row);
    },
    async findByLookup(ex, lookup) {
      const found = await ex
        .selectFrom('authenticators')
        .selectAll()
        .where('lookup', '=', mac(lookup))
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return found.map(read);
    },
    async add(ex, authenticator, now) {
      const { id, accountId, method, label, data, lookup, settlesAt, expiresAt } = authenticator;
      await ex
        .insertInto('authenticators')
        .values({
          id,
          account_id: accountId,
          method,
          label,
          data: seal(id, data),
          version: 1,
          created_at: now,
          lookup: lookup === undefined ? null : mac(lookup),
          settles_at: settlesAt ?? null,
          expires_at: expiresAt ?? null,
        })
        .execute();
      await mark(ex, accountId);
    },
    async update(ex, id, version, { label, data, lastUsedAt, disabledAt }) {
      const { numAffectedRows } = await change(ex, {
        id,
        was: version,
        version: version + 1,
        ...(label === undefined ? {} : { label }),
        ...(data === undefined ? {} : { data: seal(id, data) }),
        ...(lastUsedAt === undefined ? {} : { last_used_at: lastUsedAt }),
        ...(disabledAt === undefined ? {} : { disabled_at: disabledAt }),
      });
      if (numAffectedRows !== 1n) throw new StaleWrite('The authenticator');
      // What every use moves on (a time step, a counter) says nothing about whether the next one will do.
      if (disabledAt !== undefined || Array.isArray(data?.['codes'])) await markOwnerOf(ex, id);
    },
    async remove(ex, id) {
      await markOwnerOf(ex, id);
      const { numDeletedRows } = await ex.deleteFrom('authenticators').where('id', '=', id).executeTakeFirst();
      return numDeletedRows === 1n;
    },
    sweep: (ex, now) =>
      deleteInBatches((limit) =>
        ex
          .deleteFrom('authenticators')
          .where('id', 'in', (eb) =>
            eb.selectFrom('authenticators').select('id').where('expires_at', '<=', now).limit(limit),
          )
          .executeTakeFirst(),
      ),
  };
}
