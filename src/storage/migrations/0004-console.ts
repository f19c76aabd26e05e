/** Who works in the console. Only adds: a node of the build before goes on working. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

export const staff: Migration = {
  kind: 'expand',
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('sessions').addColumn('factor', 'text').execute();
    await db.schema.alterTable('people').addColumn('watched_until', 'bigint').execute();
    await db.schema
      .createTable('staff_grants')
      .addColumn('account_id', 'text', (c) => c.primaryKey())
      .addColumn('username', 'text', (c) => c.notNull())
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('granted_by', 'text', (c) => c.notNull())
      .addColumn('granted_at', 'bigint', (c) => c.notNull())
      .execute();
  },
};
