/**
 * The embedded engine: one file, readable by its owner only, every commit on disk before it is acknowledged,
 * deleted values overwritten.
 */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Finding } from '../../kernel/plugin.ts';
import { explainFailure } from '../failure.ts';
import type { Schema } from '../schema.ts';
import type { Storage } from '../storage.ts';
import { createTransactionScope } from '../transaction.ts';
import { createSqliteDialect } from './dialect.ts';

export interface SqliteConfig {
  engine: 'sqlite';
  /** Path, or `:memory:` for a trial. */
  file: string;
}

const MEMORY = ':memory:';
/** SQLite's own waiting blocks the whole process, so it is short; the dialect waits on. */
const BLOCKING_MS = 20;
const PATIENCE_MS = 5_000;

function makeFile(file: string): void {
  if (file === MEMORY) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  // The umask may have taken bits away and an older file may have too many; -wal and -shm follow the main file.
  chmodSync(file, 0o600);
}

function openFile(file: string): DatabaseSync {
  makeFile(file);
  const database = new DatabaseSync(file, { timeout: PATIENCE_MS, enableForeignKeyConstraints: true });
  try {
    database.exec('pragma journal_mode = wal');
    database.exec('pragma synchronous = full');
    database.exec('pragma secure_delete = on');
    database.exec('pragma trusted_schema = off');
    database.exec(`pragma busy_timeout = ${BLOCKING_MS}`);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

const accessFindings = (file: string): Finding[] =>
  [
    { path: file, what: 'access to the database file', wanted: 0o600 },
    { path: dirname(file), what: 'access to the folder of the database', wanted: 0o700 },
  ].map(({ path, what, wanted }) => {
    const mode = statSync(path).mode & 0o777;
    if ((mode & ~wanted) === 0) return { is: 'ok', what };
    return {
      is: 'warning',
      what,
      cause: `${path} has mode ${mode.toString(8)}, so others on this machine can get at it.`,
      fix: `chmod ${wanted.toString(8)} ${path}`,
      key: 'file',
    };
  });

const integrityFinding = (database: DatabaseSync): Finding => {
  const what = 'integrity of the database file';
  const answer = String(database.prepare('pragma quick_check(1)').get()?.['quick_check'] ?? 'no answer');
  if (answer === 'ok') return { is: 'ok', what };
  return { is: 'failed', what, cause: answer, fix: 'Stop Sparekey and restore the file from a backup.', key: 'file' };
};

/** `patience`: ms to wait for a lock of another process. */
export function openSqlite(config: SqliteConfig, patience = PATIENCE_MS): Storage {
  let database: DatabaseSync;
  try {
    database = openFile(config.file);
  } catch (error) {
    throw explainFailure(error);
  }
  const scope = createTransactionScope();
  const db = new Kysely<Schema>({
    dialect: createSqliteDialect({ database, assertOutside: scope.assertOutside, patience }),
  });
  return {
    engine: 'sqlite',
    db,
    transaction: (work) => scope.run(db, work),
    async check() {
      try {
        const access = config.file === MEMORY ? [] : accessFindings(config.file);
        return [...access, integrityFinding(database)];
      } catch (error) {
        return [{ is: 'failed', what: 'the database file', cause: String(explainFailure(error)), key: 'file' }];
      }
    },
    async close() {
      await db.destroy();
      if (database.isOpen) database.close();
    },
  };
}
