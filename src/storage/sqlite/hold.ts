/**
 * Who uses a database file. Everybody who opens it holds a share; restoring and moving it want it alone. Both are locks of
 * SQLite on an empty file beside it, which stays the same file when the database is replaced; the kernel lets go of them when
 * a process dies, also by kill -9.
 */
import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SQLITE_BUSY, StorageFailure, sqliteCode } from '../failure.ts';

export interface Hold {
  release(): void;
}

/** ms; longer than the instant in which somebody else tries to get it alone and does not. */
const WAIT_MS = 1_000;

const lockFile = (file: string): string => `${file}-lock`;

function hold(file: string, statements: readonly string[], refusal: string): Hold {
  const path = lockFile(file);
  // SQLite would make it readable by others.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  const lock = new DatabaseSync(path, { timeout: WAIT_MS });
  try {
    for (const statement of statements) lock.exec(statement);
  } catch (error) {
    lock.close();
    if (sqliteCode(error) === SQLITE_BUSY) throw new StorageFailure(refusal, { cause: error });
    throw error;
  }
  return {
    release() {
      if (lock.isOpen) lock.close();
    },
  };
}

/** @throws StorageFailure while somebody has it alone. */
export const holdShare = (file: string): Hold =>
  hold(
    file,
    ['begin', 'select 1 from sqlite_schema'],
    'The database is being restored or moved by another command. Wait until that is done.',
  );

/** @throws StorageFailure while anybody uses it. */
export const holdAlone = (file: string): Hold =>
  hold(
    file,
    ['begin exclusive'],
    'A Sparekey server or command uses this database. Stop it first; nothing was changed.',
  );
