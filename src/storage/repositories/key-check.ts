/**
 * Ties a database to its key file: with other keys nothing sealed could be opened, no code would match and the audit would
 * look forged. Found out at the start, before anything is written.
 */
import type { Keyring, LiveKeyring } from '../../kernel/keyring.ts';
import { StorageFailure } from '../failure.ts';
import type { Executor, Storage } from '../storage.ts';
import { initKeyState } from './key-state.ts';

const NAME = 'key-check';

const proofOf = (keyring: Keyring): string => keyring.mac(NAME, 'sparekey');

/** Undefined: no server ever ran on this database. Changes nothing. */
export async function keysBelong({ db }: { db: Executor }, keyring: Keyring): Promise<boolean | undefined> {
  const known = await db.selectFrom('meta').select('value').where('name', '=', NAME).executeTakeFirst();
  return known && known.value === proofOf(keyring);
}

/** From now on the keyring seals with the key that this database names. @throws StorageFailure when the keys are others. */
export async function claimKeys({ db }: Pick<Storage, 'db'>, keyring: LiveKeyring): Promise<void> {
  await db
    .insertInto('meta')
    .values({ name: NAME, value: proofOf(keyring) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  if (!(await keysBelong({ db }, keyring)))
    throw new StorageFailure(
      'The key file does not belong to this database: it was first used with other keys. ' +
        'Restore the key file from its backup, or point keysFile to it; with a new one everything sealed would be lost.',
    );
  const { seals } = await initKeyState(db, { seals: keyring.sealsWith(), next: null });
  if (!keyring.known().includes(seals))
    throw new StorageFailure(
      `The keys of this database were rotated, and the key file lacks the key "${seals}" that seals now. ` +
        'Copy the key file of a node that runs, or restore the newest backup of the key file.',
    );
  keyring.sealWith(seals);
}
