/** The list of sealed columns is whole: a column that it lacks would be unreadable after a rotation of the keys. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sealedColumns } from '../../../src/storage/sealed.ts';

const SRC = join(import.meta.dirname, '../../../src');
const schema = readFileSync(join(SRC, 'storage/schema.ts'), 'utf8');

/** `FlowTable` → `flows`, as `Schema` names it. */
const tableOf = (name: string): string => new RegExp(`^  (\\w+): ${name};`, 'm').exec(schema)?.[1] ?? name;

/** Columns whose comment says that they are sealed, with the context if it is named there. */
const documented = [...schema.matchAll(/export interface (\w+Table) \{([\s\S]*?)\n\}/g)].flatMap(
  ([, name = '', body = '']) =>
    [...body.matchAll(/\/\*\*([^*]*[Ss]ealed[^*]*)\*\/\s+(\w+)\??:/g)].map(([, says = '', column = '']) => ({
      table: tableOf(name),
      column,
      context: /context `(\w+):/.exec(says)?.[1],
    })),
);

test('every column that the schema calls sealed is rotated, with its own context', () => {
  expect(documented.length).toBeGreaterThanOrEqual(6);
  for (const { table, column, context } of documented) {
    const listed = sealedColumns.find((sealed) => sealed.table === table && sealed.column === column);
    expect(listed, `${table}.${column} is missing in storage/sealed.ts`).toBeDefined();
    if (context) expect(listed?.context, `${table}.${column}`).toBe(context);
  }
  expect(sealedColumns).toHaveLength(documented.length);
});

test('nothing else is sealed: every context in the code is in the list, or lives in no table', () => {
  const elsewhere = new Set([
    // In the person’s browser, for minutes.
    'flow/passkey-start.ts',
    'storage/sealed.ts',
    'kernel/keyring.ts',
  ]);
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
  const sealing = files.filter(
    (name) => /keyring\.seal\(/.test(readFileSync(join(SRC, name), 'utf8')) && !elsewhere.has(name),
  );
  const contexts = sealing.flatMap((name) => [
    ...new Set(
      [...readFileSync(join(SRC, name), 'utf8').matchAll(/`([a-z-]+):\$\{id\}`/g)].map(([, context]) => context),
    ),
  ]);
  expect(contexts.length).toBeGreaterThanOrEqual(sealing.length);
  for (const context of contexts) expect(sealedColumns.map((sealed) => sealed.context)).toContain(context);
});
