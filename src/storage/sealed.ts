/**
 * Everything that lies sealed in the database, and with which key. A new sealed column must be named here, or a rotation would
 * lose it: a test compares this list with schema.ts.
 */
import { sql } from 'kysely';
import type { LiveKeyring } from '../kernel/keyring.ts';
import type { Schema } from './schema.ts';
import type { Executor, Storage } from './storage.ts';

export interface SealedColumn {
  /** Its rows are named by `id`. */
  table: keyof Schema & string;
  column: string;
  /** What the seal is bound to: `<context>:<id>`. */
  context: string;
}

/** '' and null hold nothing. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'authenticators', column: 'data', context: 'authenticator' },
  { table: 'flows', column: 'state', context: 'flow' },
  { table: 'tickets', column: 'data', context: 'ticket' },
  { table: 'tickets', column: 'answer', context: 'ticket' },
  { table: 'deliveries', column: 'data', context: 'delivery' },
  { table: 'outbox', column: 'payload', context: 'outbox' },
  { table: 'spreads', column: 'secret', context: 'spread' },
  { table: 'calls', column: 'data', context: 'call' },
  { table: 'pre_registrations', column: 'data', context: 'pre-registration' },
  { table: 'import_lines', column: 'data', context: 'import-line' },
  { table: 'api_answers', column: 'data', context: 'api-answer' },
];

/** How many values each key sealed, by its id; '' counts those of keys that are not among them. */
export async function countSealed(ex: Executor, ids: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map(['', ...ids].map((id) => [id, 0]));
  const tables = new Set((await ex.introspection.getTables()).map(({ name }) => name));
  // A copy that an earlier build made lacks some.
  for (const { table, column } of sealedColumns.filter((sealed) => tables.has(sealed.table))) {
    const value = sql.ref(column);
    const count = async (condition = sql`true`) => {
      const query = sql<{
        n: number;
      }>`select count(*) as n from ${sql.table(table)} where ${value} <> '' and ${condition}`;
      return Number((await query.execute(ex)).rows[0]?.n ?? 0);
    };
    let others = await count();
    for (const id of ids) {
      const n = await count(sealedWith(column, id));
      counts.set(id, (counts.get(id) ?? 0) + n);
      others -= n;
    }
    counts.set('', (counts.get('') ?? 0) + others);
  }
  return counts;
}

const sealedWith = (column: string, id: string) =>
  sql`substr(${sql.ref(column)}, 1, ${sql.lit(id.length + 1)}) = ${`${id}.`}`;

export interface Resealing {
  resealed: number;
  /** Rows that no known key opens; they stay as they are. */
  unreadable: { table: string; id: string }[];
}

const BATCH = 100;

/**
 * Seals everything anew with the key that seals now, in small transactions while nodes work. A value is replaced only if it is
 * still the one that was read, so no newer one is lost; whoever begins again goes on with what is left.
 */
export async function resealAll(
  storage: Storage,
  keyring: LiveKeyring,
  onProgress: (resealed: number) => void = () => {},
): Promise<Resealing> {
  const result: Resealing = { resealed: 0, unreadable: [] };
  for (const sealed of sealedColumns)
    for (let after = ''; ; ) {
      const rows = await batch(storage.db, sealed, keyring.sealsWith(), after);
      if (rows.length === 0) break;
      result.resealed += await storage.transaction((trx) => resealRows(trx, keyring, sealed, rows, result.unreadable));
      after = rows.at(-1)?.id ?? '';
      onProgress(result.resealed);
    }
  return result;
}

interface SealedRow {
  id: string;
  value: string;
}

async function batch(ex: Executor, { table, column }: SealedColumn, key: string, after: string): Promise<SealedRow[]> {
  const query = sql<SealedRow>`
    select id, ${sql.ref(column)} as value from ${sql.table(table)}
    where id > ${after} and ${sql.ref(column)} <> '' and not ${sealedWith(column, key)}
    order by id limit ${sql.lit(BATCH)}`;
  return (await query.execute(ex)).rows;
}

async function resealRows(
  ex: Executor,
  keyring: LiveKeyring,
  { table, column, context }: SealedColumn,
  rows: readonly SealedRow[],
  unreadable: Resealing['unreadable'],
): Promise<number> {
  let count = 0;
  for (const { id, value } of rows) {
    const fresh = reseal(keyring, value, `${context}:${id}`);
    if (fresh === undefined) {
      if (!unreadable.some((row) => row.table === table && row.id === id)) unreadable.push({ table, id });
      continue;
    }
    const { numAffectedRows } = await sql`
      update ${sql.table(table)} set ${sql.ref(column)} = ${fresh}
      where id = ${id} and ${sql.ref(column)} = ${value}`.execute(ex);
    count += Number(numAffectedRows ?? 0n);
  }
  return count;
}

function reseal(keyring: LiveKeyring, value: string, context: string): string | undefined {
  try {
    return keyring.seal(keyring.open(value, context), context);
  } catch {
    return undefined;
  }
}
