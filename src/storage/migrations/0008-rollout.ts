/** Roll-out: reminders, what is known of people beforehand, lists on their way in. Only adds. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

type AnyDb = Kysely<unknown>;

const reminders = async (db: AnyDb) => {
  await db.schema
    .createTable('campaigns')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('who', 'text', (c) => c.notNull())
    .addColumn('groups', 'text', (c) => c.notNull())
    .addColumn('texts', 'text', (c) => c.notNull())
    .addColumn('every_days', 'integer', (c) => c.notNull())
    .addColumn('most', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('round', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('cursor', 'text', (c) => c.notNull())
    .addColumn('lease', 'text')
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .addColumn('problem', 'text')
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('reminders')
    .addColumn('campaign_id', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('round', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('reminders_once', ['campaign_id', 'account_id', 'round'])
    .execute();
  await db.schema.createIndex('reminders_by_person').on('reminders').column('account_id').execute();
  await db.schema.createIndex('reminders_by_round').on('reminders').columns(['campaign_id', 'round']).execute();
  await db.schema
    .createTable('reminder_opt_outs')
    .addColumn('account_id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
};

const beforehand = async (db: AnyDb) => {
  await db.schema
    .createTable('pre_registrations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('pre_registrations_one', ['account_id', 'kind'])
    .execute();
};

const lists = async (db: AnyDb) => {
  await db.schema
    .createTable('imports')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('options', 'text', (c) => c.notNull())
    .addColumn('notes', 'text', (c) => c.notNull())
    .addColumn('lines', 'integer', (c) => c.notNull())
    .addColumn('checked', 'integer', (c) => c.notNull())
    .addColumn('applied', 'integer', (c) => c.notNull())
    .addColumn('lease', 'text')
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .addColumn('problem', 'text')
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema.createIndex('imports_newest').on('imports').column('created_at').execute();
  await db.schema
    .createTable('import_lines')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('import_id', 'text', (c) => c.notNull())
    .addColumn('line', 'integer', (c) => c.notNull())
    .addColumn('account_id', 'text')
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('says', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addUniqueConstraint('import_lines_line', ['import_id', 'line'])
    .execute();
  await db.schema
    .createIndex('import_lines_state')
    .on('import_lines')
    .columns(['import_id', 'state', 'line'])
    .execute();
  await db.schema.createIndex('import_lines_account').on('import_lines').columns(['account_id', 'import_id']).execute();
};

export const rollout: Migration = {
  kind: 'expand',
  async up(db: AnyDb) {
    for (const part of [reminders, beforehand, lists]) await part(db);
  },
};
