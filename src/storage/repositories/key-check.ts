/**
 * Ties a database to its key file: with other keys nothing sealed could be opened, no code would match and the audit would
 * look forged. Found out at the start, before anything is written.
 */
import type { Keyring } from '../../kernel/keyring.ts';
import { StorageFailure } from '../failure.ts';
import type { Storage } from '../storage.ts';

const NAME = 'key-check';

/** @throws StorageFailure when the database was first used with other keys. */
export async function claimKeys({ db }: Storage, keyring: Keyring): Promise<void> {
  const value = keyring.mac(NAME, 'sparekey');
  await db
    .insertInto('meta')
    .values({ name: NAME, value })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const known = await db.selectFrom('meta').select('value').where('name', '=', NAME).executeTakeFirstOrThrow();
  if (known.value !== value)
    throw new StorageFailure(
      'The key file does not belong to this database: it was first used with other keys. ' +
        'Restore the key file from its backup, or point keysFile to it; with a new one everything sealed would be lost.',
    );
}
