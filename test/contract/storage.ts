/** What both engines must do alike. Called once per engine with a way to make a new, empty database. */
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { newId, newToken } from '../../src/kernel/random.ts';
import {
  migrateStorage,
  openStorage,
  StaleWrite,
  type StorageConfig,
  StorageFailure,
} from '../../src/storage/index.ts';
import { migrations } from '../../src/storage/migrations/index.ts';
import { type Authenticators, createAuthenticators } from '../../src/storage/repositories/authenticators.ts';
import * as people from '../../src/storage/repositories/builtin-accounts.ts';
import * as counters from '../../src/storage/repositories/counters.ts';
import { createDeliveries, sweepDeliveries } from '../../src/storage/repositories/deliveries.ts';
import { createFlows, type NewFlow } from '../../src/storage/repositories/flows.ts';
import { claimKeys } from '../../src/storage/repositories/key-check.ts';
import * as history from '../../src/storage/repositories/password-history.ts';
import { createSessions, type NewSession, PARALLEL_SESSIONS } from '../../src/storage/repositories/sessions.ts';
import type { Executor, Storage } from '../../src/storage/storage.ts';
import { storageOfDesk } from './storage-desk.ts';
import { keysContract } from './storage-keys.ts';
import { migrationsContract } from './storage-migrations.ts';
import { storageOfReadiness } from './storage-readiness.ts';
import { storageOfSettings } from './storage-settings.ts';
import { storageOfWays } from './storage-ways.ts';

const NOW = Date.UTC(2026, 10, 23, 8);
const LATER = NOW + 60_000;
const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);
const authenticators: Authenticators = createAuthenticators(keyring);
const flows = createFlows(keyring);
const sessions = createSessions(keyring);
const deliveries = createDeliveries(keyring);

const newFlow = (over: Partial<NewFlow> = {}): NewFlow => ({
  id: newId(),
  kind: 'recovery',
  token: newToken(),
  subject: newId(),
  state: { step: 'verify', typed: 'mia.berg' },
  createdAt: NOW,
  expiresAt: NOW + 1_800_000,
  ...over,
});

const newSession = (over: Partial<NewSession> = {}): NewSession => ({
  token: newToken(),
  accountId: newId(),
  directory: 'people',
  directoryKey: newId(),
  createdAt: NOW,
  expiresAt: NOW + 8 * 3_600_000,
  userAgent: 'Firefox',
  ...over,
});

const newPerson = (username: string, over: Partial<people.NewBuiltinAccount> = {}): people.NewBuiltinAccount => ({
  id: newId(),
  username,
  mail: undefined,
  displayName: username,
  givenName: undefined,
  language: undefined,
  groups: [],
  passwordHash: '$argon2id$first',
  passwordChangedAt: NOW,
  mustChange: false,
  disabled: false,
  cannotChange: false,
  expiresAt: undefined,
  ...over,
});

const newAuthenticator = (accountId: string, label = 'App') => ({
  id: newId(),
  accountId,
  method: 'totp',
  label,
  data: { seed: 'JBSWY3DPEHPK3PXP' },
});

