/** Retention, search and feeds of the audit on both engines. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Audit, AuditRecord } from '../../src/audit/audit.ts';
import type { Feed, FeedRecord, Sent } from '../../src/audit/feeds/feed.ts';
import { deliveredUpTo, feedHealth } from '../../src/audit/feeds/health.ts';
import { createPump } from '../../src/audit/feeds/pump.ts';
import { fillStep } from '../../src/audit/fill.ts';
import { createAudit, exportAudit, searchAudit } from '../../src/audit/index.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const DAY = 86_400_000;
const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);

const record = (n: number, more: Partial<AuditRecord> = {}): AuditRecord => ({
  event: 'recovery.verified',
  outcome: 'success',
  actor: 'anonymous',
  subject: `account-${n}`,
  ip: '192.0.2.1',
  flow: `flow-${n % 3}`,
  ...more,
});

/** Keeps what it gets; says no while `down`. */
function standIn(options: Partial<Pick<Feed, 'id' | 'from' | 'takes'>> = {}) {
  const got: FeedRecord[][] = [];
  const state = { down: false, inside: async () => {} };
  const feed: Feed = {
    id: 'siem',
    type: 'json',
    from: 'beginning',
    longest: 10_000,
    to: 'nowhere',
    takes: () => true,
    check: async () => [],
    async carry(records): Promise<Sent> {
      await state.inside();
      if (state.down) return { is: 'failed', cause: 'It is down.', fix: 'Start it.', key: 'host' };
      got.push([...records]);
      return { is: 'delivered' };
    },
    ...options,
  };
  return { feed, got, state, seqs: () => got.flat().map(({ seq }) => seq) };
}

