/** The first tables. `bigint` holds ms since 1970: an integer of PostgreSQL is too small, SQLite does not mind. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

// A migration must not follow schema.ts, which goes on changing.
type AnyDb = Kysely<unknown>;

const meta = async (db: AnyDb) => {
  await db.schema
    .createTable('meta')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute();
};

const authenticators = async (db: AnyDb) => {
  await db.schema
    .createTable('authenticators')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('method', 'text', (c) => c.notNull())
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('disabled_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('authenticators_account')
    .on('authenticators')
    .columns(['account_id', 'created_at'])
    .execute();
};

const flows = async (db: AnyDb) => {
  await db.schema
    .createTable('flows')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('flows_live')
    .on('flows')
    .column('subject')
    .where('ended_at' as never, 'is', null)
    .execute();
  await db.schema.createIndex('flows_expiry').on('flows').column('expires_at').execute();
  await db.schema
    .createIndex('flows_ended')
    .on('flows')
    .column('ended_at')
    .where('ended_at' as never, 'is not', null)
    .execute();
};

const sessions = async (db: AnyDb) => {
  await db.schema
    .createTable('sessions')
    .addColumn('token_hash', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('directory', 'text', (c) => c.notNull())
    .addColumn('directory_key', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .addColumn('proved_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('user_agent', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('sessions_account').on('sessions').columns(['account_id', 'created_at']).execute();
  await db.schema.createIndex('sessions_expiry').on('sessions').column('expires_at').execute();
};

const counters = async (db: AnyDb) => {
  await db.schema
    .createTable('counters')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addColumn('window_ends_at', 'bigint', (c) => c.notNull())
    .addColumn('blocked_until', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('counters_expiry').on('counters').column('window_ends_at').execute();
};

const outbox = async (db: AnyDb) => {
  await db.schema
    .createTable('outbox')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('run_at', 'bigint', (c) => c.notNull())
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('finished_at', 'bigint')
    .execute();
  await db.schema.createIndex('outbox_due').on('outbox').columns(['state', 'run_at']).execute();
  await db.schema.createIndex('outbox_finished').on('outbox').columns(['state', 'finished_at']).execute();
};

const audit = async (db: AnyDb) => {
  await db.schema
    .createTable('audit')
    .addColumn('seq', 'bigint', (c) => c.primaryKey())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('previous', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .execute();
  // The row that writers of the audit take turns at.
  await sql`insert into audit_head (id, seq, hash) values (1, 0, '')`.execute(db);
};

const passwordHistory = async (db: AnyDb) => {
  await db.schema
    .createTable('password_history')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('password_history_account')
    .on('password_history')
    .columns(['account_id', 'created_at'])
    .execute();
};

const builtinAccounts = async (db: AnyDb) => {
  await db.schema
    .createTable('builtin_accounts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('username_key', 'text', (c) => c.notNull().unique())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('mail_key', 'text', (c) => c.unique())
    .addColumn('mail', 'text')
    .addColumn('display_name', 'text', (c) => c.notNull())
    .addColumn('given_name', 'text')
    .addColumn('language', 'text')
    .addColumn('groups', 'text', (c) => c.notNull())
    .addColumn('password_hash', 'text', (c) => c.notNull())
    .addColumn('password_changed_at', 'bigint', (c) => c.notNull())
    .addColumn('must_change', 'integer', (c) => c.notNull())
    .addColumn('disabled', 'integer', (c) => c.notNull())
    .addColumn('cannot_change', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('locked_until', 'bigint')
    .addColumn('failed_binds', 'integer', (c) => c.notNull())
    .execute();
};

export const initial: Migration = {
  kind: 'expand',
  async up(db) {
    for (const make of [
      meta,
      authenticators,
      flows,
      sessions,
      counters,
      outbox,
      audit,
      passwordHistory,
      builtinAccounts,
    ])
      await make(db);
  },
};
