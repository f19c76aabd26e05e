/** Opens a database of either engine, brought up to this build's tables. */
import { explainFailure, StorageFailure } from './failure.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import type { PostgresConfig } from './postgres/connection.ts';
import { openPostgres } from './postgres/open.ts';
import { openSqlite, type SqliteConfig } from './sqlite/open.ts';
import type { Storage } from './storage.ts';

export type StorageConfig = SqliteConfig | PostgresConfig;

export interface OpenOptions {
  /** False: refuse a database that is not up to date (for operators who run `sparekey migrate` themselves). */
  migrate?: boolean;
}

const engine = (config: StorageConfig, patient = false): Storage =>
  config.engine === 'sqlite' ? openSqlite(config) : openPostgres(config, patient);

/** Runs what is pending, without the time limit of everyday statements. Returns the names. */
export async function migrateStorage(config: StorageConfig): Promise<string[]> {
  const storage = engine(config, true);
  try {
    return await migrate(storage);
  } catch (error) {
    throw explainFailure(error);
  } finally {
    await storage.close();
  }
}

/** @throws StorageFailure with a sentence for the operator. */
export async function openStorage(config: StorageConfig, options: OpenOptions = {}): Promise<Storage> {
  const inMemory = config.engine === 'sqlite' && config.file === ':memory:';
  if (options.migrate !== false && !inMemory) await migrateStorage(config);
  const storage = engine(config);
  try {
    if (inMemory) await migrate(storage);
    const pending = await pendingMigrations(storage);
    if (pending.length > 0) throw new StorageFailure('The database is not up to date: run `sparekey migrate` first.');
    return storage;
  } catch (error) {
    await storage.close();
    throw explainFailure(error);
  }
}

export { StaleWrite, StorageFailure } from './failure.ts';
