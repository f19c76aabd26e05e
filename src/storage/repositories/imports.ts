/**
 * Lists on their way in: line by line, sealed, until each is carried out or left alone. One worker at a time holds a list by a
 * lease; every step says which lines it ended, in one transaction with what they did.
 */
import type { Selectable } from 'kysely';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import { newId } from '../../kernel/random.ts';
import { prepared } from '../prepared.ts';
import type { ImportLineTable, ImportTable } from '../schema.ts';
import type { Executor, Trx } from '../storage.ts';

export interface Import {
  id: string;
  kind: ImportTable['kind'];
  name: string;
  digest: string;
  state: ImportTable['state'];
  options: JsonObject;
  notes: readonly string[];
  lines: number;
  checked: number;
  applied: number;
  problem: string | undefined;
  actor: string;
  createdAt: number;
  endedAt: number | undefined;
}

export type LineState = ImportLineTable['state'];

export interface Line {
  id: string;
  line: number;
  accountId: string | undefined;
  username: string;
  state: LineState;
  says: string;
  /** Nothing once the line is ended. */
  data: Json | undefined;
}

const read = (row: Selectable<ImportTable>): Import => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  digest: row.digest,
  state: row.state,
  options: JSON.parse(row.options) as JsonObject,
  notes: JSON.parse(row.notes) as string[],
  lines: row.lines,
  checked: row.checked,
  applied: row.applied,
  problem: row.problem ?? undefined,
  actor: row.actor,
  createdAt: row.created_at,
  endedAt: row.ended_at ?? undefined,
});

const insertLine = prepared((ex, row: ImportLineTable) => ex.insertInto('import_lines').values(row));
const setLine = prepared(
  (ex, { id, ...set }: Pick<ImportLineTable, 'id' | 'state' | 'says' | 'data'> & { account_id?: string | null }) =>
    ex.updateTable('import_lines').set(set).where('id', '=', id),
);

export async function create(
  ex: Executor,
  one: Pick<Import, 'id' | 'kind' | 'name' | 'options' | 'actor' | 'createdAt'>,
): Promise<void> {
  await ex
    .insertInto('imports')
    .values({
      id: one.id,
      kind: one.kind,
      name: one.name,
      digest: '',
      state: 'reading',
      options: JSON.stringify(one.options),
      notes: '[]',
      lines: 0,
      checked: 0,
      applied: 0,
      lease_until: 0,
      actor: one.actor,
      created_at: one.createdAt,
    })
    .execute();
}

export async function find(ex: Executor, id: string): Promise<Import | undefined> {
  const row = await ex.selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirst();
  return row && read(row);
}

/** Newest first. */
export async function list(ex: Executor): Promise<Import[]> {
  const rows = await ex
    .selectFrom('imports')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(100)
    .execute();
  return rows.map(read);
}

/** When the very same content was carried out before. */
export async function doneBefore(ex: Executor, digest: string): Promise<number | undefined> {
  const row = await ex
    .selectFrom('imports')
    .select('ended_at')
    .where('digest', '=', digest)
    .where('state', '=', 'done')
    .orderBy('ended_at', 'desc')
    .executeTakeFirst();
  return row?.ended_at ?? undefined;
}

/** Lists that somebody should go on with. */
export async function due(ex: Executor, now: number): Promise<string[]> {
  const rows = await ex
    .selectFrom('imports')
    .select('id')
    .where('state', 'in', ['checking', 'applying'])
    .where('lease_until', '<=', now)
    .orderBy('created_at')
    .limit(10)
    .execute();
  return rows.map(({ id }) => id);
}

/** `undefined`: nothing to be done to it, or another node is at it. */
export async function claim(
  ex: Executor,
  id: string,
  { lease, until, now }: { lease: string; until: number; now: number },
): Promise<Import | undefined> {
  const row = await ex
    .updateTable('imports')
    .set({ lease, lease_until: until })
    .where('id', '=', id)
    .where('state', 'in', ['checking', 'applying'])
    .where((eb) => eb.or([eb('lease_until', '<=', now), eb('lease', '=', lease)]))
    .returningAll()
    .executeTakeFirst();
  return row && read(row);
}

export interface ImportStep {
  state?: Import['state'];
  checked?: number;
  applied?: number;
  problem?: string | null;
  lease_until?: number;
  ended_at?: number;
}

