/** Opens a database of either engine, brought up to this build's tables. */
import { explainFailure, StorageFailure } from './failure.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import type { Migrations } from './migrations/migration.ts';
import { refuseOthers } from './postgres/alone.ts';
import type { PostgresConfig } from './postgres/connection.ts';
import { openPostgres } from './postgres/open.ts';
import { openSqlite, type SqliteConfig } from './sqlite/open.ts';
import type { Storage } from './storage.ts';

export type StorageConfig = SqliteConfig | PostgresConfig;

/** How long to wait while another process changes the tables. */
const LONG_MS = 600_000;

export interface OpenOptions {
  /** False: refuse a database that is not up to date (for operators who run `sparekey migrate` themselves). */
  migrate?: boolean;
  /** What a node of another build believes in (tests of rolling upgrades). Absent: this build's own. */
  migrations?: Migrations | undefined;
}

const engine = (config: StorageConfig, patient = false): Storage =>
  config.engine === 'sqlite' ? openSqlite(config, patient ? { patience: LONG_MS } : {}) : openPostgres(config, patient);

/** Runs what is pending, without the time limit of everyday statements. Returns the names. */
export async function migrateStorage(config: StorageConfig, migrations?: Migrations): Promise<string[]> {
  const storage = engine(config, true);
  try {
    return await migrate(storage, migrations);
  } catch (error) {
    throw explainFailure(error);
  } finally {
    await storage.close();
  }
}

/** @throws StorageFailure with a sentence for the operator. */
export async function openStorage(config: StorageConfig, options: OpenOptions = {}): Promise<Storage> {
  const inMemory = config.engine === 'sqlite' && config.file === ':memory:';
  if (options.migrate !== false && !inMemory) await migrateStorage(config, options.migrations);
  const storage = engine(config);
  try {
    if (inMemory) await migrate(storage, options.migrations);
    const pending = await pendingMigrations(storage, options.migrations);
    if (pending.length > 0) throw new StorageFailure('The database is not up to date: run `sparekey migrate` first.');
    return storage;
  } catch (error) {
    await storage.close();
    throw explainFailure(error);
  }
}

/**
 * A database that nobody else uses, without the time limit of everyday statements and not brought up to date.
 * @throws StorageFailure while a server or command uses it.
 */
export async function openAlone(config: StorageConfig): Promise<Storage> {
  if (config.engine === 'sqlite') return openSqlite(config, { alone: true });
  const storage = openPostgres(config, true);
  try {
    await refuseOthers(storage);
    return storage;
  } catch (error) {
    await storage.close();
    throw explainFailure(error);
  }
}

export { StaleWrite, StorageFailure } from './failure.ts';
