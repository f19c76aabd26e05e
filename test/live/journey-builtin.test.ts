/** The main job on the built-in directory, in an SQLite file, with real mails. */

import { argon2Hash, PASSWORD_COST } from '../../src/kernel/argon2.ts';
import { Secret } from '../../src/kernel/secret.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import type { PersonState } from '../contract/directory.ts';
import { createTestCa } from '../kit/servers/test-ca.ts';
import { FIRST, openHouse } from './journey-house.ts';
import { type JourneyFixture, journeySuite } from './journey-suite.ts';

const YEARS = 3 * 365 * 24 * 3_600_000;

async function fixture(): Promise<JourneyFixture> {
  const ca = await createTestCa();
  const directory = { type: 'builtin', protectedGroups: ['administrators'], maxPasswordAge: '365 d', lockAfter: 3 };
  const house = await openHouse({ ca, directory });
  const { storage, keyring } = house.sparekey;
  const { db } = storage;

  const signsIn = async (username: string, password: string) => {
    const { is } = await house.sparekey.directory.verifyPassword(await house.account(username), new Secret(password));
    return is === 'correct';
  };
  const changes: { [State in PersonState]?: accounts.BuiltinAccountChange } = {
    'must-change': { mustChange: true },
    disabled: { disabled: true },
    'account-expired': { expiresAt: 1 },
    protected: { groups: ['Administrators'] },
    'cannot-change-password': { cannotChange: true },
  };
  return {
    house,
    async addPerson({ username, password, mail, givenName }) {
      const passwordHash = await argon2Hash(password, keyring.derive('builtin-password'), PASSWORD_COST);
      const rest = { groups: [], mustChange: false, disabled: false, cannotChange: false, expiresAt: undefined };
      const person = { id: username, username, mail, displayName: `${givenName} Test`, givenName, language: undefined };
      await accounts.insert(db, { ...person, ...rest, passwordHash, passwordChangedAt: house.clock.now() });
    },
    async putInto(username, state) {
      const change = changes[state];
      if (change) await accounts.change(db, username, change);
      else if (state === 'expired')
        await db
          .updateTable('builtin_accounts')
          .set({ password_changed_at: house.clock.now() - YEARS })
          .where('id', '=', username)
          .execute();
      else throw new Error(`The built-in directory has no state "${state}".`);
    },
    signsIn,
    async lock(username) {
      for (let attempt = 0; attempt < 3; attempt += 1) await signsIn(username, `not ${FIRST}`);
    },
    async close() {
      await house.close();
      await ca.remove();
    },
  };
}

journeySuite(
  'the built-in directory',
  {
    blocks: [
      ['disabled', /The account is disabled/],
      ['account-expired', /The account has ended/],
      ['protected', /Member of .{0,3}Administrators/],
      ['cannot-change-password', /cannot_change is set/],
    ],
    historyOf: 'sparekey',
    ownRules: false,
    faults: false,
  },
  fixture,
);
