/** Texts and calls under way at a provider that calls back. What they hold is sealed; a move needs the version that was read. */
import type { Selectable } from 'kysely';
import type { JsonObject } from '../../kernel/json.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import type { DeliveryTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { deleteInBatches } from './sweep.ts';

export interface DeliveryRow {
  id: string;
  kind: string;
  job: string;
  stage: string;
  data: JsonObject;
  version: number;
  expiresAt: number;
}

const context = (id: string): string => `delivery:${id}`;

export function createDeliveries(keyring: Keyring) {
  const seal = (id: string, data: JsonObject): string => keyring.seal(JSON.stringify(data), context(id));
  const read = (row: Selectable<DeliveryTable>): DeliveryRow => ({
    id: row.id,
    kind: row.kind,
    job: row.job,
    stage: row.stage,
    data: JSON.parse(keyring.open(row.data, context(row.id))) as JsonObject,
    version: row.version,
    expiresAt: row.expires_at,
  });
  return {
    async open(ex: Executor, delivery: Omit<DeliveryRow, 'version'>, now: number): Promise<void> {
      const { id, kind, job, stage, data, expiresAt } = delivery;
      await ex
        .insertInto('deliveries')
        .values({ id, kind, job, stage, data: seal(id, data), version: 1, created_at: now, expires_at: expiresAt })
        .execute();
    },
    async find(ex: Executor, kind: string, id: string, now: number): Promise<DeliveryRow | undefined> {
      const row = await ex
        .selectFrom('deliveries')
        .selectAll()
        .where('id', '=', id)
        .where('kind', '=', kind)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return row && read(row);
    },
    async findByJob(ex: Executor, kind: string, job: string, now: number): Promise<DeliveryRow | undefined> {
      const row = await ex
        .selectFrom('deliveries')
        .selectAll()
        .where('job', '=', job)
        .where('kind', '=', kind)
        .where('expires_at', '>', now)
        .orderBy('created_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && read(row);
    },
    async move(
      ex: Executor,
      { id, version }: Pick<DeliveryRow, 'id' | 'version'>,
      { stage, data }: Pick<DeliveryRow, 'stage' | 'data'>,
    ): Promise<boolean> {
      const { numUpdatedRows } = await ex
        .updateTable('deliveries')
        .set({ stage, data: seal(id, data), version: version + 1 })
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
  };
}

/** Deletes what expired before that instant. @returns how many. */
export const sweepDeliveries = (ex: Executor, before: number): Promise<number> =>
  deleteInBatches((limit) =>
    ex
      .deleteFrom('deliveries')
      .where('id', 'in', (eb) => eb.selectFrom('deliveries').select('id').where('expires_at', '<', before).limit(limit))
      .executeTakeFirst(),
  );
