/**
 * Transactions of both engines: retried a few times on a deadlock, told apart from misuse. Whoever uses the outer `db`
 * (or starts a second transaction) inside a transaction gets an error at once, where SQLite would wait for ever and
 * PostgreSQL would quietly write outside of the transaction.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { explainFailure, isRetryable } from './failure.ts';
import type { Schema } from './schema.ts';

const ATTEMPTS = 6;

export interface TransactionScope {
  /** @throws Error when called from inside a transaction of this storage. */
  assertOutside(): void;
  run<T>(db: Kysely<Schema>, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T>;
}

export function createTransactionScope(): TransactionScope {
  const inside = new AsyncLocalStorage<{ open: boolean }>();

  const once = <T>(db: Kysely<Schema>, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> =>
    db.transaction().execute(async (trx) => {
      const mark = { open: true };
      try {
        return await inside.run(mark, () => work(trx));
      } finally {
        // Timers that were started inside live on; for them the transaction is over.
        mark.open = false;
      }
    });

  return {
    assertOutside() {
      if (inside.getStore()?.open)
        throw new Error('The outer database was used inside a transaction: pass `trx` to every function.');
    },
    async run(db, work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(db, work);
        } catch (error) {
          if (attempt >= ATTEMPTS || !isRetryable(error)) throw explainFailure(error);
          await wait(2 ** attempt * (5 + Math.random() * 5));
        }
      }
    },
  };
}
