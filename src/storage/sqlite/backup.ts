/** A copy of a database file as it was at one instant, made while others write to it, in one file of its own. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { syncPath } from '../../kernel/sync-path.ts';
import { explainFailure, StorageFailure } from '../failure.ts';
import type { Storage } from '../storage.ts';
import { sqliteStorage } from './open.ts';

const PAGES_AT_ONCE = 500;
const WAIT_MS = 5_000;

/** `target` must not exist. It is on disk when this resolves. @throws StorageFailure; then `target` is worth nothing. */
export async function copySqlite(
  file: string,
  target: string,
  onProgress: (share: number, pages: number) => void = () => {},
): Promise<void> {
  if (!existsSync(file)) throw new StorageFailure(`There is no database ${file}.`);
  try {
    closeSync(openSync(target, 'wx', 0o600));
    const source = new DatabaseSync(file, { readOnly: true, timeout: WAIT_MS });
    try {
      // One snapshot for the whole copy: without it, every write of somebody else would make it start over.
      source.exec('begin');
      source.prepare('select count(*) from sqlite_schema').get();
      await backup(source, target, {
        rate: PAGES_AT_ONCE,
        progress: ({ totalPages, remainingPages }) =>
          onProgress((totalPages - remainingPages) / totalPages, totalPages - remainingPages),
      });
    } finally {
      source.close();
    }
    makeWhole(target);
    syncPath(target);
  } catch (error) {
    throw explainFailure(error);
  }
}

/** No file beside it is needed to read it. */
function makeWhole(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('pragma journal_mode = delete');
  } finally {
    database.close();
  }
}

/** A copy, to look into it; it is not brought up to date. @throws StorageFailure when it is damaged or no database. */
export function openCopy(file: string): Storage {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    const answer = String(database.prepare('pragma integrity_check(1)').get()?.['integrity_check'] ?? 'no answer');
    if (answer !== 'ok') throw new StorageFailure(`The file ${file} is damaged: ${answer}`);
    return sqliteStorage(database, file);
  } catch (error) {
    database?.close();
    throw explainFailure(error);
  }
}
