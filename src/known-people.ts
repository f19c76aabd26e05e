/** Finds those who may vouch for somebody: people of the directory, with the addresses that they have confirmed. */
import type { Directory } from './directory/directory.ts';
import type { Keyring } from './kernel/keyring.ts';
import type { PeopleFinder } from './methods/method.ts';
import { createAuthenticators } from './storage/repositories/authenticators.ts';
import type { Storage } from './storage/storage.ts';

/** `directory`: opened after the ways to verify, because those say which attributes it must read. */
export function createKnownPeople(
  storage: Storage,
  keyring: Keyring,
  directory: () => Directory | undefined,
): PeopleFinder {
  const authenticators = createAuthenticators(keyring);
  const addressesOf = async (accountId: string): Promise<string[]> =>
    (await authenticators.list(storage.db, accountId))
      .filter(({ method, disabledAt }) => method === 'email' && disabledAt === undefined)
      .map(({ data }) => String(data['address']));

  return {
    addressesOf,
    async find(reference) {
      const found = await directory()?.resolve(reference);
      if (found?.is !== 'found') return undefined;
      const { id: accountId, displayName, language, mail } = found.account;
      const confirmed = await addressesOf(accountId);
      return { accountId, displayName, language, addresses: confirmed.length > 0 ? confirmed : mail };
    },
  };
}
