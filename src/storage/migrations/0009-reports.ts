/** Figures for reports, counted beforehand from the audit. Only adds: a node of the build before goes on working. */
import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';

type AnyDb = Kysely<unknown>;

export const reports: Migration = {
  kind: 'expand',
  async up(db: AnyDb) {
    await db.schema
      .createTable('report_counts')
      .addColumn('period', 'text', (c) => c.notNull())
      .addColumn('measure', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('grp', 'text', (c) => c.notNull())
      .addColumn('method', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('n', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('report_counts_pk', ['period', 'measure', 'kind', 'grp', 'method', 'reason'])
      .execute();
    await db.schema
      .createTable('report_people')
      .addColumn('day', 'text', (c) => c.notNull())
      .addColumn('grp', 'text', (c) => c.notNull())
      .addColumn('eligible', 'bigint', (c) => c.notNull())
      .addColumn('enrolled', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('report_people_pk', ['day', 'grp'])
      .execute();
    await db.schema
      .createTable('report_state')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('seq', 'bigint', (c) => c.notNull())
      .addColumn('counted_at', 'bigint')
      .addColumn('people_at', 'bigint')
      .addColumn('mailed', 'text')
      .addColumn('lease', 'text')
      .addColumn('lease_until', 'bigint', (c) => c.notNull())
      .execute();
  },
};
