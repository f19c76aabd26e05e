/** Versions of the settings that are kept in the database, and which of them is in force. Only adds. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

export const settings: Migration = {
  kind: 'expand',
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('settings_versions')
      .addColumn('number', 'integer', (c) => c.primaryKey())
      .addColumn('base', 'integer', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('comment', 'text', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('rolls_back_to', 'integer')
      .addColumn('decided_by', 'text')
      .addColumn('decided_at', 'bigint')
      .addColumn('note', 'text')
      .execute();
    await db.schema
      .createTable('settings_state')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('current', 'integer', (c) => c.notNull())
      .addColumn('newest', 'integer', (c) => c.notNull())
      .execute();
  },
};
