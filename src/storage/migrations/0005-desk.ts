/** The helper desk: calls, what was done in them, and requests for a second person. Only adds. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

export const desk: Migration = {
  kind: 'expand',
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('calls')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('helper_id', 'text', (c) => c.notNull())
      .addColumn('helper', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('directory_key', 'text', (c) => c.notNull())
      .addColumn('username', 'text', (c) => c.notNull())
      .addColumn('ticket', 'text', (c) => c.notNull())
      .addColumn('opened_at', 'bigint', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('ended_by', 'text')
      .addColumn('version', 'integer', (c) => c.notNull().defaultTo(1))
      .addColumn('verified_at', 'bigint')
      .addColumn('data', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('calls_by_helper').on('calls').columns(['helper_id', 'opened_at']).execute();
    await db.schema.createIndex('calls_by_account').on('calls').columns(['account_id', 'opened_at']).execute();
    await db.schema.createIndex('calls_by_expiry').on('calls').column('expires_at').execute();
    await db.schema
      .createTable('call_acts')
      .addColumn('call_id', 'text', (c) => c.notNull())
      .addColumn('act', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('call_acts_once', ['call_id', 'act'])
      .execute();
    await db.schema.createIndex('call_acts_by_age').on('call_acts').column('at').execute();
    await db.schema
      .createTable('second_requests')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('call_id', 'text', (c) => c.notNull())
      .addColumn('act', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('username', 'text', (c) => c.notNull())
      .addColumn('directory_key', 'text', (c) => c.notNull())
      .addColumn('helper_id', 'text', (c) => c.notNull())
      .addColumn('helper', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addColumn('decision', 'text')
      .addColumn('decided_by', 'text')
      .addColumn('decided_at', 'bigint')
      .addColumn('used_at', 'bigint')
      .execute();
    await db.schema.createIndex('second_requests_by_call').on('second_requests').columns(['call_id', 'act']).execute();
    await db.schema.createIndex('second_requests_by_expiry').on('second_requests').column('expires_at').execute();
  },
};
