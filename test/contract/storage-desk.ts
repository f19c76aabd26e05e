/** What both engines must do alike with calls of the help desk and with requests for a second person. Part of storage.ts. */
import { describe, expect, test } from 'vitest';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { newId } from '../../src/kernel/random.ts';
import { createCalls, type NewCall } from '../../src/storage/repositories/calls.ts';
import * as seconds from '../../src/storage/repositories/second-requests.ts';
import type { Storage } from '../../src/storage/storage.ts';

const NOW = Date.UTC(2026, 10, 23, 8);
const LATER = NOW + 1_800_000;

const call = (over: Partial<NewCall> = {}): NewCall => ({
  id: newId(),
  helperId: newId(),
  helper: 'hedda',
  accountId: newId(),
  directoryKey: 'mia',
  username: 'mia',
  ticket: 'T-1204',
  openedAt: NOW,
  expiresAt: LATER,
  data: { kind: 'manager' },
  ...over,
});

const request = (over: Partial<Parameters<typeof seconds.ask>[1]> = {}) => ({
  id: newId(),
  callId: newId(),
  act: 'pass',
  accountId: newId(),
  username: 'mia',
  directoryKey: 'mia',
  helperId: newId(),
  helper: 'hedda',
  reason: 'The account is privileged.',
  createdAt: NOW,
  expiresAt: LATER,
  ...over,
});

const crowd = <T>(act: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, act));

/** `storage`: the one that the suite opens before its tests. */
export function storageOfDesk(storage: () => Storage): void {
  describe('the help desk', () => {
    const calls = createCalls(createKeyring([{ id: 'test', bytes: Buffer.alloc(32, 7) }]));

    test('a call is found until it ends or runs out, and what was verified lies sealed', async () => {
      const { db } = storage();
      const one = call();
      await calls.open(db, one);
      expect(await calls.find(db, one.id)).toMatchObject({ ...one, version: 1 });
      const row = await db.selectFrom('calls').select('data').where('id', '=', one.id).executeTakeFirstOrThrow();
      expect(row.data).not.toContain('manager');
      const open = (now: number) => calls.about(db, one.accountId, now);
      expect(await open(NOW)).toHaveLength(1);
      expect(await calls.ofHelper(db, one.helperId, NOW, 9)).toHaveLength(1);
      expect(await open(LATER)).toEqual([]);
      const found = await calls.find(db, one.id);
      if (found) await calls.save(db, found, { endedAt: NOW + 1, endedBy: 'hedda' });
      expect(await open(NOW)).toEqual([]);
    });

    test('of two writes from one reading the second is refused, and nothing is written to a call that is over', async () => {
      const { db } = storage();
      const one = call();
      await calls.open(db, one);
      const read = await calls.find(db, one.id);
      if (!read) throw new Error('It was just opened.');
      await calls.save(db, read, { verifiedAt: NOW });
      await expect(calls.save(db, read, { verifiedAt: NOW })).rejects.toThrow('The call');
      const again = await calls.find(db, one.id);
      if (!again) throw new Error('It was just written.');
      await calls.save(db, again, { endedAt: NOW, endedBy: 'hedda' });
      await expect(calls.save(db, { ...again, version: 3 }, { verifiedAt: NOW })).rejects.toThrow('The call');
    });

    test('an act is claimed once, whoever presses at once, and again after it came to nothing', async () => {
      const { db } = storage();
      const { id } = call();
      const claims = await crowd(() => calls.claim(db, id, 'pass', NOW));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await calls.claim(db, id, 'unlock', NOW)).toBe(true);
      await calls.release(db, id, 'pass');
      expect(await calls.claim(db, id, 'pass', NOW + 1)).toBe(true);
      expect((await calls.acts(db, id)).map(({ act }) => act)).toEqual(['unlock', 'pass']);
    });

    test('a second person decides once and is used once, and neither after it ran out', async () => {
      const { db } = storage();
      const one = request();
      await seconds.ask(db, one);
      expect(await seconds.use(db, one.id, NOW)).toBe(false);
      const decided = await crowd(() => seconds.decide(db, one.id, 'agreed', 'otto', NOW));
      expect(decided.filter(Boolean)).toHaveLength(1);
      const used = await crowd(() => seconds.use(db, one.id, NOW));
      expect(used.filter(Boolean)).toHaveLength(1);
      const late = request();
      await seconds.ask(db, late);
      expect(await seconds.decide(db, late.id, 'agreed', 'otto', LATER)).toBe(false);
      expect((await seconds.waiting(db, NOW, 99)).map(({ id }) => id)).toContain(late.id);
      expect((await seconds.waiting(db, LATER, 99)).map(({ id }) => id)).not.toContain(late.id);
    });

    test('the newest request of each act stands for a call', async () => {
      const { db } = storage();
      const callId = newId();
      const older = request({ callId });
      const newer = request({ callId, createdAt: NOW + 1 });
      const other = request({ callId, act: 'clear' });
      for (const one of [older, newer, other]) await seconds.ask(db, one);
      const ids = (await seconds.ofCall(db, callId)).map(({ id }) => id);
      expect(ids.toSorted()).toEqual([newer.id, other.id].toSorted());
    });

    test('what ran out is swept away', async () => {
      const { db } = storage();
      const one = call({ openedAt: 0, expiresAt: 1 });
      await calls.open(db, one);
      await calls.claim(db, one.id, 'pass', 0);
      const asked = request({ createdAt: 0, expiresAt: 1 });
      await seconds.ask(db, asked);
      await calls.sweep(db, 2);
      await seconds.sweep(db, 2);
      expect(await calls.find(db, one.id)).toBeUndefined();
      expect(await calls.acts(db, one.id)).toEqual([]);
      expect(await seconds.find(db, asked.id)).toBeUndefined();
    });
  });
}
