/** Health of the connected systems, shared by all nodes: circuit breaker and pause. */
import type { Selectable } from 'kysely';
import type { SystemTable } from '../schema.ts';
import type { Executor } from '../storage.ts';

export type SystemHealth = Selectable<SystemTable>;

export const healthy = (id: string): SystemHealth => ({
  id,
  failures: 0,
  open_until: 0,
  paused_at: null,
  paused_by: null,
  delivered_at: null,
  failed_at: null,
  cause: null,
});

export const read = async (ex: Executor, id: string): Promise<SystemHealth> =>
  (await ex.selectFrom('systems').selectAll().where('id', '=', id).executeTakeFirst()) ?? healthy(id);

export async function write(ex: Executor, id: string, set: Partial<Omit<SystemHealth, 'id'>>): Promise<void> {
  await ex
    .insertInto('systems')
    .values({ ...healthy(id), ...set })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(set))
    .execute();
}

/** Counts one more failure. @returns how many in a row. */
export async function failed(ex: Executor, id: string, cause: string, now: number): Promise<number> {
  const { failures } = await ex
    .insertInto('systems')
    .values({ ...healthy(id), failures: 1, failed_at: now, cause })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({ failures: eb('systems.failures', '+', 1), failed_at: now, cause })),
    )
    .returning('failures')
    .executeTakeFirstOrThrow();
  return failures;
}

/** After a pause of the breaker one node may try: whoever moves the end of the pause first. */
export async function probe(ex: Executor, id: string, openUntil: number, next: number): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('systems')
    .set({ open_until: next })
    .where('id', '=', id)
    .where('open_until', '=', openUntil)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
