/**
 * Brings a database to this build's tables: all or nothing, one node at a time. A build that lacks migrations which only
 * expanded the tables goes on and starts again; behind a contraction it is refused.
 */
import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { explainFailure, StorageFailure } from './failure.ts';
import { migrations as ofThisBuild } from './migrations/index.ts';
import type { Migration, Migrations } from './migrations/migration.ts';
import type { Storage } from './storage.ts';

const TABLE = 'kysely_migration';
/** In `meta`: the newest contraction, so the oldest migration that a build must know. Empty: there was none. */
const OLDEST = 'oldest-build';

/** Names of migrations that were run on this database; none: it is empty, or not ours. */
export async function executedMigrations(storage: Storage): Promise<string[]> {
  const tables = await storage.db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === TABLE)) return [];
  const rows = await storage.db
    .selectFrom(TABLE as never)
    .select('name' as never)
    .execute();
  return rows.map((row) => (row as { name: string }).name);
}

const BACK = 'Start that version or a newer one, or restore the backup made before the upgrade.';

/** `unknown`: what a newer build did to this database. @throws StorageFailure when this one can't live with it. */
async function refuseDowngrade(storage: Storage, migrations: Migrations, unknown: string): Promise<void> {
  const row = await storage.db.selectFrom('meta').select('value').where('name', '=', OLDEST).executeTakeFirst();
  if (!row)
    throw new StorageFailure(
      `This database was written by a newer version of Sparekey (it knows "${unknown}", this build does not). ${BACK}`,
    );
  if (row.value !== '' && !(row.value in migrations))
    throw new StorageFailure(
      `This database was written by a newer version of Sparekey, which took away what this build needs ("${row.value}"). ${BACK}`,
    );
}

/** Names of migrations that this build has and the database lacks. @throws StorageFailure when the database is too new. */
export async function pendingMigrations(storage: Storage, migrations: Migrations = ofThisBuild): Promise<string[]> {
  const done = await executedMigrations(storage);
  const unknown = done.find((name) => !(name in migrations));
  const pending = Object.keys(migrations).filter((name) => !done.includes(name));
  if (unknown === undefined) return pending;
  await refuseDowngrade(storage, migrations, unknown);
  if (pending.length === 0) return [];
  throw new StorageFailure(
    `This build and the one that wrote the database are not of one line: it lacks "${pending[0]}" and knows "${unknown}". ${BACK}`,
  );
}

/** In the transaction of the migration itself. */
async function record(db: Kysely<unknown>, name: string, kind: Migration['kind']): Promise<void> {
  const value = kind === 'contract' ? name : '';
  await sql`insert into meta (name, value) values (${OLDEST}, ${value}) on conflict (name) do nothing`.execute(db);
  if (kind === 'contract') await sql`update meta set value = ${value} where name = ${OLDEST}`.execute(db);
}

const recorded = (migrations: Migrations): Migrations =>
  Object.fromEntries(
    Object.entries(migrations).map(([name, { kind, up }]) => [
      name,
      {
        kind,
        async up(db) {
          await up(db);
          await record(db, name, kind);
        },
      },
    ]),
  );

/** Runs what is pending; returns the names. A node that dies meanwhile leaves neither half a table nor a lock behind. */
export async function migrate(storage: Storage, migrations: Migrations = ofThisBuild): Promise<string[]> {
  if ((await pendingMigrations(storage, migrations)).length === 0) return [];
  const provider = { getMigrations: async () => recorded(migrations) };
  const { error, results } = await new Migrator({ db: storage.db, provider }).migrateToLatest();
  if (error) {
    // A node of a newer build was faster: what it did may well be enough for this one.
    if ((await pendingMigrations(storage, migrations)).length === 0) return [];
    throw explainFailure(error);
  }
  return (results ?? []).map((result) => result.migrationName);
}
