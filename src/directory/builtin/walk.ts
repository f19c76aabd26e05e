/** Everybody in the built-in directory, page by page. An entry's stamp is a digest of it: the table keeps no time of change. */
import { createHash } from 'node:crypto';
import type { Account } from '../../kernel/account.ts';
import type { DirectoryWalk, PreflightBlock } from '../directory.ts';
import type { BuiltinAccount, BuiltinStore } from './store.ts';

export interface BuiltinWalk {
  store: BuiltinStore & { page: NonNullable<BuiltinStore['page']> };
  toAccount(row: BuiltinAccount): Account;
  /** What stands against a reset. */
  blockOf(row: BuiltinAccount): { why: PreflightBlock; cause: string } | undefined;
  causeOf(error: unknown): string;
}

const stampOf = ({ passwordHash, passwordChangedAt, lockedUntil, failedBinds, ...entry }: BuiltinAccount): string =>
  createHash('sha256').update(JSON.stringify(entry)).digest('base64url').slice(0, 16);

export const createWalk = ({ store, toAccount, blockOf, causeOf }: BuiltinWalk): DirectoryWalk => ({
  async list(onPage) {
    for (let page = await store.page(''); page.length > 0; page = await store.page(page.at(-1)?.id ?? ''))
      await onPage(page.map((row) => ({ key: row.id, stamp: stampOf(row) })));
  },
  async read(key) {
    try {
      const row = await store.findById(key);
      if (!row) return { is: 'none' };
      const blocked = blockOf(row);
      return { is: 'found', account: toAccount(row), ...(blocked ? { blocked } : {}) };
    } catch (error) {
      return { is: 'unavailable', cause: causeOf(error) };
    }
  },
});