/** In the transaction of the work. @returns false when it was cancelled or taken over meanwhile. */
export async function advance(trx: Executor, id: string, lease: string, step: ImportStep): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('imports')
    .set(step)
    .where('id', '=', id)
    .where('lease', '=', lease)
    .where('state', 'in', ['checking', 'applying'])
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** @returns false when it was in none of these states. */
export async function change(
  ex: Executor,
  id: string,
  from: readonly Import['state'][],
  set: Partial<Pick<ImportTable, 'state' | 'notes' | 'digest' | 'lines' | 'checked' | 'options' | 'ended_at'>>,
): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('imports')
    .set({ ...set, lease: null, lease_until: 0 })
    .where('id', '=', id)
    .where('state', 'in', from)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** How many lines there are of each state. */
export async function counts(ex: Executor, id: string): Promise<Record<LineState, number>> {
  const rows = await ex
    .selectFrom('import_lines')
    .select((eb) => ['state', eb.fn.countAll<number>().as('n')])
    .where('import_id', '=', id)
    .groupBy('state')
    .execute();
  const of = (state: LineState) => Number(rows.find((row) => row.state === state)?.n ?? 0);
  return { read: of('read'), ready: of('ready'), done: of('done'), same: of('same'), refused: of('refused') };
}

/** Nothing of what it brought stays; the report does. */
export async function forgetData(ex: Executor, id: string): Promise<void> {
  await ex.updateTable('import_lines').set({ data: '' }).where('import_id', '=', id).where('data', '!=', '').execute();
}

/** Of lists that were begun before this. @returns how many lists. */
export async function sweep(ex: Executor, before: number): Promise<number> {
  const old = await ex.selectFrom('imports').select('id').where('created_at', '<', before).limit(20).execute();
  for (const { id } of old) {
    await ex.deleteFrom('import_lines').where('import_id', '=', id).execute();
    await ex.deleteFrom('imports').where('id', '=', id).execute();
  }
  return old.length;
}

/** Lists in one of these states that were begun before. */
export async function stale(ex: Executor, states: readonly Import['state'][], before: number): Promise<string[]> {
  const rows = await ex
    .selectFrom('imports')
    .select('id')
    .where('state', 'in', states)
    .where('created_at', '<', before)
    .limit(20)
    .execute();
  return rows.map(({ id }) => id);
}

export type NewLine = Pick<Line, 'line' | 'username' | 'state' | 'says' | 'data'>;
export type EndedLine = Pick<Line, 'id' | 'state' | 'says' | 'data'> & { accountId?: string | undefined };

export type ImportLines = ReturnType<typeof createImportLines>;

export function createImportLines(keyring: Keyring) {
  const context = (id: string): string => `import-line:${id}`;
  const sealed = (id: string, data: Json | undefined): string =>
    data === undefined ? '' : keyring.seal(JSON.stringify(data), context(id));
  const open = ({ id, data }: Pick<ImportLineTable, 'id' | 'data'>): Json | undefined =>
    data === '' ? undefined : (JSON.parse(keyring.open(data, context(id))) as Json);

  return {
    async add(trx: Trx, importId: string, lines: readonly NewLine[]): Promise<void> {
      for (const { line, username, state, says, data } of lines) {
        const id = newId();
        await insertLine(trx, {
          id,
          import_id: importId,
          line,
          account_id: null,
          username,
          state,
          says,
          data: sealed(id, data),
        });
      }
    },

    /** In the order of the file. */
    async list(
      ex: Executor,
      importId: string,
      { state, after = 0, limit }: { state?: LineState | undefined; after?: number; limit: number },
      { withData = false } = {},
    ): Promise<Line[]> {
      const rows = await ex
        .selectFrom('import_lines')
        .selectAll()
        .where('import_id', '=', importId)
        .where('line', '>', after)
        .$if(state !== undefined, (query) => query.where('state', '=', state as LineState))
        .orderBy('line')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        line: row.line,
        accountId: row.account_id ?? undefined,
        username: row.username,
        state: row.state,
        says: row.says,
        data: withData ? open(row) : undefined,
      }));
    },

    /** Lines of the same list that are about one of these people already. Fewer than a statement takes parameters. */
    async taken(ex: Executor, importId: string, accountIds: readonly string[]): Promise<Map<string, number>> {
      if (accountIds.length === 0) return new Map();
      const rows = await ex
        .selectFrom('import_lines')
        .select(['account_id', 'line'])
        .where('import_id', '=', importId)
        .where('account_id', 'in', accountIds)
        .where('state', 'in', ['ready', 'same', 'done'])
        .execute();
      return new Map(rows.map(({ account_id, line }) => [account_id ?? '', line]));
    },

    async end(trx: Trx, lines: readonly EndedLine[]): Promise<void> {
      for (const { id, state, says, data, accountId } of lines)
        await setLine(trx, {
          id,
          state,
          says,
          data: sealed(id, data),
          ...(accountId === undefined ? {} : { account_id: accountId }),
        });
    },
  };
}