/** One call of every repository, for the test that all of them work on the `trx` of a transaction. */
async function everyRepository(ex: Executor): Promise<void> {
  const authenticator = newAuthenticator(newId());
  await authenticators.add(ex, authenticator, NOW);
  await authenticators.update(ex, authenticator.id, 1, { label: 'Old phone' });
  await authenticators.list(ex, authenticator.accountId);
  await authenticators.listMany(ex, [authenticator.accountId]);
  await authenticators.find(ex, authenticator.id);
  await authenticators.remove(ex, authenticator.id);
  const flow = newFlow();
  await flows.create(ex, flow);
  await flows.save(ex, flow.id, 1, { state: {}, seenAt: NOW });
  await flows.findByToken(ex, flow.token);
  await flows.find(ex, flow.id);
  await flows.endOthers(ex, flow.subject, undefined, NOW);
  await flows.sweep(ex, 1);
  const session = newSession();
  await sessions.create(ex, session);
  await sessions.findByToken(ex, session.token, { now: NOW, idle: 1_000 });
  await sessions.touch(ex, session.token, NOW);
  await sessions.prove(ex, session.token, NOW);
  await sessions.list(ex, session.accountId, NOW);
  await sessions.end(ex, session.token, NOW);
  await sessions.endAll(ex, session.accountId, NOW);
  await sessions.sweep(ex, 1);
  await counters.hit(ex, newId(), { limit: 1, windowMs: 1 }, NOW);
  const key = newId();
  await counters.fail(ex, key, counters.FAILURE_LADDER, NOW);
  await counters.read(ex, key, counters.FAILURE_LADDER);
  await counters.clear(ex, key);
  await counters.sweep(ex, 1);
  await history.add(ex, { accountId: newId(), hash: 'h', now: NOW }, 3);
  await history.list(ex, newId(), 3);
  const person = newPerson(newId());
  await people.insert(ex, person);
  await people.change(ex, person.id, { mail: 'x@corp.test' });
  await people.findById(ex, person.id);
  await people.findByUsername(ex, person.username.toLowerCase());
  await people.findByMail(ex, 'x@corp.test');
  await people.setPassword(ex, person.id, { hash: 'b', at: NOW, mustChange: false });
  await people.recordFailedBind(ex, person.id, { threshold: 1, lockUntil: LATER });
  await people.unlock(ex, person.id);
  await people.page(ex);
  await people.remove(ex, person.id);
}

const WRITER = fileURLToPath(new URL('../unit/storage/kill-writer.ts', import.meta.url));

