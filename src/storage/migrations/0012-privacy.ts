/** Who has left the directory, and what was deleted by age. Only adds. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

export const privacy: Migration = {
  kind: 'expand',
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('privacy_leavers')
      .addColumn('account_id', 'text', (c) => c.primaryKey())
      .addColumn('missed_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('privacy_deletions')
      .addColumn('day', 'text', (c) => c.notNull())
      .addColumn('class', 'text', (c) => c.notNull())
      .addColumn('rows', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('privacy_deletions_pk', ['day', 'class'])
      .execute();
    await db.schema
      .createTable('privacy_state')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('lease', 'text')
      .addColumn('lease_until', 'bigint', (c) => c.notNull())
      .addColumn('looked_at', 'bigint')
      .addColumn('known', 'bigint', (c) => c.notNull())
      .addColumn('missing', 'bigint', (c) => c.notNull())
      .addColumn('held_at', 'bigint')
      .addColumn('told_at', 'bigint')
      .addColumn('accepted', 'bigint', (c) => c.notNull())
      .addColumn('problem', 'text')
      .execute();
    await db.schema
      .createIndex('incidents_closed')
      .on('incidents')
      .column('closed_at')
      .where('closed_at' as never, 'is not', null)
      .execute();
    await db.schema.createIndex('second_requests_by_account').on('second_requests').column('account_id').execute();
  },
};
