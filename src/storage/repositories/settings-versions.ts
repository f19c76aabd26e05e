/** Versions of the settings, numbered without gaps, and the one in force. A version takes force only on top of the one it was made from. */
import type { Selectable } from 'kysely';
import type { SettingsVersionTable } from '../schema.ts';
import type { Executor, Trx } from '../storage.ts';

/** `applied`: it was in force once, or is. */
export type VersionState = 'proposed' | 'applied' | 'rejected';

export interface SettingsVersion {
  number: number;
  /** The version in force when it was made; 0: none. */
  base: number;
  state: VersionState;
  /** Everything that is set, by path, as it would be written in the file. Never a secret. */
  values: Readonly<Record<string, unknown>>;
  /** Why. */
  comment: string;
  author: string;
  createdAt: number;
  /** The older version whose values these are. */
  rollsBackTo: number | undefined;
  decidedBy: string | undefined;
  decidedAt: number | undefined;
  note: string | undefined;
}

const read = (row: Selectable<SettingsVersionTable>): SettingsVersion => ({
  number: row.number,
  base: row.base,
  state: row.state,
  values: JSON.parse(row.content) as Record<string, unknown>,
  comment: row.comment,
  author: row.author,
  createdAt: row.created_at,
  rollsBackTo: row.rolls_back_to ?? undefined,
  decidedBy: row.decided_by ?? undefined,
  decidedAt: row.decided_at ?? undefined,
  note: row.note ?? undefined,
});

/** 0: nothing was ever set here. One row: every node asks for it every few seconds. */
export async function currentNumber(ex: Executor): Promise<number> {
  const row = await ex.selectFrom('settings_state').select('current').where('id', '=', 1).executeTakeFirst();
  return row?.current ?? 0;
}

export async function find(ex: Executor, number: number): Promise<SettingsVersion | undefined> {
  const row = await ex.selectFrom('settings_versions').selectAll().where('number', '=', number).executeTakeFirst();
  return row && read(row);
}

/** Newest first. `before`: only smaller numbers. */
export async function list(
  ex: Executor,
  filter: { before?: number; state?: VersionState; limit: number },
): Promise<SettingsVersion[]> {
  const rows = await ex
    .selectFrom('settings_versions')
    .selectAll()
    .$if(filter.before !== undefined, (query) => query.where('number', '<', filter.before as number))
    .$if(filter.state !== undefined, (query) => query.where('state', '=', filter.state as VersionState))
    .orderBy('number', 'desc')
    .limit(filter.limit)
    .execute();
  return rows.map(read);
}

export type NewVersion = Pick<SettingsVersion, 'base' | 'values' | 'comment' | 'author' | 'createdAt' | 'rollsBackTo'>;

/** @returns its number. Those who propose at the same time wait for one another. */
export async function propose(trx: Trx, version: NewVersion): Promise<number> {
  await trx
    .insertInto('settings_state')
    .values({ id: 1, current: 0, newest: 0 })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const { newest } = await trx
    .updateTable('settings_state')
    .set((eb) => ({ newest: eb('newest', '+', 1) }))
    .where('id', '=', 1)
    .returning('newest')
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('settings_versions')
    .values({
      number: newest,
      base: version.base,
      state: 'proposed',
      content: JSON.stringify(version.values),
      comment: version.comment,
      author: version.author,
      created_at: version.createdAt,
      rolls_back_to: version.rollsBackTo ?? null,
    })
    .execute();
  return newest;
}

export interface Decision {
  number: number;
  by: string;
  at: number;
  note?: string | undefined;
}

/** @returns false, and changes nothing, when it was decided already or another version took force since it was made. */
export async function apply(trx: Trx, version: Decision & { base: number }): Promise<boolean> {
  const moved = await trx
    .updateTable('settings_state')
    .set({ current: version.number })
    .where('id', '=', 1)
    .where('current', '=', version.base)
    .executeTakeFirst();
  if (moved.numUpdatedRows !== 1n) return false;
  if (await decide(trx, version, 'applied')) return true;
  await trx.updateTable('settings_state').set({ current: version.base }).where('id', '=', 1).execute();
  return false;
}

/** @returns false when it was decided already. */
export const reject = (trx: Trx, version: Decision): Promise<boolean> => decide(trx, version, 'rejected');

async function decide(trx: Trx, { number, by, at, note }: Decision, state: VersionState): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('settings_versions')
    .set({ state, decided_by: by, decided_at: at, note: note ?? null })
    .where('number', '=', number)
    .where('state', '=', 'proposed')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
