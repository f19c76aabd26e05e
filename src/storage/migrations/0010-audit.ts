/** Feeds, retention and search of the audit. Only adds: what the build before writes is filled in afterwards. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

type AnyDb = Kysely<unknown>;

const search = async (db: AnyDb) => {
  for (const name of ['event', 'actor', 'ip', 'flow', 'outcome']) {
    await db.schema.alterTable('audit').addColumn(name, 'text').execute();
    await db.schema
      .createIndex(`audit_${name}`)
      .on('audit')
      .columns([name, 'seq'])
      .where(name as never, name === 'outcome' ? '<>' : 'is not', name === 'outcome' ? 'success' : null)
      .execute();
  }
  await db.schema
    .createIndex('audit_unfilled')
    .on('audit')
    .column('seq')
    .where('event' as never, 'is', null)
    .execute();
};

const feeds = async (db: AnyDb) => {
  await db.schema
    .createTable('audit_feeds')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('lease', 'text')
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('failing_since', 'bigint')
    .addColumn('told', 'integer', (c) => c.notNull())
    .addColumn('delivered_at', 'bigint')
    .addColumn('cause', 'text')
    .addColumn('fix', 'text')
    .execute();
};

const checkpoint = async (db: AnyDb) => {
  await db.schema
    .createTable('audit_checkpoint')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('told_seq', 'bigint', (c) => c.notNull())
    .addColumn('seal', 'text', (c) => c.notNull())
    .execute();
};

export const auditFeeds: Migration = {
  kind: 'expand',
  async up(db: AnyDb) {
    for (const part of [search, feeds, checkpoint]) await part(db);
  },
};
