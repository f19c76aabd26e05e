/** Brings a database to this build's tables: all or nothing, one node at a time, never back from a newer build. */
import { Migrator } from 'kysely/migration';
import { explainFailure, StorageFailure } from './failure.ts';
import { migrations } from './migrations/index.ts';
import type { Storage } from './storage.ts';

const TABLE = 'kysely_migration';

async function executed(storage: Storage): Promise<string[]> {
  const tables = await storage.db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === TABLE)) return [];
  const rows = await storage.db
    .selectFrom(TABLE as never)
    .select('name' as never)
    .execute();
  return rows.map((row) => (row as { name: string }).name);
}

/** Names of migrations that this build has and the database lacks. @throws StorageFailure when the database is newer. */
export async function pendingMigrations(storage: Storage): Promise<string[]> {
  const done = await executed(storage);
  const unknown = done.filter((name) => !(name in migrations));
  if (unknown.length > 0)
    throw new StorageFailure(
      `This database was written by a newer version of Sparekey (it knows "${unknown[0]}", this build does not). ` +
        'Start that version or a newer one, or restore the backup made before the upgrade.',
    );
  return Object.keys(migrations).filter((name) => !done.includes(name));
}

/** Runs what is pending; returns the names. */
export async function migrate(storage: Storage): Promise<string[]> {
  if ((await pendingMigrations(storage)).length === 0) return [];
  const migrator = new Migrator({ db: storage.db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) throw explainFailure(error);
  return (results ?? []).map((result) => result.migrationName);
}
