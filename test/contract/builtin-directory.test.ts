/** The built-in directory in the contract of all directories, on a store in memory; then on the real tables. */
import { describe, expect, it } from 'vitest';
import { type BuiltinAccount, type BuiltinStore, builtinDirectory } from '../../src/directory/builtin.ts';
import type { Directory } from '../../src/directory/directory.ts';
import { argon2Hash, argon2Verify } from '../../src/kernel/argon2.ts';
import { days, minutes } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/random.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { openStorage } from '../../src/storage/index.ts';
import * as repository from '../../src/storage/repositories/builtin-accounts.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { createMemoryBuiltinStore } from '../kit/memory-builtin-store.ts';
import { directoryContract, type PersonState } from './directory.ts';

const cost = { memory: 64, passes: 1, parallelism: 1 };
const pepper = Buffer.alloc(32, 3);
const maxAge = days(90);
const config = {
  minPasswordLength: 8,
  maxPasswordAge: maxAge,
  lockAfter: 10,
  lockFor: minutes(10),
  protectedGroups: ['Domain Admins'],
};

directoryContract(
  'builtin',
  {
    blocks: ['disabled', 'account-expired', 'protected', 'cannot-change-password'],
    network: false,
    // `can.resetHistory` is false: Sparekey keeps earlier passwords for it.
    history: false,
    tooShort: 'Short-1',
  },
  async () => {
    const store = createMemoryBuiltinStore();
    const clock = createFakeClock();
    const directory = await builtinDirectory.open(config, { store, pepper, clock, cost });
    const rowOf = async (username: string): Promise<BuiltinAccount> => {
      const found = await store.findByUsername(username);
      if (!found) throw new Error(`No account ${username}.`);
      return store.row(found.id);
    };
    const changes: Partial<Record<PersonState, Partial<BuiltinAccount>>> = {
      'must-change': { mustChange: true },
      expired: { passwordChangedAt: clock.now() - maxAge },
      disabled: { disabled: true },
      'account-expired': { expiresAt: clock.now() },
      protected: { groups: ['Staff', 'domain admins'] },
      'cannot-change-password': { cannotChange: true },
    };
    return {
      directory,
      async addPerson({ password, ...person }) {
        const passwordHash = await argon2Hash(password, pepper, cost);
        store.add({ id: newId(), ...person, passwordHash, passwordChangedAt: clock.now() - minutes(1) });
      },
      async putInto(username, state) {
        const change = changes[state];
        if (!change) throw new Error(`The built-in directory knows no state ${state}.`);
        Object.assign(await rowOf(username), change);
        return undefined;
      },
      signsIn: async (username, password) => argon2Verify(password, (await rowOf(username)).passwordHash, pepper),
      close: () => directory.close(),
    };
  },
);

describe('the built-in directory on the real tables', () => {
  const good = new Secret('First-Passw0rd-of-Anna');
  const bad = new Secret('not the password');

  async function withTables(work: (directory: Directory, clock: ReturnType<typeof createFakeClock>) => Promise<void>) {
    const storage = await openStorage({ engine: 'sqlite', file: ':memory:' });
    const clock = createFakeClock();
    const { db } = storage;
    const store: BuiltinStore = {
      findById: (id) => repository.findById(db, id),
      findByUsername: (username) => repository.findByUsername(db, username),
      findByMail: (mail) => repository.findByMail(db, mail),
      setPassword: (id, password) => repository.setPassword(db, id, password),
      recordFailedBind: (id, limit) => repository.recordFailedBind(db, id, limit),
      unlock: (id) => repository.unlock(db, id),
    };
    await repository.insert(db, {
      id: 'a1',
      username: 'Änna.Kim',
      mail: 'Kim@North.Example',
      displayName: 'Änna Kim',
      givenName: 'Änna',
      language: 'de',
      groups: ['Staff'],
      passwordHash: await argon2Hash(good.reveal(), pepper, cost),
      passwordChangedAt: clock.now() - days(1),
      mustChange: true,
      disabled: false,
      cannotChange: false,
      expiresAt: undefined,
    });
    const directory = await builtinDirectory.open(config, { id: 'people', store, pepper, clock, cost });
    try {
      await work(directory, clock);
    } finally {
      await directory.close();
      await storage.close();
    }
  }
  const find = async (directory: Directory, identifier: string) => {
    const found = await directory.find(identifier);
    if (found.is !== 'found') throw new Error(`${identifier}: ${found.is}`);
    return found.account;
  };

  it('finds by any spelling of the same name, and by no look-alike', () =>
    withTables(async (directory) => {
      for (const typed of ['änna.kim', 'A\u0308NNA.KIM', 'kim@north.example'])
        expect(await directory.find(typed)).toMatchObject({ is: 'found', account: { key: 'a1', groups: ['Staff'] } });
      for (const typed of ['anna.kim', '\u212aim@north.example', 'K\u0131m@north.example', 'kim@north.example\0'])
        expect(await directory.find(typed)).toEqual({ is: 'none' });
    }));

  it('resets, leaves no must-change and no lock, and has a new marker', () =>
    withTables(async (directory) => {
      const anna = await find(directory, 'änna.kim');
      expect(await directory.verifyPassword(anna, good)).toEqual({ is: 'correct-but', why: 'must-change' });
      const before = await directory.passwordMarker(anna);
      for (let n = 0; n < 11; n += 1) await directory.verifyPassword(anna, bad);
      expect(await directory.preflight(anna)).toMatchObject({ is: 'ready', locked: true, mustChange: true });
      const fresh = new Secret('Second-Passw0rd');
      expect(await directory.writePassword(anna, fresh)).toEqual({ is: 'applied' });
      expect(await directory.verifyPassword(anna, fresh)).toEqual({ is: 'correct' });
      expect(await directory.passwordMarker(anna)).not.toBe(before);
    }));

  it('lets ten of forty parallel guesses be looked at, then ten more after the lock', () =>
    withTables(async (directory, clock) => {
      const anna = await find(directory, 'änna.kim');
      const guess = () => directory.verifyPassword(anna, bad);
      const first = await Promise.all(Array.from({ length: 40 }, guess));
      expect(first.filter(({ is }) => is === 'wrong')).toHaveLength(10);
      clock.advance(minutes(10));
      const second = await Promise.all(Array.from({ length: 40 }, guess));
      expect(second.filter(({ is }) => is === 'wrong').length).toBeLessThanOrEqual(10);
      expect(second.some(({ is }) => is === 'wrong')).toBe(true);
    }));
});
