/** What both engines must do alike with readiness. Part of storage.ts. */
import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/random.ts';
import * as store from '../../src/storage/repositories/readiness.ts';
import type { Storage } from '../../src/storage/storage.ts';

const NOW = Date.UTC(2026, 10, 23, 8);

const person = (over: Partial<store.ReadinessRow> = {}): store.ReadinessRow => ({
  accountId: newId(),
  directory: 'corp',
  directoryKey: newId(),
  username: 'mia',
  displayName: 'Mia Berg',
  locator: 'uid=mia',
  groups: [],
  attributes: {},
  facts: '{}',
  rule: 'default',
  verdict: 'not-ready',
  reasons: ['never-enrolled'],
  stamp: '1',
  readAt: NOW,
  checkedAt: NOW,
  recheckAt: undefined,
  ...over,
});

/** `storage`: the one that the suite opens before its tests. */
export function storageOfReadiness(storage: () => Storage): void {
  describe('readiness', () => {
    const write = (rows: store.ReadinessRow[], over: Partial<store.Writing> = {}) =>
      storage().transaction((trx) => store.write(trx, { rows, gone: [], done: [], walk: 1, ...over }));

    test('figures and lists follow every change of a row, and a group is found in any spelling', async () => {
      const { db } = storage();
      const group = `cn=${newId()},dc=example`;
      const id = store.groupId(group.toUpperCase());
      const one = person({ groups: [group] });
      const two = person({ groups: [group], displayName: 'Åke', verdict: 'ready', reasons: [] });
      await write([one, two]);
      expect(Object.fromEntries(await store.counts(db, id))).toEqual({ 'not-ready': 1, 'never-enrolled': 1, ready: 1 });
      await write([{ ...one, verdict: 'ready', reasons: [], displayName: 'Zoe' }]);
      expect(Object.fromEntries(await store.counts(db, id))).toEqual({ ready: 2 });
      const listed = await store.list(db, { group: id, mark: 'ready', limit: 9 });
      expect(listed.map(({ accountId }) => accountId).toSorted()).toEqual([one.accountId, two.accountId].toSorted());
      expect(await store.findGroup(db, group.replace(',', ' , ').toUpperCase())).toEqual({ id, name: group });
      await write([], { gone: [one.accountId, two.accountId] });
      expect(await store.counts(db, id)).toEqual(new Map());
      expect(await store.list(db, { group: id, mark: 'ready', limit: 9 })).toEqual([]);
    });

    test('pages follow one another without a gap or a double, also among people of one name', async () => {
      const { db } = storage();
      const group = newId();
      const all = Array.from({ length: 25 }, (_, n) => person({ groups: [group], displayName: `Name ${n % 3}` }));
      await write(all);
      const met: string[] = [];
      for (let after: store.Cursor | undefined; ; ) {
        const page = await store.list(db, { group: store.groupId(group), mark: 'not-ready', after, limit: 4 });
        met.push(...page.map(({ accountId }) => accountId));
        const last = page.at(-1);
        if (!last || page.length < 4) break;
        after = store.cursorOf(last);
      }
      expect(met).toHaveLength(25);
      expect(new Set(met)).toEqual(new Set(all.map(({ accountId }) => accountId)));
    });

    test('a mark that is set again while it is worked off stays', async () => {
      const { db } = storage();
      const row = person();
      await store.mark(db, row.accountId, row.directoryKey);
      const [dirty] = (await store.dirty(db, 10_000)).filter(({ accountId }) => accountId === row.accountId);
      expect(dirty).toMatchObject({ key: row.directoryKey, version: 1 });
      await store.mark(db, row.accountId);
      await write([row], { done: [{ accountId: row.accountId, version: 1 }] });
      const left = (await store.dirty(db, 10_000)).filter(({ accountId }) => accountId === row.accountId);
      expect(left).toMatchObject([{ version: 2, key: row.directoryKey }]);
      await write([row], { done: [{ accountId: row.accountId, version: 2 }] });
      expect((await store.dirty(db, 10_000)).some(({ accountId }) => accountId === row.accountId)).toBe(false);
    });

    test('a page of the directory marks who is new, changed or not read for long, and nobody else', async () => {
      const { db } = storage();
      const [same, changed, old] = [person(), person(), person({ readAt: NOW - 10 })];
      await write([same, changed, old]);
      const fresh = newId();
      const entry = (accountId: string, stamp = '1') => ({ accountId, key: accountId, stamp });
      const entries = [entry(same.accountId), entry(changed.accountId, '2'), entry(old.accountId), entry(fresh)];
      const marked = await storage().transaction((trx) => store.listed(trx, entries, { walk: 2, readBefore: NOW - 5 }));
      expect(marked).toBe(3);
      const ids = new Set((await store.dirty(db, 10_000)).map(({ accountId }) => accountId));
      expect([changed.accountId, old.accountId, fresh].every((id) => ids.has(id))).toBe(true);
      expect(ids.has(same.accountId)).toBe(false);
    });

    test('one of many has the lease, and whoever lost it writes nothing', async () => {
      const { db } = storage();
      const claims = await Promise.all(
        ['a', 'b', 'c'].map((id) => store.claim(db, { id, now: NOW, until: NOW + 1_000 })),
      );
      expect(claims.filter((one) => one !== undefined)).toHaveLength(1);
      const winner = claims.find((one) => one !== undefined)?.lease ?? '';
      const held = (id: string) => storage().transaction((trx) => store.hold(trx, { id, until: NOW + 1_000 }));
      expect(await held(winner)).toBe(true);
      expect(await store.claim(db, { id: 'later', now: NOW + 1_000, until: NOW + 2_000 })).toBeDefined();
      expect(await held(winner)).toBe(false);
      await store.letGo(db, 'later');
    });

    test('a day begins once, and a group that fell is told of once', async () => {
      const { db } = storage();
      const group = newId();
      const rows = Array.from({ length: 6 }, () => person({ groups: [group], verdict: 'ready', reasons: [] }));
      await write([...rows, person({ groups: [group] })]);
      const day = (name: string) => storage().transaction((trx) => store.beginDay(trx, name));
      expect([await day('2026-11-23'), await day('2026-11-23'), await day('2026-11-24')]).toEqual([true, false, true]);
      await write(rows.map((row) => ({ ...row, verdict: 'not-ready' as const, reasons: ['frozen'] })));
      const id = store.groupId(group);
      const fallen = async () =>
        (await store.drifts(db, '2026-11-23', '2026-11-24', 5)).filter((one) => one.group === id);
      expect(await fallen()).toMatchObject([{ before: { ready: 6, notReady: 1 }, now: { ready: 0, notReady: 7 } }]);
      await storage().transaction((trx) => store.alarmed(trx, '2026-11-24', [id]));
      expect(await fallen()).toEqual([]);
      expect((await store.days(db, 5, id)).map(({ alarmed }) => alarmed)).toEqual([false, true]);
    });
  });
}
