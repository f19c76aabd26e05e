/** Where accounts were seen when something succeeded. Device and network are kept as HMACs: they can be compared, not read. */
import { type Selectable, sql } from 'kysely';
import { newId } from '../../kernel/random.ts';
import type { SightingTable } from '../schema.ts';
import type { Executor } from '../storage.ts';
import { deleteInBatches } from './sweep.ts';

export interface Sighting {
  device: string;
  network: string;
  latitude: number | undefined;
  longitude: number | undefined;
  lastAt: number;
  successes: number;
  /** Bit n: a success in hour n of the organisation's day. */
  hours: number;
}

const read = (row: Selectable<SightingTable>): Sighting => ({
  device: row.device,
  network: row.network,
  latitude: row.latitude ?? undefined,
  longitude: row.longitude ?? undefined,
  lastAt: row.last_at,
  successes: row.successes,
  hours: row.hours,
});

const MOST = 100;

/** The latest ones, newest first. */
export async function of(ex: Executor, accountId: string): Promise<Sighting[]> {
  const rows = await ex
    .selectFrom('sightings')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('last_at', 'desc')
    .limit(MOST)
    .execute();
  return rows.map(read);
}

export async function record(
  ex: Executor,
  seen: Pick<Sighting, 'device' | 'network' | 'latitude' | 'longitude'> & { accountId: string; hour: number },
  now: number,
): Promise<void> {
  const bit = 1 << seen.hour;
  const place = { latitude: seen.latitude ?? null, longitude: seen.longitude ?? null };
  await ex
    .insertInto('sightings')
    .values({
      id: newId(),
      account_id: seen.accountId,
      device: seen.device,
      network: seen.network,
      ...place,
      first_at: now,
      last_at: now,
      successes: 1,
      hours: bit,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'device', 'network']).doUpdateSet({
        ...place,
        last_at: now,
        successes: sql<number>`sightings.successes + 1`,
        hours: sql<number>`sightings.hours | ${sql.lit(bit)}`,
      }),
    )
    .execute();
}

/** Deletes what was last seen before that instant. @returns how many. */
export const sweep = (ex: Executor, before: number): Promise<number> =>
  deleteInBatches((limit) =>
    ex
      .deleteFrom('sightings')
      .where('id', 'in', (eb) => eb.selectFrom('sightings').select('id').where('last_at', '<', before).limit(limit))
      .executeTakeFirst(),
  );
