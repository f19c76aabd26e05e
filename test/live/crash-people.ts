/** Puts the travellers into a database and, where Sparekey holds the accounts itself, into the built-in directory. */

import { createKeysFile } from '../../src/config/keys-file.ts';
import { argon2Hash, CODE_COST, PASSWORD_COST } from '../../src/kernel/argon2.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import { enrol } from '../kit/enrol.ts';
import { type Traveller, traveller } from './crash-travellers.ts';
import { openNode } from './crash-truth.ts';

/** Makes the keys too. `builtin`: the accounts as well. */
export async function settleDown(
  file: string,
  keysFile: string,
  names: readonly string[],
  password: string,
  builtin: boolean,
): Promise<Traveller[]> {
  createKeysFile(keysFile, systemClock);
  const sparekey = await openNode(file);
  const { storage, keyring, directory, flow } = sparekey;
  const cost = { ...CODE_COST };
  // Only for the sheets made here; a hash carries its own cost, and the replacements are made at the real one.
  Object.assign(CODE_COST, { memory: 64, passes: 1 });
  try {
    const hash = builtin ? await argon2Hash(password, keyring.derive('builtin-password'), PASSWORD_COST) : '';
    const people: Traveller[] = [];
    for (const username of names) {
      if (builtin)
        await accounts.insert(storage.db, {
          id: username,
          username,
          mail: `${username}@corp.example`,
          displayName: `${username} Test`,
          givenName: undefined,
          language: undefined,
          groups: [],
          passwordHash: hash,
          passwordChangedAt: Date.now(),
          mustChange: false,
          disabled: false,
          cannotChange: false,
          expiresAt: undefined,
        });
      const found = await directory.find(username);
      if (found.is !== 'found') throw new Error(`${username} was not found: ${JSON.stringify(found)}`);
      const address = `${username}@private.example`;
      const { seed, codes } = await enrol(flow, found.account, [address]);
      people.push(traveller(username, address, password, seed, codes));
    }
    return people;
  } finally {
    Object.assign(CODE_COST, cost);
    await sparekey.close();
  }
}
