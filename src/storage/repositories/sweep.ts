/** Deleting old rows in small bites, so that nobody waits long for the write lock. */
import type { DeleteResult } from 'kysely';

const BATCH = 500;

/** Runs `remove` until it deletes less than it may. @returns how many rows went. */
export async function deleteInBatches(remove: (limit: number) => Promise<DeleteResult>): Promise<number> {
  for (let total = 0; ; ) {
    const { numDeletedRows } = await remove(BATCH);
    total += Number(numDeletedRows);
    if (numDeletedRows < BATCH) return total;
  }
}
