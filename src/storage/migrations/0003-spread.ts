/** What brings a new password to the connected systems. Only adds: a node of the build before goes on working. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

type AnyDb = Kysely<unknown>;

const spreads = async (db: AnyDb) => {
  await db.schema
    .createTable('spreads')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('secret', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('deadline', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  // One write to the directory at a time for an account, so that the order of two passwords is known.
  await db.schema
    .createIndex('spreads_held')
    .unique()
    .on('spreads')
    .column('account_id')
    .where('state' as never, '=', 'held')
    .execute();
  await db.schema.createIndex('spreads_account').on('spreads').columns(['account_id', 'action', 'state']).execute();
  await db.schema
    .createIndex('spreads_ended')
    .on('spreads')
    .column('ended_at')
    .where('ended_at' as never, 'is not', null)
    .execute();
};

const targets = async (db: AnyDb) => {
  await db.schema
    .createTable('spread_targets')
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('system', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('spread_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('lease', 'text')
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('spread_targets_pk', ['account_id', 'system', 'action'])
    .execute();
  await db.schema.createIndex('spread_targets_spread').on('spread_targets').column('spread_id').execute();
  await db.schema
    .createIndex('spread_targets_waiting')
    .on('spread_targets')
    .columns(['system', 'due_at'])
    .where('state' as never, '=', 'waiting')
    .execute();
  await db.schema
    .createIndex('spread_targets_failed')
    .on('spread_targets')
    .columns(['system', 'changed_at'])
    .where('state' as never, 'in', ['rejected', 'late'])
    .execute();
};

const systems = async (db: AnyDb) => {
  await db.schema
    .createTable('systems')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('failures', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('open_until', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('paused_at', 'bigint')
    .addColumn('paused_by', 'text')
    .addColumn('delivered_at', 'bigint')
    .addColumn('failed_at', 'bigint')
    .addColumn('cause', 'text')
    .execute();
};

export const spread: Migration = {
  kind: 'expand',
  async up(db: AnyDb) {
    for (const part of [spreads, targets, systems]) await part(db);
  },
};
