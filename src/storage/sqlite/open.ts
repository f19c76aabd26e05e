/**
 * The embedded engine: one file, readable by its owner only, every commit on disk before it is acknowledged,
 * deleted values overwritten.
 */
import { accessSync, chmodSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Finding } from '../../kernel/plugin.ts';
import { explainFailure } from '../failure.ts';
import type { Schema } from '../schema.ts';
import type { Storage } from '../storage.ts';
import { createTransactionScope } from '../transaction.ts';
import { createSqliteDialect } from './dialect.ts';
import { createDisk, type Disk, noDisk } from './disk.ts';
import { type Hold, holdAlone, holdShare } from './hold.ts';

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
  // Opening and closing a file that is there would let go of all locks that this process has on it.
  if (existsSync(file)) {
    if (statSync(file).isDirectory()) throw Object.assign(new Error('It is a folder.'), { code: 'EISDIR' });
    accessSync(file, constants.R_OK | constants.W_OK);
  } else closeSync(openSync(file, 'a', 0o600));
  // The umask may have taken bits away and an older file may have too many; -wal and -shm follow the main file.
  chmodSync(file, 0o600);
}

function openFile(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: PATIENCE_MS, enableForeignKeyConstraints: true });
  try {
    database.exec('pragma journal_mode = wal');
    // Syncing the log is done by disk.ts, for all who wait at once.
    database.exec('pragma synchronous = normal');
    database.exec('pragma secure_delete = on');
    database.exec('pragma trusted_schema = off');
    database.exec(`pragma busy_timeout = ${BLOCKING_MS}`);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

export interface SqliteOptions {
  /** ms to wait for a lock of another process. */
  patience?: number;
  /** Refuses a database that another process uses, and keeps others out until it is closed. */
  alone?: boolean;
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

const UNSYNCED: Finding = {
  is: 'failed',
  what: 'the database file',
  cause: 'The disk did not take what was stored.',
  fix: 'Look at the disk and the system log, then restart.',
  key: 'file',
};

export interface SqliteParts {
  patience?: number | undefined;
  /** Given back when the storage is closed. */
  hold?: Hold | undefined;
  /** Absent: SQLite syncs by itself, or there is nothing to sync. */
  disk?: Disk;
}

export function sqliteStorage(
  database: DatabaseSync,
  file: string,
  { patience = PATIENCE_MS, hold, disk = noDisk }: SqliteParts = {},
): Storage {
  const scope = createTransactionScope();
  const db = new Kysely<Schema>({
    dialect: createSqliteDialect({ database, assertOutside: scope.assertOutside, patience, disk }),
  });
  return {
    engine: 'sqlite',
    db,
    transaction: (work) => scope.run(db, work),
    async check() {
      try {
        const access = file === MEMORY ? [] : accessFindings(file);
        return [...access, disk.failed() ? UNSYNCED : integrityFinding(database)];
      } catch (error) {
        return [{ is: 'failed', what: 'the database file', cause: String(explainFailure(error)), key: 'file' }];
      }
    },
    async ready() {
      try {
        database.prepare('select 1 from meta limit 1').get();
        return !disk.failed();
      } catch {
        return false;
      }
    },
    async close() {
      await db.destroy();
      await disk.close();
      if (database.isOpen) database.close();
      hold?.release();
    },
  };
}

/** @throws StorageFailure with a sentence for the operator. */
export function openSqlite({ file }: SqliteConfig, { patience, alone = false }: SqliteOptions = {}): Storage {
  let hold: Hold | undefined;
  try {
    makeFile(file);
    if (file === MEMORY) return sqliteStorage(openFile(file), file, { patience });
    hold = alone ? holdAlone(file) : holdShare(file);
    return sqliteStorage(openFile(file), file, { patience, hold, disk: createDisk(`${file}-wal`) });
  } catch (error) {
    hold?.release();
    throw explainFailure(error);
  }
}
