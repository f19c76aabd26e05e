/** What further ways to verify, risk and the stop button need. Only adds: a node of the build before goes on working. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

type AnyDb = Kysely<unknown>;

const columns = async (db: AnyDb) => {
  await db.schema.alterTable('authenticators').addColumn('lookup', 'text').execute();
  await db.schema.alterTable('authenticators').addColumn('settles_at', 'bigint').execute();
  await db.schema.alterTable('authenticators').addColumn('expires_at', 'bigint').execute();
  await db.schema
    .createIndex('authenticators_expiry')
    .on('authenticators')
    .column('expires_at')
    .where('expires_at' as never, 'is not', null)
    .execute();
  await db.schema
    .createIndex('authenticators_lookup')
    .on('authenticators')
    .column('lookup')
    .where('lookup' as never, 'is not', null)
    .execute();
  await db.schema.alterTable('audit').addColumn('subject', 'text').execute();
  await db.schema
    .createIndex('audit_subject')
    .on('audit')
    .columns(['subject', 'seq'])
    .where('subject' as never, 'is not', null)
    .execute();
  await db.schema
    .alterTable('builtin_accounts')
    .addColumn('attributes', 'text', (c) => c.notNull().defaultTo('{}'))
    .execute();
};

const people = async (db: AnyDb) => {
  await db.schema
    .createTable('people')
    .addColumn('account_id', 'text', (c) => c.primaryKey())
    .addColumn('directory', 'text', (c) => c.notNull())
    .addColumn('directory_key', 'text', (c) => c.notNull())
    .addColumn('enrolled_at', 'bigint')
    .addColumn('confirmed_at', 'bigint')
    .addColumn('frozen_at', 'bigint')
    .addColumn('frozen_reason', 'text')
    .execute();
};

const tickets = async (db: AnyDb) => {
  await db.schema
    .createTable('tickets')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('answer', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute();
  await db.schema.createIndex('tickets_expiry').on('tickets').column('expires_at').execute();
  await db.schema.createIndex('tickets_account').on('tickets').columns(['account_id', 'purpose']).execute();
};

const sightings = async (db: AnyDb) => {
  await db.schema
    .createTable('sightings')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('network', 'text', (c) => c.notNull())
    .addColumn('latitude', 'double precision')
    .addColumn('longitude', 'double precision')
    .addColumn('first_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addColumn('successes', 'integer', (c) => c.notNull())
    .addColumn('hours', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('sightings_place')
    .on('sightings')
    .columns(['account_id', 'device', 'network'])
    .unique()
    .execute();
  await db.schema.createIndex('sightings_age').on('sightings').column('last_at').execute();
};

const incidents = async (db: AnyDb) => {
  await db.schema
    .createTable('incidents')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('says', 'text', (c) => c.notNull())
    .addColumn('opened_at', 'bigint', (c) => c.notNull())
    .addColumn('closed_at', 'bigint')
    .addColumn('closed_by', 'text')
    .execute();
  await db.schema.createIndex('incidents_account').on('incidents').columns(['account_id', 'opened_at']).execute();
  await db.schema
    .createIndex('incidents_open')
    .on('incidents')
    .column('opened_at')
    .where('closed_at' as never, 'is', null)
    .execute();
};

const deliveries = async (db: AnyDb) => {
  await db.schema
    .createTable('deliveries')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('job', 'text', (c) => c.notNull())
    .addColumn('stage', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('deliveries_job').on('deliveries').columns(['job', 'created_at']).execute();
  await db.schema.createIndex('deliveries_expiry').on('deliveries').column('expires_at').execute();
};

export const ways: Migration = {
  kind: 'expand',
  async up(db: AnyDb) {
    for (const part of [columns, people, tickets, sightings, incidents, deliveries]) await part(db);
  },
};
