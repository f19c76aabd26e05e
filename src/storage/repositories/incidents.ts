/** Things that somebody has to look at: opened by "it wasn't me" and by risk, closed by an operator. */
import type { Selectable } from 'kysely';
import { newId } from '../../kernel/random.ts';
import type { IncidentTable } from '../schema.ts';
import type { Executor } from '../storage.ts';

export interface Incident {
  id: string;
  accountId: string;
  kind: string;
  says: string;
  openedAt: number;
  closedAt: number | undefined;
  closedBy: string | undefined;
}

const read = (row: Selectable<IncidentTable>): Incident => ({
  id: row.id,
  accountId: row.account_id,
  kind: row.kind,
  says: row.says,
  openedAt: row.opened_at,
  closedAt: row.closed_at ?? undefined,
  closedBy: row.closed_by ?? undefined,
});

export async function open(
  ex: Executor,
  incident: Pick<Incident, 'accountId' | 'kind' | 'says'>,
  now: number,
): Promise<string> {
  const id = newId();
  await ex
    .insertInto('incidents')
    .values({ id, account_id: incident.accountId, kind: incident.kind, says: incident.says, opened_at: now })
    .execute();
  return id;
}

export async function find(ex: Executor, id: string): Promise<Incident | undefined> {
  const row = await ex.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst();
  return row && read(row);
}

/** @returns false when it was closed already. */
export async function close(ex: Executor, id: string, by: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('incidents')
    .set({ closed_at: now, closed_by: by })
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Newest first. `before`: ms; only those opened earlier. */
export async function list(
  ex: Executor,
  filter: { accountId?: string; open?: boolean; before?: number; limit: number },
): Promise<Incident[]> {
  const rows = await ex
    .selectFrom('incidents')
    .selectAll()
    .$if(filter.accountId !== undefined, (query) => query.where('account_id', '=', filter.accountId as string))
    .$if(filter.before !== undefined, (query) => query.where('opened_at', '<', filter.before as number))
    .$if(filter.open === true, (query) => query.where('closed_at', 'is', null))
    .orderBy('opened_at', 'desc')
    .orderBy('id')
    .limit(filter.limit)
    .execute();
  return rows.map(read);
}

/** @returns how many were open. */
export async function closeAll(ex: Executor, accountId: string, by: string, now: number): Promise<number> {
  const { numUpdatedRows } = await ex
    .updateTable('incidents')
    .set({ closed_at: now, closed_by: by })
    .where('account_id', '=', accountId)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
