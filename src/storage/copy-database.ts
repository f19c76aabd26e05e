/**
 * A whole database into an empty one of the other engine: one snapshot of the source, one transaction in the destination. What
 * was written is read back and compared before the commit, so the destination holds everything or nothing.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { StorageFailure } from './failure.ts';
import { executedMigrations } from './migrate.ts';
import type { Storage, Trx } from './storage.ts';

export interface TableReport {
  table: string;
  rows: number;
  /** Over all rows, whatever their order: SHA-256 of each, added up. Hex. */
  hash: string;
}

interface Shape {
  table: string;
  columns: string[];
  /** Primary key. */
  key: string[];
}

type Row = Record<string, string | number | null>;

const BATCH = 500;

/** Ours alone: neither those of SQLite nor those of the migrator. The embedded engine tells it, the tables are the same in both. */
async function shapesOf(sqlite: Trx): Promise<Shape[]> {
  const { rows } = await sql<{ table: string; column: string; pk: number }>`
    select t.name as "table", c.name as "column", c.pk as pk
    from sqlite_schema as t, pragma_table_info(t.name) as c
    where t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\' and t.name not like 'kysely\\_%' escape '\\'
    order by t.name, c.cid`.execute(sqlite);
  return [...Map.groupBy(rows, ({ table }) => table)].map(([table, columns]) => ({
    table,
    columns: columns.map(({ column }) => column),
    key: columns.filter(({ pk }) => pk > 0).map(({ column }) => column),
  }));
}

/** Every row once, in batches. */
async function* batches(trx: Trx, { table, columns, key }: Shape): AsyncGenerator<Row[]> {
  const keys = sql.join(key.map((name) => sql.ref(name)));
  for (let last: Row | undefined; ; ) {
    const from: Row | undefined = last;
    const behind = from ? sql`where (${keys}) > (${sql.join(key.map((name) => from[name]))})` : sql``;
    const { rows } = await sql<Row>`
      select ${sql.join(columns.map((name) => sql.ref(name)))} from ${sql.table(table)} ${behind}
      order by ${keys} limit ${sql.lit(BATCH)}`.execute(trx);
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) return;
    last = rows.at(-1);
  }
}

function createCount(table: string, columns: readonly string[]) {
  let [rows, sum] = [0, 0n];
  return {
    add(row: Row): void {
      const text = JSON.stringify(columns.map((name) => row[name]));
      sum = BigInt.asUintN(256, sum + BigInt(`0x${createHash('sha256').update(text).digest('hex')}`));
      rows += 1;
    },
    report: (): TableReport => ({ table, rows, hash: sum.toString(16).padStart(64, '0') }),
  };
}

/** Rows of a new database: the end of an empty chain, and facts about its tables. */
const isUntouched = (table: string, row: Row): boolean =>
  (table === 'audit_head' && row['seq'] === 0) || (table === 'meta' && row['name'] === 'oldest-build');

async function clearNew(trx: Trx, shapes: readonly Shape[]): Promise<void> {
  for (const shape of shapes)
    for await (const rows of batches(trx, shape))
      if (!rows.every((row) => isUntouched(shape.table, row)))
        throw new StorageFailure(`The destination is not empty (table ${shape.table}). Name a new database.`);
  for (const table of ['audit_head', 'meta']) await sql`delete from ${sql.table(table)}`.execute(trx);
}

/** Nobody writes to the source and nobody sees the destination, however long it takes. */
async function settle(storage: Storage, trx: Trx, shapes: readonly Shape[], mode: 'share' | 'access exclusive') {
  if (storage.engine === 'sqlite') return;
  const tables = sql.join(shapes.map(({ table }) => sql.table(table)));
  await sql`lock table ${tables} in ${sql.raw(mode)} mode`.execute(trx);
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
}

async function copyTable(from: Trx, to: Trx, shape: Shape): Promise<TableReport> {
  const { table, columns } = shape;
  const count = createCount(table, columns);
  for await (const rows of batches(from, shape)) {
    for (const row of rows) count.add(row);
    await to
      .insertInto(table as never)
      .values(rows as never)
      .execute();
  }
  return count.report();
}

async function readBack(trx: Trx, shape: Shape): Promise<TableReport> {
  const count = createCount(shape.table, shape.columns);
  for await (const rows of batches(trx, shape)) for (const row of rows) count.add(row);
  return count.report();
}

export interface CopySteps {
  /** Looks at the source before anything is copied. A throw ends it. */
  before(source: Trx): Promise<void>;
  onTable?(report: TableReport): void;
  /** Looks at the destination, and adds to it, before the commit. A throw leaves the destination empty. */
  after(destination: Trx): Promise<void>;
}

/** Both with the same migrations, one of them SQLite. @throws StorageFailure; then the destination is as empty as it was. */
export async function copyDatabase(from: Storage, to: Storage, steps: CopySteps): Promise<TableReport[]> {
  const [here, there] = await Promise.all([executedMigrations(from), executedMigrations(to)]);
  if (here.toSorted().join() !== there.toSorted().join())
    throw new StorageFailure(
      'The two databases have different tables. Run `sparekey migrate` with this build on both.',
    );
  return from.transaction((source) =>
    to.transaction(async (destination) => {
      const shapes = await shapesOf(from.engine === 'sqlite' ? source : destination);
      await settle(from, source, shapes, 'share');
      await settle(to, destination, shapes, 'access exclusive');
      await clearNew(destination, shapes);
      await steps.before(source);
      const reports: TableReport[] = [];
      for (const shape of shapes) {
        const copied = await copyTable(source, destination, shape);
        const found = await readBack(destination, shape);
        if (found.rows !== copied.rows || found.hash !== copied.hash)
          throw new StorageFailure(`The table ${shape.table} did not arrive as it left: nothing was kept.`);
        reports.push(copied);
        steps.onTable?.(copied);
      }
      await steps.after(destination);
      return reports;
    }),
  );
}
