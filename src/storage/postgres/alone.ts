/** Nobody else may use this database: seen by the names that our connections give themselves. */
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { StorageFailure } from '../failure.ts';
import type { Storage } from '../storage.ts';

/** A connection that was just closed is still counted for a moment. */
const LOOKS = 10;
const PAUSE_MS = 200;

/** The first statement on a new pool. @throws StorageFailure while a server or command uses it. */
export async function refuseOthers({ db }: Storage): Promise<void> {
  for (let look = 1; ; look += 1) {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from pg_stat_activity
      where datname = current_database() and application_name like 'sparekey%' and pid <> pg_backend_pid()`.execute(db);
    if (rows[0]?.n === 0) return;
    if (look === LOOKS)
      throw new StorageFailure('A Sparekey server or command uses this database. Stop it first; nothing was changed.');
    await wait(PAUSE_MS);
  }
}
