/**
 * Kysely on node:sqlite. Differs from Kysely's own SQLite dialect in five places: transactions take the write lock at
 * once (a later upgrade would fail with SQLITE_BUSY), waiting for another process's lock leaves the event loop free,
 * DDL runs inside transactions, a transaction that SQLite itself rolled back is not rolled back again (that error
 * would hide the cause), and whoever wrote waits for the disk after the connection is free for the next one. Misuse is seen
 * before waiting for the connection.
 */
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import { explainFailure, SQLITE_BUSY, sqliteCode } from '../failure.ts';
import { adaptSqlite } from './adapter.ts';
import type { Disk } from './disk.ts';

export interface SqliteDialectDeps {
  database: DatabaseSync;
  /** @throws Error when called from inside a transaction. */
  assertOutside(): void;
  /** ms to wait for a lock of another process. */
  patience: number;
  disk: Disk;
}

/** Leave nothing in the log. */
const READS = /^(?:select|begin|commit|rollback)\b/i;

/** First come, first served. */
function createMutex() {
  let tail = Promise.resolve();
  let release = () => {};
  return {
    async lock(): Promise<void> {
      const before = tail;
      let open = () => {};
      tail = new Promise((done) => {
        open = done;
      });
      await before;
      release = open;
    },
    unlock: () => release(),
  };
}

/** Statements outside of a transaction, `begin` included, wait for another process's lock. Inside, we hold the lock. */
const patient = (
  inner: DatabaseConnection,
  { database, patience }: SqliteDialectDeps,
  wrote: () => void,
): DatabaseConnection => ({
  async executeQuery<R>(query: CompiledQuery) {
    if (!READS.test(query.sql)) wrote();
    for (const deadline = performance.now() + patience; ; await wait(2 + Math.random() * 10)) {
      try {
        return await inner.executeQuery<R>(query);
      } catch (error) {
        const hopeless = database.isTransaction || performance.now() > deadline;
        if (hopeless || sqliteCode(error) !== SQLITE_BUSY) throw explainFailure(error);
      }
    }
  },
  streamQuery: (query, size) => inner.streamQuery(query, size),
});

function createDriver(deps: SqliteDialectDeps): Driver {
  const { database, assertOutside, disk } = deps;
  const driver = new SqliteDriver({ database: adaptSqlite(database) });
  const mutex = createMutex();
  let connection: DatabaseConnection | undefined;
  let dirty = false;
  const wrote = () => {
    dirty = true;
  };
  return {
    init: () => driver.init(),
    async acquireConnection() {
      assertOutside();
      await mutex.lock();
      connection ??= patient(await driver.acquireConnection(), deps, wrote);
      return connection;
    },
    async releaseConnection() {
      const wait = dirty;
      dirty = false;
      mutex.unlock();
      if (wait) await disk.settled();
    },
    async beginTransaction(connection) {
      await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    },
    commitTransaction: (connection) => driver.commitTransaction(connection),
    async rollbackTransaction(connection) {
      if (database.isTransaction) await driver.rollbackTransaction(connection);
    },
    destroy: () => driver.destroy(),
  };
}

export function createSqliteDialect(deps: SqliteDialectDeps): Dialect {
  const base = new SqliteDialect({ database: adaptSqlite(deps.database) });
  return {
    createDriver: () => createDriver(deps),
    createQueryCompiler: () => base.createQueryCompiler(),
    createIntrospector: (db) => base.createIntrospector(db),
    createAdapter: () =>
      Object.defineProperties(new SqliteAdapter(), {
        supportsTransactionalDdl: { value: true },
        // The lock is in our driver, where misuse is checked first.
        supportsMultipleConnections: { value: true },
      }),
  };
}
