/** What an organisation knows of people before they have enrolled: sealed, one of each kind a person, and it opens nothing. */
import type { Account } from '../../kernel/account.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import { newId } from '../../kernel/random.ts';
import type { PreRegistrationTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { mark } from './readiness.ts';

export type Kind = PreRegistrationTable['kind'];

export interface PreRegistrations {
  find(ex: Executor, accountId: string, kind: Kind): Promise<string | undefined>;
  /** A newer one takes the place of the older. */
  put(ex: Executor, one: { accountId: string; kind: Kind; value: string; source: string }, now: number): Promise<void>;
  /** @returns how many. */
  remove(ex: Executor, accountId: string): Promise<number>;
}

const context = (id: string): string => `pre-registration:${id}`;

export function createPreRegistrations(keyring: Keyring): PreRegistrations {
  return {
    async find(ex, accountId, kind) {
      const row = await ex
        .selectFrom('pre_registrations')
        .select(['id', 'data'])
        .where('account_id', '=', accountId)
        .where('kind', '=', kind)
        .executeTakeFirst();
      return row && (JSON.parse(keyring.open(row.data, context(row.id))) as string);
    },
    async put(ex, { accountId, kind, value, source }, now) {
      const id = newId();
      const row = { id, data: keyring.seal(JSON.stringify(value), context(id)), source, created_at: now };
      await ex
        .insertInto('pre_registrations')
        .values({ account_id: accountId, kind, ...row })
        .onConflict((conflict) => conflict.columns(['account_id', 'kind']).doUpdateSet(row))
        .execute();
    },
    async remove(ex, accountId) {
      const { numDeletedRows } = await ex
        .deleteFrom('pre_registrations')
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/** Somebody has a way that the organisation answers for: they are known, but have not enrolled themself. */
export async function know(ex: Executor, who: Pick<Account, 'id' | 'directory' | 'key'>): Promise<void> {
  await ex
    .insertInto('people')
    .values({ account_id: who.id, directory: who.directory, directory_key: who.key })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await mark(ex, who.id, who.key);
}
