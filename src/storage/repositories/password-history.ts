/** Hashes of earlier passwords, only where no directory keeps them. Never more than the newest few per account. */
import { newId } from '../../kernel/random.ts';
import type { Executor } from '../storage.ts';

/** Newest first. */
export async function list(ex: Executor, accountId: string, limit: number): Promise<string[]> {
  const rows = await newest(ex, accountId).select('hash').limit(limit).execute();
  return rows.map((row) => row.hash);
}

/** Adds `hash` and forgets all but the newest `keep` of that account. */
export async function add(
  ex: Executor,
  entry: { accountId: string; hash: string; now: number },
  keep: number,
): Promise<void> {
  await ex
    .insertInto('password_history')
    .values({ id: newId(), account_id: entry.accountId, hash: entry.hash, created_at: entry.now })
    .execute();
  const kept = await newest(ex, entry.accountId).select('id').limit(keep).execute();
  await ex
    .deleteFrom('password_history')
    .where('account_id', '=', entry.accountId)
    .$if(kept.length > 0, (query) =>
      query.where(
        'id',
        'not in',
        kept.map((row) => row.id),
      ),
    )
    .execute();
}

const newest = (ex: Executor, accountId: string) =>
  ex
    .selectFrom('password_history')
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc');
