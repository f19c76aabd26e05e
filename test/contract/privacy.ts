/** Who left is erased, and nobody else: on both engines, with a directory that does everything that directories do. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Audit } from '../../src/audit/audit.ts';
import { createAudit, readAudit } from '../../src/audit/index.ts';
import type { FindOutcome } from '../../src/directory/directory.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { personRows } from '../../src/privacy/data-classes.ts';
import { erasePerson } from '../../src/privacy/erase.ts';
import { createLeavers, type LeavingSettings } from '../../src/privacy/leavers.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import * as people from '../../src/storage/repositories/people.ts';
import * as store from '../../src/storage/repositories/privacy.ts';
import * as readiness from '../../src/storage/repositories/readiness.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const DAY = 86_400_000;
const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);

export function privacyContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`privacy on ${engine}`, () => {
    let config: StorageConfig;
    let storage: Storage;
    let clock: ReturnType<typeof createFakeClock>;
    let audit: Audit;
    /** Keys of the entries that the directory has. */
    let entries: Set<string>;
    let down: boolean;
    const incidents: string[] = [];
    const settings: LeavingSettings = { erase: true, after: 30 * DAY, atMost: 0.05 };

    beforeEach(async () => {
      config = await newDatabase();
      storage = await openStorage(config);
      clock = createFakeClock(Date.UTC(2026, 10, 24));
      audit = createAudit({ keyring, clock });
      entries = new Set();
      down = false;
      incidents.splice(0);
    });
    afterEach(() => storage?.close());

    const leaversOf = (more: Partial<LeavingSettings> = {}, over: Storage = storage) =>
      createLeavers(
        {
          storage: over,
          audit,
          clock,
          alerts: { addresses: [], language: 'en' },
          outbox: { nudge: () => {} } as never,
          log: { warn: (_detail: object, says: string) => incidents.push(says), error: () => {} },
          directory: {
            load: async (key: string): Promise<FindOutcome> => {
              if (down) return { is: 'unavailable', cause: 'It is down.' };
              return entries.has(key) ? { is: 'found', account: {} as never } : { is: 'none' };
            },
          } as never,
        },
        { ...settings, ...more },
      );

    /** `count` people who enrolled and are in the directory. */
    async function enrol(count: number): Promise<string[]> {
      const ids = Array.from({ length: count }, (_, n) => `person-${String(n).padStart(4, '0')}`);
      for (const id of ids) {
        entries.add(id);
        await people.enrolled(storage.db, { id, directory: 'corp', key: id }, clock.now());
      }
      return ids;
    }

    /** A walk through the directory that came to its end: who is there has a row. */
    async function walk(state: { ended?: boolean; sees?: (id: string) => boolean } = {}): Promise<void> {
      const { ended = true, sees = (id) => entries.has(id) } = state;
      const known = await store.knownPeople(storage.db, '', 5_000);
      const row = (accountId: string): readiness.ReadinessRow => ({
        accountId,
        directory: 'corp',
        directoryKey: accountId,
        username: accountId,
        displayName: accountId,
        locator: '',
        groups: [],
        attributes: {},
        facts: '{}',
        rule: 'default',
        verdict: 'ready',
        reasons: [],
        stamp: '1',
        readAt: 0,
        checkedAt: 0,
        recheckAt: undefined,
      });
      const ids = known.map(({ accountId }) => accountId);
      await storage.transaction((trx) =>
        readiness.write(trx, {
          rows: ids.filter(sees).map(row),
          gone: ids.filter((id) => !sees(id)),
          done: [],
          walk: 1,
        }),
      );
      await readiness.claim(storage.db, { id: 'walker', now: clock.now(), until: clock.now() + 1 });
      await storage.transaction((trx) =>
        readiness.hold(
          trx,
          { id: 'walker', until: clock.now() + 1 },
          { walk_started_at: clock.now(), walk_ended_at: ended ? clock.now() : null, problem: null },
        ),
      );
      await readiness.letGo(storage.db, 'walker');
    }
    const isKnown = async (id: string) => (await people.find(storage.db, id)) !== undefined;
    const events = async () => (await readAudit(storage.db)).map(({ event, subject }) => `${event} ${subject ?? ''}`);

    test('whoever left is erased after the grace time, and whoever came back is not', async () => {
      const [gone = '', back = ''] = await enrol(30);
      await walk();
      const leavers = leaversOf();
      expect(await leavers.work()).toEqual({ is: 'done', known: 30, missing: 0, erased: 0 });
      entries.delete(gone);
      entries.delete(back);
      await walk();
      expect(await leavers.work()).toEqual({ is: 'done', known: 30, missing: 2, erased: 0 });
      expect((await events()).toSorted()).toEqual([`person.missing ${gone}`, `person.missing ${back}`]);
      clock.advance(29 * DAY);
      entries.add(back);
      await walk();
      expect(await leavers.work()).toEqual({ is: 'done', known: 30, missing: 1, erased: 0 });
      clock.advance(DAY);
      expect(await leavers.work()).toEqual({ is: 'done', known: 29, missing: 0, erased: 1 });
      expect(await isKnown(gone)).toBe(false);
      expect(await isKnown(back)).toBe(true);
      // Away again: the time begins anew.
      entries.delete(back);
      await walk();
      expect(await leavers.work()).toMatchObject({ is: 'done', missing: 1, erased: 0 });
    });

    test('somebody whom only the walk missed is neither listed nor erased', async () => {
      const [odd = ''] = await enrol(3);
      await walk({ sees: (id) => id !== odd });
      expect(await leaversOf({ after: 0 }).work()).toMatchObject({ is: 'done', erased: 0 });
      expect(await isKnown(odd)).toBe(true);
      expect(await events()).toEqual([]);
    });

    test('half of the people missing erases nobody and is told, once a day, until an operator says that it is right', async () => {
      const ids = await enrol(60);
      for (const id of ids.slice(0, 30)) entries.delete(id);
      await walk();
      const leavers = leaversOf({ after: 0 });
      for (let n = 0; n < 3; n += 1) expect(await leavers.work()).toEqual({ is: 'held', known: 60, missing: 30 });
      expect(incidents).toHaveLength(1);
      expect(incidents[0]).toContain('30 of 60 known people are missing');
      clock.advance(DAY);
      await leavers.work();
      expect(incidents).toHaveLength(2);
      expect(await isKnown(ids[0] ?? '')).toBe(true);
      expect(await leavers.accept({ actor: 'staff:olga' })).toBe(30);
      // More than were agreed to: held again.
      entries.delete(ids[40] ?? '');
      await walk();
      expect(await leavers.work()).toMatchObject({ is: 'held', missing: 31 });
      entries.add(ids[40] ?? '');
      await walk();
      expect(await leavers.work()).toEqual({ is: 'done', known: 30, missing: 0, erased: 30 });
      expect((await leavers.state())?.accepted).toBe(0);
      expect(await leavers.accept({ actor: 'staff:olga' })).toBe(0);
    });

    test('twenty of few may leave; a directory that is away, or half a walk, erases nobody', async () => {
      const ids = await enrol(25);
      for (const id of ids.slice(0, 20)) entries.delete(id);
      const leavers = leaversOf({ after: 0 });
      expect(await leavers.work()).toEqual({ is: 'too-early' });
      await walk({ ended: false });
      expect(await leavers.work()).toEqual({ is: 'too-early' });
      await walk();
      down = true;
      expect(await leavers.work()).toEqual({ is: 'unavailable', cause: 'It is down.' });
      expect(await isKnown(ids[0] ?? '')).toBe(true);
      down = false;
      expect(await leavers.work()).toMatchObject({ is: 'done', known: 5, erased: 20 });
      expect(await leaversOf({ erase: false }).work()).toEqual({ is: 'off' });
    });

    test('of two nodes at once one looks', async () => {
      await enrol(3);
      await walk();
      const other = await openStorage(config);
      const looked = await Promise.all([leaversOf().work(), leaversOf({}, other).work()]);
      await other.close();
      expect(looked.some(({ is }) => is === 'done')).toBe(true);
      await store.claim(storage.db, { id: 'dead', now: clock.now(), until: clock.now() + 300_000 });
      expect(await leaversOf().work()).toEqual({ is: 'busy' });
      clock.advance(300_000);
      expect(await leaversOf().work()).toMatchObject({ is: 'done' });
    });

    test('an erasure leaves no row of the person anywhere, and those of others alone', async () => {
      const erasable = personRows.filter(({ erase }) => erase);
      const tables = await storage.db.introspection.getTables();
      /** A row with something in every column that needs it. */
      const fill = async (accountId: string) => {
        for (const { table, by } of erasable) {
          const own = tables.find(({ name }) => name === table)?.columns ?? [];
          const row = Object.fromEntries(
            own.map(({ name, dataType }) => [name, /int|double|float/i.test(dataType) ? 1 : `${accountId} ${name}`]),
          );
          await storage.db
            .insertInto(table)
            .values({ ...row, [by]: accountId } as never)
            .execute();
        }
      };
      await fill('gone');
      await fill('stays');
      const erase = () =>
        storage.transaction((trx) => erasePerson(audit, trx, { accountId: 'gone', by: { actor: 'system' } }));
      expect(await erase()).toBe(erasable.length);
      for (const one of erasable) {
        expect(await store.countOf(storage.db, one, 'gone', 9), one.table).toBe(0);
        expect(await store.countOf(storage.db, one, 'stays', 9), one.table).toBe(1);
      }
      expect((await readAudit(storage.db))[0]).toMatchObject({ event: 'person.erased', subject: 'gone' });
    });

    test('nobody is erased in the middle of a password write', async () => {
      await storage.db
        .insertInto('spreads')
        .values({ id: 's', account_id: 'a', action: 'password', state: 'held', secret: '', created_at: 1, deadline: 2 })
        .execute();
      const erased = await storage.transaction((trx) =>
        erasePerson(audit, trx, { accountId: 'a', by: { actor: 'system' } }),
      );
      expect(erased).toBeUndefined();
      expect(await readAudit(storage.db)).toEqual([]);
    });

    test('closed incidents go by age, open ones stay; what went is counted by day', async () => {
      const incident = (id: string, closed: number | null) => ({
        id,
        account_id: 'a',
        kind: 'risk',
        says: '',
        opened_at: 1,
        closed_at: closed,
        closed_by: null,
      });
      await storage.db
        .insertInto('incidents')
        .values([incident('old', 5), incident('new', 50), incident('open', null)])
        .execute();
      expect(await store.sweepIncidents(storage.db, 10)).toBe(1);
      for (const rows of [1, 0, 2]) await store.noteDeleted(storage.db, '2026-11-24', 'incidents', rows);
      await store.noteDeleted(storage.db, '2026-10-01', 'incidents', 7);
      expect(await store.deletedSince(storage.db, '2026-11-01')).toEqual(new Map([['incidents', 3]]));
    });
  });
}