export function auditKeepingContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`keeping the audit on ${engine}`, () => {
    let config: StorageConfig;
    let storage: Storage;
    let clock: ReturnType<typeof createFakeClock>;
    let audit: Audit;
    beforeEach(async () => {
      config = await newDatabase();
      storage = await openStorage(config);
      clock = createFakeClock(Date.UTC(2026, 10, 24));
      audit = createAudit({ keyring, clock });
    });
    afterEach(() => storage?.close());

    const write = (...records: AuditRecord[]) => storage.transaction((trx) => audit.append(trx, ...records));
    const many = (count: number, more: Partial<AuditRecord> = {}) =>
      storage.transaction(async (trx) => {
        const all = Array.from({ length: count }, (_, n) => record(n, more));
        for (let n = 0; n < count; n += 500) await audit.append(trx, ...all.slice(n, n + 500));
      });
    const run = (text: string) => sql.raw(text).execute(storage.db);
    const left = async () => (await storage.db.selectFrom('audit').select('seq').orderBy('seq').execute()).length;
    const prune = (before = clock.now() - 365 * DAY, upTo?: number) =>
      audit.prune(storage, { before, ...(upTo === undefined ? {} : { upTo }) });

    describe('retention', () => {
      const aged = async () => {
        await many(4_500);
        clock.advance(366 * DAY);
        await many(20);
        return prune();
      };
      async function* lines(text: string): AsyncGenerator<string> {
        yield* text.split('\n');
      }
      const saved = async () => {
        let text = '';
        for await (const piece of exportAudit(storage.db, {}, 'jsonl')) text += piece;
        return text;
      };

      test('deletes what is old, and a checkpoint proves what is left, here and in a file', async () => {
        const { head, seq } = await (async () => {
          await many(10);
          return audit.verify(storage.db);
        })();
        expect(await aged()).toBe(4_510);
        expect(await left()).toBe(21);
        expect(await audit.verify(storage.db)).toMatchObject({ records: 21, from: 4_511, seq: 4_531, faults: [] });
        const [told] = (await searchAudit(storage.db, { event: 'audit.pruned' })).entries;
        expect(told?.detail).toMatchObject({ from: 1, to: 4_510 });
        const text = await saved();
        expect(await audit.verifyLines(lines(text))).toMatchObject({ records: 21, from: 4_511, faults: [] });
        const without = text.split('\n').toSpliced(1, 1).join('\n');
        expect((await audit.verifyLines(lines(without))).faults).toEqual([{ is: 'missing', seq: 4_511 }]);
        const forged = text.replace(/"seq":4510/, '"seq":4511');
        expect((await audit.verifyLines(lines(forged))).faults[0]).toEqual({ is: 'changed', seq: 4_511 });
        // An end that was noted before it was deleted proves nothing any more, and breaks nothing.
        expect((await audit.verify(storage.db, { seq, hash: head })).faults).toEqual([]);
      });

      test('an export begins behind what is deleted, and the next deletion goes on from there', async () => {
        await aged();
        clock.advance(366 * DAY);
        await many(3);
        expect(await prune()).toBe(21);
        expect(await audit.verify(storage.db)).toMatchObject({ from: 4_522, faults: [] });
        const told = (await searchAudit(storage.db, { event: 'audit.pruned' })).entries.map(({ detail }) => detail);
        expect(told).toMatchObject([{ from: 4_501, to: 4_521 }]);
      });

      test.each([
        ['a further record deleted', 'delete from audit where seq = 4501', { is: 'missing', seq: 4_501 }],
        ['the checkpoint moved', 'update audit_checkpoint set seq = 4501', { is: 'missing', seq: 1 }],
        ['the checkpoint taken away', 'delete from audit_checkpoint', { is: 'missing', seq: 1 }],
        [
          'a record made up below the checkpoint',
          "insert into audit (seq, body, previous, hash) values (7, '{}', 'x', 'x')",
          { is: 'swapped', seq: 7 },
        ],
      ])('tells of %s', async (_, statement, fault) => {
        await aged();
        await run(statement);
        expect((await audit.verify(storage.db)).faults[0]).toEqual(fault);
      });

      test('two nodes at once delete each record once, and tell once', async () => {
        await many(6_000);
        clock.advance(366 * DAY);
        await many(1);
        const other = await openStorage(config);
        const before = clock.now() - 365 * DAY;
        await Promise.all([prune(before), audit.prune(other, { before })]);
        await prune(before);
        await other.close();
        expect(await audit.verify(storage.db)).toMatchObject({ from: 6_001, faults: [] });
        const told = (await searchAudit(storage.db, { event: 'audit.pruned' })).entries;
        expect(told.map(({ detail }) => detail)).toMatchObject([{ from: 1, to: 6_000 }]);
      });

      test('verifying while records are deleted finds nothing wrong', async () => {
        await many(9_000);
        clock.advance(366 * DAY);
        await many(2);
        const deleting = prune();
        for (let n = 0; n < 4; n += 1) expect((await audit.verify(storage.db)).faults).toEqual([]);
        await deleting;
        expect((await audit.verify(storage.db)).faults).toEqual([]);
      });

      test('the newest record stays, and so does what a feed has not delivered', async () => {
        await many(5);
        clock.advance(366 * DAY);
        expect(await prune(undefined, 3)).toBe(3);
        expect(await prune(clock.now() + DAY)).toBe(2);
        // The two that tell of it: one was the newest, the other came after.
        expect(await left()).toBe(2);
        expect((await audit.verify(storage.db)).faults).toEqual([]);
      });
    });

    describe('search', () => {
      const seqs = async (filter: Parameters<typeof searchAudit>[1], options = {}) =>
        (await searchAudit(storage.db, filter, options)).entries.map(({ seq }) => seq);

      test('what is rare is found among many in one call, by each field', async () => {
        await many(2);
        await write(record(9, { event: 'keys.rotated', actor: 'staff:olga', outcome: 'unknown', ip: '2001:db8::9' }));
        await write(record(9, { event: 'keys.added', flow: 'rare' }));
        await many(1_100);
        const most = { most: 1_000 };
        expect(await seqs({ event: 'keys.' }, most)).toEqual([4, 3]);
        expect(await seqs({ event: 'keys.rotated' }, most)).toEqual([3]);
        expect(await seqs({ actor: 'staff:olga' }, most)).toEqual([3]);
        expect(await seqs({ ip: '2001:db8::9' }, most)).toEqual([3]);
        expect(await seqs({ flow: 'rare' }, most)).toEqual([4]);
        expect(await seqs({ outcome: 'unknown' }, most)).toEqual([3]);
        expect(await seqs({ event: 'keys.', outcome: 'success' }, most)).toEqual([4]);
        expect(await seqs({ event: 'nothing.' }, most)).toEqual([]);
      });

      test('several events come in order, page by page, none twice and none left out', async () => {
        const names = ['keys.added', 'keys.rotated', 'keys.removed'] as const;
        await write(
          ...Array.from({ length: 1_500 }, (_, n) => record(n, { event: names[n % 7] ?? 'recovery.started' })),
        );
        const wanted = Array.from({ length: 1_500 }, (_, n) => n + 1).filter((seq) => (seq - 1) % 7 < 3);
        const met: number[] = [];
        for (let before: number | undefined; ; ) {
          const page = await searchAudit(storage.db, { event: 'keys.' }, before === undefined ? {} : { before });
          met.push(...page.entries.map(({ seq }) => seq));
          before = page.next;
          if (before === undefined) break;
        }
        expect(met).toEqual(wanted.toReversed());
      });

      test('what the build before wrote is found before and after it is filled in', async () => {
        await many(3);
        await write(record(1, { actor: 'staff:olga' }));
        await run('update audit set event = null, actor = null, ip = null, flow = null, outcome = null');
        await run("update audit set body = 'gone' where seq = 1");
        expect(await seqs({ actor: 'staff:olga' }, { limit: 1 })).toEqual([4]);
        expect(await fillStep(storage)).toEqual({ filled: 4, all: true });
        expect(await fillStep(storage)).toEqual({ filled: 0, all: true });
        expect(await seqs({ actor: 'staff:olga' })).toEqual([4]);
        expect(await seqs({ flow: 'flow-2' })).toEqual([3]);
      });
    });

    describe('feeds', () => {
      const alarms: string[] = [];
      const pumpOf = (feed: Feed, over: Storage = storage) =>
        createPump(
          {
            storage: over,
            audit,
            clock,
            wait: (failures) => failures * 60_000,
            alarm: async (_trx, says) => void alarms.push(says),
          },
          feed,
        );
      beforeEach(() => alarms.splice(0));

      test('get every record they want, in order, and go on where they were', async () => {
        await many(1_200);
        await write(record(1, { event: 'keys.added' }));
        const all = standIn();
        const some = standIn({ id: 'some', takes: (event) => event.startsWith('keys.') });
        const late = standIn({ id: 'late', from: 'now' });
        for (const { feed } of [all, some, late]) await pumpOf(feed).work();
        expect(all.seqs()).toEqual(Array.from({ length: 1_201 }, (_, n) => n + 1));
        expect(all.got.length).toBeGreaterThan(1);
        expect(some.seqs()).toEqual([1_201]);
        await many(2);
        // Another process: it knows only what the database knows.
        for (const { feed } of [all, some, late]) await pumpOf(feed).work();
        expect(all.seqs().slice(-2)).toEqual([1_202, 1_203]);
        expect(late.seqs()).toEqual([1_202, 1_203]);
        expect(await pumpOf(all.feed).work()).toBe('idle');
        const health = await feedHealth(storage.db, [all.feed, some.feed]);
        expect(health).toMatchObject([
          { state: 'working', behind: 0, deliveredAt: clock.now() },
          { state: 'working', behind: 0 },
        ]);
      });

      test('wait longer and longer while the receiver is away, tell after an hour, once, and lose nothing', async () => {
        const siem = standIn();
        siem.state.down = true;
        const pump = pumpOf(siem.feed);
        await many(3);
        expect(await pump.work()).toBe('failed');
        expect(await pump.work()).toBe('busy');
        clock.advance(60_000);
        expect(await pump.work()).toBe('failed');
        clock.advance(60_000);
        expect(await pump.work()).toBe('busy');
        expect(await feedHealth(storage.db, [siem.feed])).toMatchObject([
          { state: 'failing', behind: 3, cause: 'It is down.', fix: 'Start it.', oldest: Date.UTC(2026, 10, 24) },
        ]);
        expect(alarms).toEqual([]);
        for (let n = 0; n < 3; n += 1) {
          clock.advance(3_600_000);
          expect(await pump.work()).toBe('failed');
        }
        expect(alarms).toEqual(['The feed siem of the audit reaches nowhere no more: It is down. Records wait.']);
        expect((await searchAudit(storage.db, { event: 'audit.feed-stuck' })).entries).toHaveLength(1);
        siem.state.down = false;
        clock.advance(3_600_000);
        expect(await pump.work()).toBe('sent');
        expect(siem.seqs()).toEqual([1, 2, 3, 4]);
        expect(await feedHealth(storage.db, [siem.feed])).toMatchObject([{ state: 'working', behind: 0 }]);
      });

      test('have one sender, however many nodes there are', async () => {
        await many(700);
        const siem = standIn();
        const other = await openStorage(config);
        const nodes = [pumpOf(siem.feed), pumpOf(siem.feed, other), pumpOf(siem.feed)];
        await Promise.all(nodes.map(({ work }) => work()));
        await other.close();
        expect(siem.seqs()).toEqual(Array.from({ length: 700 }, (_, n) => n + 1));
      });

      test('go on with another node when one dies in the middle, and then send again what nobody confirmed', async () => {
        await many(2);
        const siem = standIn();
        siem.state.inside = () => Promise.reject(new Error('kill -9'));
        const dying = pumpOf(siem.feed);
        await expect(dying.work()).rejects.toThrow('kill -9');
        // As a killed node leaves it.
        await run(`update audit_feeds set lease = 'dead', lease_until = ${clock.now() + 120_000}`);
        siem.state.inside = async () => {};
        const heir = pumpOf(siem.feed);
        expect(await heir.work()).toBe('busy');
        clock.advance(120_000);
        expect(await heir.work()).toBe('sent');
        expect(siem.seqs()).toEqual([1, 2]);
      });

      test('a node that lost its lease moves nothing', async () => {
        await many(2);
        const siem = standIn();
        siem.state.inside = async () => void (await run("update audit_feeds set lease = 'another'"));
        expect(await pumpOf(siem.feed).work()).toBe('busy');
        expect(await deliveredUpTo(storage.db, ['siem'])).toBe(0);
      });

      test('say what was deleted before it could be delivered', async () => {
        const siem = standIn();
        siem.state.down = true;
        await many(5);
        await pumpOf(siem.feed).work();
        clock.advance(400 * DAY);
        await many(1);
        await prune();
        siem.state.down = false;
        await pumpOf(siem.feed).work();
        expect(alarms).toEqual(['The feed siem of the audit lost records 1 to 5: they were deleted.']);
        expect(siem.seqs()).toEqual([6, 7, 8]);
        expect(siem.got.flat().at(-1)?.entry).toMatchObject({
          event: 'audit.feed-lost',
          detail: { feed: 'siem', from: 1, to: 5 },
        });
      });
    });
  });
}
