/**
 * Transactions of both engines: run again after a deadlock, and when the connection was lost before the commit was sent (a
 * server that is restarted); never when nobody knows whether the commit arrived. Told apart from misuse. Whoever uses the outer `db`
 * (or starts a second transaction) inside a transaction gets an error at once, where SQLite would wait for ever and
 * PostgreSQL would quietly write outside of the transaction.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { explainFailure, isLost, isRetryable } from './failure.ts';
import type { Schema } from './schema.ts';

const ATTEMPTS = 6;

/** `again`: it left nothing behind, and may well succeed the next time. */
type Once<T> = { is: 'done'; result: T } | { is: 'failed'; error: unknown; again: boolean };

export interface TransactionScope {
  /** @throws Error when called from inside a transaction of this storage. */
  assertOutside(): void;
  run<T>(db: Kysely<Schema>, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T>;
}

export function createTransactionScope(): TransactionScope {
  const inside = new AsyncLocalStorage<{ open: boolean }>();

  const once = async <T>(db: Kysely<Schema>, work: (trx: Transaction<Schema>) => Promise<T>): Promise<Once<T>> => {
    let failed: { error: unknown } | undefined;
    let committing = false;
    try {
      const result = await db.transaction().execute(async (trx) => {
        const mark = { open: true };
        try {
          const made = await inside.run(mark, () => work(trx));
          committing = true;
          return made;
        } catch (error) {
          failed = { error };
          throw error;
        } finally {
          // Timers that were started inside live on; for them the transaction is over.
          mark.open = false;
        }
      });
      return { is: 'done', result };
    } catch (error) {
      // On a broken connection the rollback fails as well; why it had to roll back says more.
      const cause = failed ? failed.error : error;
      return { is: 'failed', error: cause, again: isRetryable(cause) || (!committing && isLost(cause)) };
    }
  };

  return {
    assertOutside() {
      if (inside.getStore()?.open)
        throw new Error('The outer database was used inside a transaction: pass `trx` to every function.');
    },
    async run(db, work) {
      for (let attempt = 1; ; attempt += 1) {
        const ended = await once(db, work);
        if (ended.is === 'done') return ended.result;
        if (attempt >= ATTEMPTS || !ended.again) throw explainFailure(ended.error);
        await wait(2 ** attempt * (5 + Math.random() * 5));
      }
    },
  };
}