/** Starts the writer, kills it at a random instant after its first commit; returns the numbers it acknowledged. */
async function killedWriter(config: StorageConfig, prefix: string): Promise<number[]> {
  const child = spawn(process.execPath, [WRITER, JSON.stringify(config), prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (text) => {
    if (printed === '') setTimeout(() => child.kill('SIGKILL'), randomInt(5, 250));
    printed += text;
  });
  // `close`, not `exit`: what it printed last must have arrived.
  const [code, signal] = await once(child, 'close');
  if (signal !== 'SIGKILL') throw new Error(`The writer ended by itself with code ${code}.`);
  const whole = printed.slice(0, printed.lastIndexOf('\n'));
  return whole.split('\n').map(Number);
}

export function storageContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`storage on ${engine}`, () => {
    let config: StorageConfig;
    let storage: Storage;
    let db: Executor;
    beforeAll(async () => {
      config = await newDatabase();
      storage = await openStorage(config);
      db = storage.db;
    });
    afterAll(() => storage?.close());

    describe('transactions', () => {
      test('a throw leaves nothing behind', async () => {
        const flow = newFlow();
        const work = storage.transaction(async (trx) => {
          await flows.create(trx, flow);
          throw new Error('changed my mind');
        });
        await expect(work).rejects.toThrow('changed my mind');
        expect(await flows.find(db, flow.id)).toBeUndefined();
      });

      test('every repository works inside a transaction', async () => {
        await storage.transaction((trx) => everyRepository(trx));
      });

      test('the outer database inside a transaction is refused instead of waiting for ever', async () => {
        await storage.transaction(async () => {
          await expect(everyRepository(storage.db)).rejects.toThrow('inside a transaction');
          await expect(storage.transaction(async () => {})).rejects.toThrow('inside a transaction');
        });
        await everyRepository(storage.db);
      });

      test('parallel transactions take their turns', async () => {
        const key = newId();
        await Promise.all(
          Array.from({ length: 20 }, () =>
            storage.transaction((trx) => counters.hit(trx, key, { limit: 1_000, windowMs: 1_000 }, NOW)),
          ),
        );
        expect((await counters.read(db, key, counters.FAILURE_LADDER)).count).toBe(20);
      });

      test('an error of the engine that another try would heal is retried, boundedly', async () => {
        let tries = 0;
        const healed = storage.transaction(async () => {
          tries += 1;
          if (tries < 3) throw Object.assign(new Error('deadlock'), { code: '40P01' });
          return 'done';
        });
        expect(await healed).toBe('done');
        const hopeless = storage.transaction(async () => {
          tries += 1;
          throw Object.assign(new Error('serialisation'), { code: '40001' });
        });
        await expect(hopeless).rejects.toThrow('serialisation');
        expect(tries).toBe(9);
      });

      test('times come back as numbers', async () => {
        const flow = newFlow();
        await flows.create(db, flow);
        expect(await flows.find(db, flow.id)).toMatchObject({ createdAt: NOW, version: 1, endedAt: undefined });
      });
    });

    describe('authenticators', () => {
      test('come back as they were, oldest first, and lie sealed', async () => {
        const accountId = newId();
        const [first, second] = [newAuthenticator(accountId, 'first'), newAuthenticator(accountId, 'second')];
        await authenticators.add(db, second, LATER);
        await authenticators.add(db, first, NOW);
        const found = await authenticators.list(db, accountId);
        expect(found.map((entry) => entry.label)).toEqual(['first', 'second']);
        expect(found[0]).toMatchObject({ ...first, version: 1, createdAt: NOW, lastUsedAt: undefined });
        const { data } = await storage.db
          .selectFrom('authenticators')
          .select('data')
          .where('id', '=', first.id)
          .executeTakeFirstOrThrow();
        expect(data).not.toContain(first.data.seed);
      });

      test('sealed data does not open in another row', async () => {
        const accountId = newId();
        const [mine, yours] = [newAuthenticator(accountId), newAuthenticator(accountId)];
        await authenticators.add(db, mine, NOW);
        await authenticators.add(db, yours, NOW);
        await sql`update authenticators set data = (select data from authenticators where id = ${yours.id}) where id = ${mine.id}`.execute(
          storage.db,
        );
        await expect(authenticators.find(db, mine.id)).rejects.toThrow();
      });

      test('two parallel uses of one version: one commits, the other rolls back as a whole', async () => {
        const authenticator = newAuthenticator(newId());
        await authenticators.add(db, authenticator, NOW);
        const use = (mark: string) =>
          storage.transaction(async (trx) => {
            await counters.hit(trx, mark, { limit: 1, windowMs: 1 }, NOW);
            await authenticators.update(trx, authenticator.id, 1, { lastUsedAt: LATER });
          });
        const marks = [newId(), newId()];
        const results = await Promise.allSettled(marks.map(use));
        const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
        expect(refused).toEqual([expect.any(StaleWrite)]);
        const counts = await Promise.all(marks.map((mark) => counters.read(db, mark, counters.FAILURE_LADDER)));
        expect(counts.map((entry) => entry.count).sort()).toEqual([0, 1]);
        expect(await authenticators.find(db, authenticator.id)).toMatchObject({ version: 2, lastUsedAt: LATER });
      });

      test('listMany groups by account, also many', async () => {
        const accountIds = Array.from({ length: 1_200 }, newId);
        const [one, other] = [accountIds[3] as string, accountIds[1_100] as string];
        for (const accountId of [one, other, one]) await authenticators.add(db, newAuthenticator(accountId), NOW);
        const found = await authenticators.listMany(db, accountIds);
        expect([...found].map(([id, list]) => [id, list.length]).sort()).toEqual(
          [
            [one, 2],
            [other, 1],
          ].sort(),
        );
      });

      test('remove says whether there was one', async () => {
        const authenticator = newAuthenticator(newId());
        await authenticators.add(db, authenticator, NOW);
        expect(await authenticators.remove(db, authenticator.id)).toBe(true);
        expect(await authenticators.remove(db, authenticator.id)).toBe(false);
        await expect(authenticators.update(db, authenticator.id, 1, { label: 'x' })).rejects.toThrow(StaleWrite);
      });
    });

    describe('flows', () => {
      test('are found by the token only, which is nowhere in the row', async () => {
        const flow = newFlow();
        await flows.create(db, flow);
        expect(await flows.findByToken(db, flow.token)).toMatchObject({ id: flow.id, state: flow.state });
        const row = await storage.db
          .selectFrom('flows')
          .selectAll()
          .where('id', '=', flow.id)
          .executeTakeFirstOrThrow();
        expect(JSON.stringify(row)).not.toContain(flow.token);
        expect(JSON.stringify(row)).not.toContain('mia.berg');
        expect(await flows.findByToken(db, row.token_hash)).toBeUndefined();
      });

      test('a transition that read an older version is refused', async () => {
        const flow = newFlow();
        await flows.create(db, flow);
        expect(await flows.save(db, flow.id, 1, { state: { step: 'next' }, seenAt: LATER })).toBe(2);
        await expect(flows.save(db, flow.id, 1, { state: { step: 'again' }, seenAt: LATER })).rejects.toThrow(
          StaleWrite,
        );
        expect(await flows.find(db, flow.id)).toMatchObject({ state: { step: 'next' }, version: 2, seenAt: LATER });
      });

      test('after rotation the old token finds nothing', async () => {
        const flow = newFlow();
        await flows.create(db, flow);
        const rotated = newToken();
        await flows.save(db, flow.id, 1, { state: {}, seenAt: NOW, tokenRotation: rotated });
        expect(await flows.findByToken(db, flow.token)).toBeUndefined();
        expect(await flows.findByToken(db, rotated)).toMatchObject({ id: flow.id });
      });

      test('A32: a success ends every other live flow of that account, and a write of theirs under way is refused', async () => {
        const subject = newId();
        const [winner, other, done] = [newFlow({ subject }), newFlow({ subject }), newFlow({ subject })];
        const stranger = newFlow();
        for (const flow of [winner, other, done, stranger]) await flows.create(db, flow);
        await flows.save(db, done.id, 1, { state: {}, seenAt: NOW, endedAt: NOW });
        expect(await flows.endOthers(db, subject, winner.id, LATER)).toBe(1);
        expect((await flows.find(db, other.id))?.endedAt).toBe(LATER);
        expect((await flows.find(db, done.id))?.endedAt).toBe(NOW);
        for (const flow of [winner, stranger]) expect((await flows.find(db, flow.id))?.endedAt).toBeUndefined();
        await expect(flows.save(db, other.id, 1, { state: {}, seenAt: LATER })).rejects.toThrow(StaleWrite);
        expect(await flows.endOthers(db, subject, undefined, LATER)).toBe(1);
      });

      test('sweep takes ended and expired ones in batches', async () => {
        const own = await openStorage(await newDatabase());
        try {
          const [live, ended] = [newFlow(), newFlow()];
          for (const flow of [live, ended]) await flows.create(own.db, flow);
          await own.transaction(async (trx) => {
            for (let n = 0; n < 1_001; n += 1) await flows.create(trx, newFlow({ expiresAt: NOW - 1 }));
          });
          await flows.save(own.db, ended.id, 1, { state: {}, seenAt: NOW, endedAt: NOW - 1 });
          expect(await flows.sweep(own.db, NOW)).toBe(1_002);
          const left = await own.db.selectFrom('flows').select('id').execute();
          expect(left.map((row) => row.id)).toEqual([live.id]);
        } finally {
          await own.close();
        }
      });
    });

    test('a database belongs to the keys that it was first used with', async () => {
      const own = await openStorage(await newDatabase());
      try {
        await claimKeys(own, keyring);
        await claimKeys(own, keyring);
        const other = createKeyring([{ id: 'other', bytes: Buffer.alloc(32, 9) }]);
        await expect(claimKeys(own, other)).rejects.toThrow('does not belong to this database');
      } finally {
        await own.close();
      }
    });

    describe('sessions', () => {
      const at = (now: number) => ({ now, idle: 900_000 });

      test('are found by the token only, which is nowhere in the row', async () => {
        const session = newSession();
        await sessions.create(db, session);
        const { token, ...shown } = session;
        expect(await sessions.findByToken(db, token, at(NOW + 1))).toEqual({
          ...shown,
          id: expect.any(String),
          seenAt: NOW,
          provedAt: NOW,
        });
        const all = await storage.db.selectFrom('sessions').selectAll().execute();
        expect(JSON.stringify(all)).not.toContain(token);
      });

      test('end by idling, by age and by hand', async () => {
        const session = newSession({ expiresAt: NOW + 2_000_000 });
        await sessions.create(db, session);
        const alive = async (now: number) => (await sessions.findByToken(db, session.token, at(now))) !== undefined;
        expect(await alive(NOW + 899_999)).toBe(true);
        expect(await alive(NOW + 900_000)).toBe(false);
        await sessions.touch(db, session.token, NOW + 1_500_000);
        expect(await alive(NOW + 1_999_999)).toBe(true);
        expect(await alive(NOW + 2_000_000)).toBe(false);
        await sessions.end(db, session.token, NOW + 1_600_000);
        expect(await alive(NOW + 1_600_001)).toBe(false);
      });

      test('prove moves the step-up time and may rotate the token', async () => {
        const session = newSession();
        await sessions.create(db, session);
        const rotated = newToken();
        await sessions.prove(db, session.token, LATER, rotated);
        expect(await sessions.findByToken(db, session.token, at(LATER))).toBeUndefined();
        expect(await sessions.findByToken(db, rotated, at(LATER))).toMatchObject({ provedAt: LATER });
      });

      test('the sixth one ends the oldest', async () => {
        const accountId = newId();
        const all = Array.from({ length: PARALLEL_SESSIONS + 1 }, (_, n) =>
          newSession({ accountId, createdAt: NOW + n }),
        );
        for (const session of all) await sessions.create(db, session);
        const alive = await Promise.all(all.map((session) => sessions.findByToken(db, session.token, at(NOW + 10))));
        expect(alive.map(Boolean)).toEqual([false, true, true, true, true, true]);
        expect(await sessions.list(db, accountId, NOW + 10)).toHaveLength(5);
      });

      test('endAll spares the one given and other people', async () => {
        const accountId = newId();
        const [mine, other, stranger] = [newSession({ accountId }), newSession({ accountId }), newSession()];
        for (const session of [mine, other, stranger]) await sessions.create(db, session);
        expect(await sessions.endAll(db, accountId, LATER, mine.token)).toBe(1);
        const alive = await Promise.all(
          [mine, other, stranger].map((session) => sessions.findByToken(db, session.token, at(LATER))),
        );
        expect(alive.map(Boolean)).toEqual([true, false, true]);
      });

      test('sweep takes ended and expired ones', async () => {
        const [live, ended, expired] = [newSession(), newSession(), newSession({ createdAt: 1, expiresAt: 50 })];
        for (const session of [live, ended, expired]) await sessions.create(db, session);
        await sessions.end(db, ended.token, 99);
        expect(await sessions.sweep(db, 100)).toBe(2);
        expect(await sessions.findByToken(db, live.token, at(NOW))).toBeDefined();
      });
    });

    describe('counters', () => {
      test('50 parallel hits on a limit of 5 let exactly 5 through', async () => {
        const window = { limit: 5, windowMs: 3_600_000 };
        const key = newId();
        const hits = await Promise.all(Array.from({ length: 50 }, () => counters.hit(db, key, window, NOW)));
        expect(hits.filter((hit) => hit.allowed)).toHaveLength(5);
        expect(hits.map((hit) => hit.count).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
        expect(hits.find((hit) => !hit.allowed)?.retryAt).toBe(NOW + 3_600_000);
      });

      test('a new window starts at nothing', async () => {
        const window = { limit: 1, windowMs: 1_000 };
        const key = newId();
        expect(await counters.hit(db, key, window, NOW)).toEqual({ allowed: true, count: 1, retryAt: NOW });
        expect(await counters.hit(db, key, window, NOW + 999)).toEqual({
          allowed: false,
          count: 2,
          retryAt: NOW + 1_000,
        });
        expect(await counters.hit(db, key, window, NOW + 1_000)).toEqual({
          allowed: true,
          count: 1,
          retryAt: NOW + 1_000,
        });
      });

      test('a count can be looked at without counting, and is nothing once its window is over', async () => {
        const key = newId();
        expect(await counters.count(db, key, NOW)).toBe(0);
        await counters.hit(db, key, { limit: 1, windowMs: 1_000 }, NOW);
        await counters.hit(db, key, { limit: 1, windowMs: 1_000 }, NOW);
        expect(await counters.count(db, key, NOW + 999)).toBe(2);
        expect(await counters.count(db, key, NOW + 1_000)).toBe(0);
      });

      test('the ladder: nothing up to 9, 30 s at 10, doubling to one hour, disabled at 50', async () => {
        const key = newId();
        const waits: number[] = [];
        let now = NOW;
        for (let n = 1; n <= 50; n += 1) {
          const rung = await counters.fail(db, key, counters.FAILURE_LADDER, now);
          expect(rung).toMatchObject({ counted: true, count: n, disable: n >= 50 });
          waits.push(rung.blockedUntil === 0 ? 0 : (rung.blockedUntil - now) / 1_000);
          now = Math.max(now + 1, rung.blockedUntil);
        }
        expect(waits.slice(8, 19)).toEqual([0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        expect(waits.at(-1)).toBe(3600);
        await counters.clear(db, key);
        expect(await counters.read(db, key, counters.FAILURE_LADDER)).toEqual({
          count: 0,
          blockedUntil: 0,
          disable: false,
        });
      });

      test('while blocked nothing is counted, also not in parallel', async () => {
        const key = newId();
        const all = await Promise.all(
          Array.from({ length: 30 }, () => counters.fail(db, key, counters.FAILURE_LADDER, NOW)),
        );
        expect(all.filter((rung) => rung.counted)).toHaveLength(10);
        expect(await counters.read(db, key, counters.FAILURE_LADDER)).toEqual({
          count: 10,
          blockedUntil: NOW + 30_000,
          disable: false,
        });
      });

      test('sweep leaves open windows and ladders', async () => {
        const own = await openStorage(await newDatabase());
        try {
          await counters.hit(own.db, 'over', { limit: 1, windowMs: 1 }, NOW);
          await counters.hit(own.db, 'open', { limit: 1, windowMs: 1_000 }, NOW);
          await counters.fail(own.db, 'ladder', counters.FAILURE_LADDER, NOW);
          expect(await counters.sweep(own.db, NOW + 1)).toBe(1);
          const left = await own.db.selectFrom('counters').select('key').orderBy('key').execute();
          expect(left.map((row) => row.key)).toEqual(['ladder', 'open']);
        } finally {
          await own.close();
        }
      });
    });

    test('password history keeps the newest of each account', async () => {
      const accountId = newId();
      const other = newId();
      await history.add(db, { accountId: other, hash: 'other', now: NOW }, 3);
      for (let n = 1; n <= 5; n += 1) await history.add(db, { accountId, hash: `h${n}`, now: NOW + n }, 3);
      expect(await history.list(db, accountId, 10)).toEqual(['h5', 'h4', 'h3']);
      expect(await history.list(db, accountId, 1)).toEqual(['h5']);
      expect(await history.list(db, other, 10)).toEqual(['other']);
      await history.add(db, { accountId, hash: 'none', now: LATER }, 0);
      expect(await history.list(db, accountId, 10)).toEqual([]);
    });

    describe('built-in accounts', () => {
      test('come back as they were, by id, name and address', async () => {
        const mail = `${newId()}@Corp.Test`;
        const person = newPerson(`Zoë-${newId()}`, {
          mail,
          groups: ['staff', 'élèves'],
          attributes: { employeeType: ['Lehrkraft', 'élu'] },
          mustChange: true,
          expiresAt: LATER,
        });
        expect(await people.insert(db, person)).toBe(true);
        const whole = { ...person, lockedUntil: undefined, failedBinds: 0 };
        expect(await people.findById(db, person.id)).toEqual(whole);
        expect(await people.findByUsername(db, person.username.normalize('NFC').toLowerCase())).toEqual(whole);
        expect(await people.findByMail(db, mail.toLowerCase())).toEqual(whole);
      });

      test('a taken name or address in any spelling stores nothing', async () => {
        const name = `Émile-${newId()}`;
        const mail = `${newId()}@corp.test`;
        await people.insert(db, newPerson(name, { mail }));
        const twins = [
          newPerson(name.normalize('NFD').toUpperCase()),
          newPerson(newId(), { mail: mail.toUpperCase() }),
        ];
        for (const twin of twins) {
          expect(await people.insert(db, twin)).toBe(false);
          expect(await people.findById(db, twin.id)).toBeUndefined();
        }
        const other = newPerson(newId());
        await people.insert(db, other);
        await expect(people.change(db, other.id, { mail })).rejects.toThrow();
        expect((await people.findById(db, other.id))?.mail).toBeUndefined();
      });

      test('change touches what is named only', async () => {
        const person = newPerson(newId(), { mail: `${newId()}@corp.test`, language: 'de' });
        await people.insert(db, person);
        expect(await people.change(db, person.id, { mail: undefined, disabled: true })).toBe(true);
        expect(await people.findById(db, person.id)).toMatchObject({ mail: undefined, disabled: true, language: 'de' });
        expect(await people.change(db, 'nobody', { disabled: true })).toBe(false);
        expect(await people.change(db, 'nobody', {})).toBe(false);
      });

      test('of two parallel password changes one wins, and a lock stays', async () => {
        const person = newPerson(newId(), { mustChange: true });
        await people.insert(db, person);
        await people.recordFailedBind(db, person.id, { threshold: 1, lockUntil: LATER });
        const set = (hash: string) =>
          people.setPassword(db, person.id, { hash, at: LATER, mustChange: false, replaces: person.passwordHash });
        const results = await Promise.all([set('one'), set('two')]);
        expect([...results].sort()).toEqual([false, true]);
        expect(await people.findById(db, person.id)).toMatchObject({
          passwordHash: results[0] ? 'one' : 'two',
          passwordChangedAt: LATER,
          mustChange: false,
          lockedUntil: LATER,
          failedBinds: 1,
        });
        expect(await people.setPassword(db, person.id, { hash: 'three', at: LATER, mustChange: true })).toBe(true);
        expect(await people.setPassword(db, 'nobody', { hash: 'x', at: LATER, mustChange: true })).toBe(false);
      });

      test('no parallel failure is lost, and the lock comes with the threshold', async () => {
        const person = newPerson(newId());
        await people.insert(db, person);
        const fail = () => people.recordFailedBind(db, person.id, { threshold: 20, lockUntil: LATER });
        const first = await Promise.all(Array.from({ length: 19 }, fail));
        expect(first.every((state) => state?.lockedUntil === undefined)).toBe(true);
        expect(Math.max(...first.map((state) => state?.failedBinds ?? 0))).toBe(19);
        expect(await fail()).toEqual({ failedBinds: 20, lockedUntil: LATER });
        expect(await people.unlock(db, person.id)).toBe(true);
        expect(await people.findById(db, person.id)).toMatchObject({ lockedUntil: undefined, failedBinds: 0 });
        expect(await people.recordFailedBind(db, 'nobody', { threshold: 1, lockUntil: LATER })).toBeUndefined();
        expect(await people.unlock(db, 'nobody')).toBe(false);
      });

      test('pages go through everybody once', async () => {
        for (let n = 0; n < 7; n += 1) await people.insert(db, newPerson(newId()));
        const everybody = (await people.page(db, { limit: 10_000 })).map((person) => person.id);
        const walked: string[] = [];
        for (let page = await people.page(db, { limit: 3 }); page.length > 0; ) {
          walked.push(...page.map((person) => person.id));
          page = await people.page(db, { limit: 3, after: walked.at(-1) as string });
        }
        expect(walked).toEqual(everybody);
        expect(new Set(walked).size).toBe(walked.length);
      });
    });

    keysContract(newDatabase);

    describe('migrations', () => {
      test('two nodes that start together migrate once', async () => {
        const fresh = await newDatabase();
        const [one, two] = await Promise.all([openStorage(fresh), openStorage(fresh)]);
        const names = await one.db
          .selectFrom('kysely_migration' as never)
          .selectAll()
          .execute();
        expect(names).toHaveLength(Object.keys(migrations).length);
        await Promise.all([one.close(), two.close()]);
        expect(await migrateStorage(fresh)).toEqual([]);
      });

      test('a database of a newer build is refused in plain words and left alone', async () => {
        const fresh = await newDatabase();
        const first = await openStorage(fresh);
        await sql`insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '2030-01-01')`.execute(
          first.db,
        );
        await first.db.deleteFrom('meta').where('name', '=', 'oldest-build').execute();
        await first.close();
        const refused = openStorage(fresh);
        await expect(refused).rejects.toThrow(StorageFailure);
        await expect(refused).rejects.toThrow(/newer version of Sparekey.*9999-from-the-future/);
      });

      migrationsContract(newDatabase);

      test('with `migrate: false` an empty database is refused and stays empty', async () => {
        const fresh = await newDatabase();
        await expect(openStorage(fresh, { migrate: false })).rejects.toThrow('sparekey migrate');
        expect(await migrateStorage(fresh)).toEqual(Object.keys(migrations));
        await (await openStorage(fresh, { migrate: false })).close();
      });
    });

    test('kill -9 of the writing process, five times: every acknowledged pair is there, none is half', {
      timeout: 60_000,
    }, async () => {
      const own = await newDatabase();
      await migrateStorage(own);
      for (const round of ['r1', 'r2', 'r3', 'r4', 'r5']) {
        const acknowledged = await killedWriter(own, round);
        const reopened = await openStorage(own);
        try {
          const stored = await reopened.db
            .selectFrom('counters')
            .select('key')
            .where('key', 'like', `${round}:%`)
            .execute();
          const keys = new Set(stored.map((row) => row.key));
          const lost = acknowledged.filter((n) => !keys.has(`${round}:${n}:a`) || !keys.has(`${round}:${n}:b`));
          expect(acknowledged.length).toBeGreaterThan(0);
          expect(lost).toEqual([]);
          expect(keys.size % 2).toBe(0);
          expect(keys.size).toBeLessThanOrEqual(2 * (acknowledged.length + 1));
        } finally {
          await reopened.close();
        }
      }
    });

    storageOfWays(() => storage);
    storageOfReadiness(() => storage);
    storageOfSettings(() => storage);
    storageOfDesk(() => storage);

    describe('deliveries', () => {
      const open = async (over: object = {}) => {
        const row = { id: newId(), kind: 'call', job: newId(), stage: 'dialling', data: { code: '483190' } };
        const delivery = { ...row, expiresAt: LATER, ...over };
        await deliveries.open(storage.db, delivery, NOW);
        return delivery;
      };

      test('are found by id and by job until they expire, each of its own kind; the newest of a job first', async () => {
        const first = await open();
        await deliveries.open(storage.db, { ...first, id: 'second', stage: 'asking' }, NOW + 1);
        expect(await deliveries.find(storage.db, 'call', first.id, NOW)).toEqual({ ...first, version: 1 });
        expect((await deliveries.findByJob(storage.db, 'call', first.job, NOW))?.id).toBe('second');
        expect(await deliveries.find(storage.db, 'text', first.id, NOW)).toBeUndefined();
        expect(await deliveries.find(storage.db, 'call', first.id, LATER)).toBeUndefined();
        expect(await deliveries.findByJob(storage.db, 'call', first.job, LATER)).toBeUndefined();
      });

      test('are sealed, and go when they expired', async () => {
        const { id } = await open({ expiresAt: NOW - 1 });
        const kept = await storage.db.selectFrom('deliveries').select('data').where('id', '=', id).executeTakeFirst();
        expect(kept?.data).not.toContain('483190');
        expect(await sweepDeliveries(storage.db, NOW)).toBe(1);
      });

      test('are moved once of 50 at the same moment', async () => {
        const { id } = await open();
        const moves = await Promise.all(
          Array.from({ length: 50 }, () =>
            deliveries.move(storage.db, { id, version: 1 }, { stage: 'asking', data: {} }),
          ),
        );
        expect(moves.filter(Boolean)).toHaveLength(1);
        expect(await deliveries.find(storage.db, 'call', id, NOW)).toMatchObject({ stage: 'asking', version: 2 });
      });
    });

    test('check finds nothing wrong', async () => {
      const findings = await storage.check();
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.filter((finding) => finding.is !== 'ok')).toEqual([]);
    });
  });
}
