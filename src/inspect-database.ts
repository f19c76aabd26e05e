/** Looks whether a database is one of Sparekey, whole, unforged, and of these keys. Changes nothing. */
import { createAudit } from './audit/index.ts';
import { systemClock } from './kernel/clock.ts';
import type { LiveKeyring } from './kernel/keyring.ts';
import { executedMigrations, pendingMigrations } from './storage/migrate.ts';
import { keysBelong } from './storage/repositories/key-check.ts';
import { readKeyState } from './storage/repositories/key-state.ts';
import { countSealed } from './storage/sealed.ts';
import type { Executor, Storage } from './storage/storage.ts';

export interface Inspection {
  /** Records of the audit; its chain is intact. */
  records: number;
  /** Ways to verify of all people. */
  ways: number;
  /** ISO 8601; of the newest record. */
  newest: string | undefined;
}

export type Inspected = { is: 'good'; inspection: Inspection } | { is: 'unfit'; cause: string };

const unfit = (cause: string): Inspected => ({ is: 'unfit', cause });

/** @throws StorageFailure when it is of a newer build, or can't be read. */
export async function inspectDatabase(storage: Storage, keyring: LiveKeyring): Promise<Inspected> {
  if ((await executedMigrations(storage)).length === 0) return unfit('It is not a database of Sparekey.');
  await pendingMigrations(storage);
  const { db } = storage;
  const belong = await keysBelong(storage, keyring);
  if (belong === undefined) return unfit('No server ever ran on it: there is nothing in it.');
  if (!belong) return unfit('It belongs to another key file. Point keysFile to the one that was in use then.');
  const state = await readKeyState(db);
  if (state && !keyring.known().includes(state.seals))
    return unfit(
      `It was sealed with the key "${state.seals}", which the key file does not have. Use that of the time.`,
    );
  const strange = (await countSealed(db, keyring.known())).get('') ?? 0;
  if (strange > 0)
    return unfit(`${strange} values in it are sealed with keys that the key file does not have. Use that of the time.`);
  const { faults, records } = await createAudit({ keyring, clock: systemClock }).verify(db);
  const [fault] = faults;
  if (fault) return unfit(`Its audit chain is broken at record ${fault.seq}.`);
  return { is: 'good', inspection: { records, ways: await countWays(db), newest: await newestRecord(db) } };
}

async function countWays(db: Executor): Promise<number> {
  const row = await db
    .selectFrom('authenticators')
    .select((eb) => eb.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

async function newestRecord(db: Executor): Promise<string | undefined> {
  const row = await db.selectFrom('audit').select('body').orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return row && (JSON.parse(row.body) as { at: string }).at;
}
