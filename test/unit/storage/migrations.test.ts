/** The list of migrations keeps the promise of a rolling upgrade: an expansion takes nothing away from the build before. */
import { type Kysely, sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { migrations } from '../../../src/storage/migrations/index.ts';
import type { Migration } from '../../../src/storage/migrations/migration.ts';
import { expandFaults } from './expand-rules.ts';

const expand = (up: (db: Kysely<unknown>) => Promise<unknown>): Migration => ({
  kind: 'expand',
  async up(db) {
    await up(db);
  },
});

describe('an expansion', () => {
  test.each(Object.entries(migrations).filter(([, { kind }]) => kind === 'expand'))(
    '%s only adds what the build before does not mind',
    async (_name, migration) => {
      expect(await expandFaults(migration)).toEqual([]);
    },
  );

  test.each<[string, (db: Kysely<unknown>) => Promise<unknown>]>([
    ['drops a table', (db) => db.schema.dropTable('tickets').execute()],
    ['drops a column', (db) => db.schema.alterTable('flows').dropColumn('kind').execute()],
    ['drops an index', (db) => db.schema.dropIndex('flows_live').execute()],
    ['renames a column', (db) => db.schema.alterTable('flows').renameColumn('kind', 'sort').execute()],
    ['renames a table', (db) => db.schema.alterTable('flows').renameTo('journeys').execute()],
    [
      'forbids null',
      (db) =>
        db.schema
          .alterTable('flows')
          .alterColumn('ended_at', (c) => c.setNotNull())
          .execute(),
    ],
    [
      'changes a type',
      (db) =>
        db.schema
          .alterTable('flows')
          .alterColumn('kind', (c) => c.setDataType('integer'))
          .execute(),
    ],
    [
      'adds a column that must be filled',
      (db) =>
        db.schema
          .alterTable('flows')
          .addColumn('x', 'text', (c) => c.notNull())
          .execute(),
    ],
    [
      'adds a unique column',
      (db) =>
        db.schema
          .alterTable('flows')
          .addColumn('x', 'text', (c) => c.unique())
          .execute(),
    ],
    ['adds a unique index', (db) => db.schema.createIndex('x').on('flows').column('subject').unique().execute()],
    ['adds a constraint', (db) => db.schema.alterTable('flows').addUniqueConstraint('x', ['subject']).execute()],
    ['deletes rows', (db) => sql`delete from flows`.execute(db)],
    ['adds a trigger', (db) => sql`create trigger x before insert on flows execute function y()`.execute(db)],
  ])('that %s is found out', async (_name, up) => {
    expect(await expandFaults(expand(up))).toHaveLength(1);
  });

  test('may do what it likes with a table of its own', async () => {
    const own = expand(async (db) => {
      await db.schema
        .createTable('own')
        .addColumn('id', 'text', (c) => c.notNull().unique())
        .execute();
      await db.schema.createIndex('own_x').on('own').column('id').unique().execute();
    });
    expect(await expandFaults(own)).toEqual([]);
  });
});

test('names sort as they are run, and the first is the first ever', () => {
  const names = Object.keys(migrations);
  expect(names).toEqual(names.toSorted());
  expect(names[0]).toBe('0001-initial');
});
