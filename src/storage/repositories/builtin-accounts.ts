/** The people of the built-in directory. Usernames and addresses are unique whatever their case or Unicode form. */
import { type Selectable, sql } from 'kysely';
import type { BuiltinAccountTable } from '../schema.ts';
import type { Executor } from '../storage.ts';

export interface BuiltinAccount {
  id: string;
  username: string;
  mail: string | undefined;
  displayName: string;
  givenName: string | undefined;
  language: string | undefined;
  groups: string[];
  /** argon2id in PHC form. */
  passwordHash: string;
  passwordChangedAt: number;
  mustChange: boolean;
  disabled: boolean;
  cannotChange: boolean;
  expiresAt: number | undefined;
  lockedUntil: number | undefined;
  failedBinds: number;
  /** Further attributes, for policy and facts. */
  attributes?: Readonly<Record<string, readonly string[]>>;
}

export type NewBuiltinAccount = Omit<BuiltinAccount, 'lockedUntil' | 'failedBinds'>;
export type BuiltinAccountChange = Partial<
  Omit<BuiltinAccount, 'id' | 'passwordHash' | 'passwordChangedAt' | 'lockedUntil' | 'failedBinds'>
>;

/** The form in which usernames and addresses are compared. Looser than the directory's own, which looks again. */
export const identifierKey = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC');

const bit = (value: boolean): number => (value ? 1 : 0);

const read = (row: Selectable<BuiltinAccountTable>): BuiltinAccount => ({
  id: row.id,
  username: row.username,
  mail: row.mail ?? undefined,
  displayName: row.display_name,
  givenName: row.given_name ?? undefined,
  language: row.language ?? undefined,
  groups: JSON.parse(row.groups) as string[],
  passwordHash: row.password_hash,
  passwordChangedAt: row.password_changed_at,
  mustChange: row.must_change === 1,
  disabled: row.disabled === 1,
  cannotChange: row.cannot_change === 1,
  expiresAt: row.expires_at ?? undefined,
  lockedUntil: row.locked_until ?? undefined,
  failedBinds: row.failed_binds,
  attributes: JSON.parse(row.attributes) as Record<string, string[]>,
});

const columns = (change: BuiltinAccountChange): Partial<BuiltinAccountTable> => {
  const has = (key: keyof BuiltinAccountChange): boolean => key in change;
  return {
    ...(change.username === undefined
      ? {}
      : { username: change.username, username_key: identifierKey(change.username) }),
    ...(has('mail')
      ? { mail: change.mail ?? null, mail_key: change.mail === undefined ? null : identifierKey(change.mail) }
      : {}),
    ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
    ...(has('givenName') ? { given_name: change.givenName ?? null } : {}),
    ...(has('language') ? { language: change.language ?? null } : {}),
    ...(change.groups === undefined ? {} : { groups: JSON.stringify(change.groups) }),
    ...(change.mustChange === undefined ? {} : { must_change: bit(change.mustChange) }),
    ...(change.disabled === undefined ? {} : { disabled: bit(change.disabled) }),
    ...(change.cannotChange === undefined ? {} : { cannot_change: bit(change.cannotChange) }),
    ...(change.attributes === undefined ? {} : { attributes: JSON.stringify(change.attributes) }),
    ...(has('expiresAt') ? { expires_at: change.expiresAt ?? null } : {}),
  };
};

const findBy = async (
  ex: Executor,
  column: 'id' | 'username_key' | 'mail_key',
  value: string,
): Promise<BuiltinAccount | undefined> => {
  const row = await ex.selectFrom('builtin_accounts').selectAll().where(column, '=', value).executeTakeFirst();
  return row && read(row);
};

export const findById = (ex: Executor, id: string) => findBy(ex, 'id', id);
export const findByUsername = (ex: Executor, username: string) => findBy(ex, 'username_key', identifierKey(username));
export const findByMail = (ex: Executor, mail: string) => findBy(ex, 'mail_key', identifierKey(mail));

/** @returns false when the id, the username or the address is taken; nothing is stored then. */
export async function insert(ex: Executor, account: NewBuiltinAccount): Promise<boolean> {
  const row = {
    ...columns({ ...account }),
    id: account.id,
    password_hash: account.passwordHash,
    password_changed_at: account.passwordChangedAt,
    failed_binds: 0,
  } as BuiltinAccountTable;
  const { numInsertedOrUpdatedRows } = await ex
    .insertInto('builtin_accounts')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

const update = (ex: Executor, id: string, set: Partial<BuiltinAccountTable>) =>
  ex.updateTable('builtin_accounts').set(set).where('id', '=', id);

const updated = async (query: ReturnType<typeof update>): Promise<boolean> =>
  (await query.executeTakeFirst()).numUpdatedRows === 1n;

/** @returns false when there is no such account. @throws when the new username or address is taken. */
export const change = async (ex: Executor, id: string, wanted: BuiltinAccountChange): Promise<boolean> => {
  const set = columns(wanted);
  return Object.keys(set).length === 0 ? (await findById(ex, id)) !== undefined : updated(update(ex, id, set));
};

/**
 * Stores a new password's hash and nothing else: a lock stays. `replaces`: only when that hash is still in force, so
 * that two parallel changes can't both succeed. @returns false when it was not stored.
 */
export const setPassword = (
  ex: Executor,
  id: string,
  password: { hash: string; at: number; mustChange: boolean; replaces?: string },
): Promise<boolean> => {
  const { hash, at, mustChange, replaces } = password;
  const query = update(ex, id, { password_hash: hash, password_changed_at: at, must_change: bit(mustChange) });
  return updated(replaces === undefined ? query : query.where('password_hash', '=', replaces));
};

/** Counts a wrong password; from `threshold` on the account is locked until `lockUntil`. One statement, so none is lost. */
export async function recordFailedBind(
  ex: Executor,
  id: string,
  { threshold, lockUntil }: { threshold: number; lockUntil: number },
): Promise<{ failedBinds: number; lockedUntil: number | undefined } | undefined> {
  const row = await ex
    .updateTable('builtin_accounts')
    .set({
      failed_binds: sql<number>`failed_binds + 1`,
      locked_until: sql<number>`case when failed_binds + 1 >= cast(${threshold} as integer) then cast(${lockUntil} as bigint) else locked_until end`,
    })
    .where('id', '=', id)
    .returning(['failed_binds', 'locked_until'])
    .executeTakeFirst();
  return row && { failedBinds: row.failed_binds, lockedUntil: row.locked_until ?? undefined };
}

/** Clears the lock and the failures. */
export const unlock = (ex: Executor, id: string): Promise<boolean> =>
  updated(update(ex, id, { failed_binds: 0, locked_until: null }));

export async function remove(ex: Executor, id: string): Promise<boolean> {
  const { numDeletedRows } = await ex.deleteFrom('builtin_accounts').where('id', '=', id).executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Everybody, in pages ordered by id: give the last id of a page as `after` of the next. */
export async function page(
  ex: Executor,
  { after = '', limit = 500 }: { after?: string; limit?: number } = {},
): Promise<BuiltinAccount[]> {
  const rows = await ex
    .selectFrom('builtin_accounts')
    .selectAll()
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(read);
}
