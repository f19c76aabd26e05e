/**
 * Puts another file in the place of a database that nobody uses. At every instant there is one whole database in that place:
 * the old one or the new one. The old one stays under another name, also when it is damaged.
 */
import { existsSync, linkSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { syncPath } from '../../kernel/sync-path.ts';
import { explainFailure, SQLITE_BUSY, StorageFailure, sqliteCode } from '../failure.ts';
import { holdAlone } from './hold.ts';

/** What is in the write-ahead log goes into the file, if it can be read at all. @throws StorageFailure when somebody has it open. */
function settle(file: string): void {
  const database = new DatabaseSync(file, { timeout: 500 });
  try {
    // Refused while any other process has it open, also one that knows nothing of our hold.
    database.exec('pragma journal_mode = delete');
  } catch (error) {
    if (sqliteCode(error) === SQLITE_BUSY)
      throw new StorageFailure('Another program has the database open. Stop it first; nothing was changed.');
    // It is damaged, which may be why it is replaced.
  } finally {
    database.close();
  }
}

/** `fresh` is moved, so it must lie on the same disk. @throws StorageFailure while anybody uses the database. */
export function replaceSqlite(file: string, fresh: string, aside: string): void {
  const hold = holdAlone(file);
  try {
    if (existsSync(file)) {
      settle(file);
      linkSync(file, aside);
    }
    // Left only beside a damaged or missing database; beside the new one they would damage that.
    for (const ending of ['-wal', '-shm', '-journal'])
      if (existsSync(file + ending)) renameSync(file + ending, aside + ending);
    renameSync(fresh, file);
    syncPath(dirname(file));
  } catch (error) {
    throw explainFailure(error);
  } finally {
    hold.release();
  }
}
