/**
 * Which key seals: the database says it, not the order of a file, so that all nodes change over together and none seals with
 * a key that another one can't read yet. Beside it, what each running node told of the keys that it knows.
 */
import type { Executor, Trx } from '../storage.ts';

const STATE = 'sealing-keys';
const NODE = 'node-keys:';

export interface KeyState {
  /** Id of the key that seals. */
  seals: string;
  /** Id of the key that is handed out to the nodes and will seal when all have it. */
  next: string | null;
}

export interface NodeKeys {
  /** Of the process. */
  node: string;
  /** For operators: machine and process. */
  name: string;
  /** Ids of the keys that it can open with. */
  knows: string[];
  /** Id of the key that it seals with. */
  seals: string;
  /** ms */
  at: number;
}

async function put(ex: Executor, name: string, value: string): Promise<void> {
  await ex
    .insertInto('meta')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

export async function readKeyState(ex: Executor): Promise<KeyState | undefined> {
  const row = await ex.selectFrom('meta').select('value').where('name', '=', STATE).executeTakeFirst();
  return row && (JSON.parse(row.value) as KeyState);
}

/** The state there is; when there is none, this one. */
export async function initKeyState(ex: Executor, state: KeyState): Promise<KeyState> {
  await ex
    .insertInto('meta')
    .values({ name: STATE, value: JSON.stringify(state) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await readKeyState(ex)) ?? state;
}

/** Others who want to change it wait for the end of this transaction. */
export async function lockKeyState(trx: Trx): Promise<KeyState> {
  await trx
    .updateTable('meta')
    .set((eb) => ({ value: eb.ref('value') }))
    .where('name', '=', STATE)
    .execute();
  const state = await readKeyState(trx);
  if (!state) throw new Error('No key ever sealed in this database.');
  return state;
}

export const setKeyState = (trx: Trx, state: KeyState): Promise<void> => put(trx, STATE, JSON.stringify(state));

export const announceKeys = (ex: Executor, { node, ...told }: NodeKeys): Promise<void> =>
  put(ex, NODE + node, JSON.stringify(told));

/** When a node stops gently. */
export async function withdrawKeys(ex: Executor, node: string): Promise<void> {
  await ex
    .deleteFrom('meta')
    .where('name', '=', NODE + node)
    .execute();
}

/** Of nodes that told after `since` (ms). Older ones are forgotten by the way: their process is gone. */
export async function announcedKeys(ex: Executor, since: number): Promise<NodeKeys[]> {
  const rows = await ex.selectFrom('meta').selectAll().where('name', 'like', `${NODE}%`).orderBy('name').execute();
  const told = rows.map(
    ({ name, value }): NodeKeys => ({ ...(JSON.parse(value) as NodeKeys), node: name.slice(NODE.length) }),
  );
  for (const { node } of told.filter(({ at }) => at <= since)) await withdrawKeys(ex, node);
  return told.filter(({ at }) => at > since);
}
