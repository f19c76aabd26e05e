/** Nothing is kept that nobody decided about: every table is in one class, every column of a person's row is given out or not. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataClasses, personRows } from '../../../src/privacy/data-classes.ts';
import { openStorage } from '../../../src/storage/index.ts';
import type { Storage } from '../../../src/storage/storage.ts';

let storage: Storage;
/** Columns by table, as the migrations really made them. */
let columns: Map<string, string[]>;
beforeAll(async () => {
  storage = await openStorage({ engine: 'sqlite', file: ':memory:' });
  const tables = await storage.db.introspection.getTables();
  columns = new Map(tables.map((table) => [table.name, table.columns.map(({ name }) => name)]));
});
afterAll(() => storage.close());

const classed = dataClasses.flatMap(({ people, others }) => [...people.map(({ table }) => table), ...others]);

test('every table of the database is in exactly one class', () => {
  expect(columns.size).toBeGreaterThan(25);
  expect(classed.toSorted()).toEqual([...columns.keys()].toSorted());
});

test('every column of a row about a person is in the person’s file, or stays out by decision', () => {
  for (const { table, by, file, hidden } of personRows) {
    const decided = [...Object.values(file?.columns ?? {}), ...hidden];
    expect(decided.toSorted(), table).toEqual(columns.get(table)?.toSorted());
    expect(columns.get(table), table).toContain(by);
  }
});

test('no secret, key or hash of ours is in the file', () => {
  const given = personRows.flatMap(({ table, file }) =>
    Object.values(file?.columns ?? {}).map((column) => `${table}.${column}`),
  );
  expect(given.length).toBeGreaterThan(30);
  expect(given.filter((name) => /token|hash|\.data$|secret|answer|lookup|directory_key|\.state$/.test(name))).toEqual([
    'spreads.state',
    'spread_targets.state',
  ]);
});

test('a table that names people by account id is among those that are erased or say why not', () => {
  const named = [...columns].filter(([, names]) => names.includes('account_id') || names.includes('subject'));
  const people = new Set(personRows.map(({ table }) => table as string));
  expect(named.map(([name]) => name).filter((name) => !people.has(name))).toEqual([]);
  const stay = personRows.filter(({ erase }) => !erase).map(({ table }) => table);
  expect(stay).toEqual(['readiness', 'readiness_marks', 'readiness_dirty', 'audit']);
});
