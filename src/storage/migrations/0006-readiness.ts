/** Who could recover today, kept ready to be looked at. Only adds: a node of the build before goes on working. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

type AnyDb = Kysely<unknown>;

const accounts = async (db: AnyDb) => {
  await db.schema
    .createTable('readiness')
    .addColumn('account_id', 'text', (c) => c.primaryKey())
    .addColumn('directory', 'text', (c) => c.notNull())
    .addColumn('directory_key', 'text', (c) => c.notNull())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('username_key', 'text', (c) => c.notNull())
    .addColumn('display_name', 'text', (c) => c.notNull())
    .addColumn('sort_key', 'text', (c) => c.notNull())
    .addColumn('locator', 'text', (c) => c.notNull())
    .addColumn('groups', 'text', (c) => c.notNull())
    .addColumn('attributes', 'text', (c) => c.notNull())
    .addColumn('facts', 'text', (c) => c.notNull())
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('reasons', 'text', (c) => c.notNull())
    .addColumn('stamp', 'text')
    .addColumn('seen_walk', 'integer', (c) => c.notNull())
    .addColumn('read_at', 'bigint', (c) => c.notNull())
    .addColumn('checked_at', 'bigint', (c) => c.notNull())
    .addColumn('recheck_at', 'bigint')
    .execute();
  await db.schema.createIndex('readiness_username').on('readiness').column('username_key').execute();
  await db.schema.createIndex('readiness_seen').on('readiness').column('seen_walk').execute();
  await db.schema
    .createIndex('readiness_recheck')
    .on('readiness')
    .column('recheck_at')
    .where('recheck_at' as never, 'is not', null)
    .execute();
};

const figures = async (db: AnyDb) => {
  await db.schema
    .createTable('readiness_marks')
    .addColumn('group_id', 'text', (c) => c.notNull())
    .addColumn('mark', 'text', (c) => c.notNull())
    .addColumn('sort_key', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('readiness_marks_pk', ['group_id', 'mark', 'sort_key', 'account_id'])
    .execute();
  await db.schema
    .createTable('readiness_groups')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_key', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('readiness_groups_name').on('readiness_groups').column('name_key').execute();
  await db.schema
    .createTable('readiness_counts')
    .addColumn('group_id', 'text', (c) => c.notNull())
    .addColumn('mark', 'text', (c) => c.notNull())
    .addColumn('people', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('readiness_counts_pk', ['group_id', 'mark'])
    .execute();
  await db.schema.createIndex('readiness_counts_mark').on('readiness_counts').columns(['mark', 'people']).execute();
  await db.schema
    .createTable('readiness_days')
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('group_id', 'text', (c) => c.notNull())
    .addColumn('ready', 'bigint', (c) => c.notNull())
    .addColumn('not_ready', 'bigint', (c) => c.notNull())
    .addColumn('alarmed', 'integer', (c) => c.notNull().defaultTo(0))
    .addPrimaryKeyConstraint('readiness_days_pk', ['day', 'group_id'])
    .execute();
  await db.schema.createIndex('readiness_days_group').on('readiness_days').columns(['group_id', 'day']).execute();
};

const work = async (db: AnyDb) => {
  await db.schema
    .createTable('readiness_dirty')
    .addColumn('account_id', 'text', (c) => c.primaryKey())
    .addColumn('directory_key', 'text')
    .addColumn('stamp', 'text')
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('readiness_state')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('lease', 'text')
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .addColumn('walk', 'integer', (c) => c.notNull())
    .addColumn('walk_started_at', 'bigint')
    .addColumn('walk_listed', 'bigint', (c) => c.notNull())
    .addColumn('walk_ended_at', 'bigint')
    .addColumn('rules', 'text', (c) => c.notNull())
    .addColumn('rules_after', 'text')
    .addColumn('problem', 'text')
    .execute();
};

export const readiness: Migration = {
  kind: 'expand',
  async up(db: AnyDb) {
    for (const part of [accounts, figures, work]) await part(db);
  },
};
