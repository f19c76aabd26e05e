/** What needs a clock that stands still: exact back-off, and `idle` with nothing due. */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import { backOff } from '../../../src/outbox/back-off.ts';
import { createOutbox } from '../../../src/outbox/index.ts';
import type { JobOutcome } from '../../../src/outbox/outbox.ts';
import { openStorage, type StorageConfig } from '../../../src/storage/index.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

const config: StorageConfig = { engine: 'sqlite', file: ':memory:' };
const open: { stop(): Promise<void>; storage: Storage }[] = [];
afterEach(async () => {
  for (const { stop, storage } of open.splice(0)) {
    await stop();
    await storage.close();
  }
});

async function setUp(random = 1) {
  const clock = createFakeClock();
  const storage = await openStorage(config);
  const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);
  const problems: unknown[] = [];
  const outbox = await createOutbox({
    storage,
    config,
    keyring,
    clock,
    random: () => random,
    onProblem: (cause) => problems.push(cause),
  });
  open.push({ stop: () => outbox.stop(), storage });
  const enqueue = (runAt?: number) =>
    storage.transaction((trx) =>
      outbox.enqueue(trx, {
        kind: 'mail',
        payload: { to: 'mia@corp.test' },
        expiresAt: clock.now() + 3_600_000,
        ...(runAt === undefined ? {} : { runAt }),
      }),
    );
  return { clock, storage, outbox, enqueue, problems };
}

describe('back-off', () => {
  const retry = { attempts: 12, firstMs: 2_000, longestMs: 600_000 };
  test('doubles up to its limit; chance takes at most half away', () => {
    const full = [1, 2, 3, 4, 9, 10, 1_000].map((attempt) => backOff(retry, attempt, 1));
    expect(full).toEqual([2_000, 4_000, 8_000, 16_000, 512_000, 600_000, 600_000]);
    expect(backOff(retry, 3, 0)).toBe(4_000);
    expect(backOff(retry, 3, 0.5)).toBe(6_000);
  });
});

describe('the lease engine', () => {
  test('tries again exactly when the back-off says, and `idle` does not wait for it', async () => {
    const { clock, outbox, enqueue } = await setUp();
    const attempts: number[] = [];
    await outbox.start({
      mail: async ({ attempt }) => {
        attempts.push(attempt);
        return attempt < 3 ? { is: 'retry', cause: 'busy' } : { is: 'done' };
      },
    });
    await enqueue();
    await outbox.idle();
    expect(attempts).toEqual([1]);
    clock.advance(1_999);
    await outbox.idle();
    expect(attempts).toEqual([1]);
    clock.advance(1);
    await outbox.idle();
    expect(attempts).toEqual([1, 2]);
    clock.advance(4_000);
    await outbox.idle();
    expect(attempts).toEqual([1, 2, 3]);
    clock.advance(3_600_000);
    await outbox.idle();
    expect(attempts).toEqual([1, 2, 3]);
  });

  test('`idle` covers what handlers enqueue themselves', async () => {
    const { storage, outbox, enqueue, problems } = await setUp();
    let left = 10;
    await outbox.start({
      mail: async (): Promise<JobOutcome> => {
        left -= 1;
        if (left > 0) await enqueue();
        return { is: 'done' };
      },
    });
    await enqueue();
    await outbox.idle();
    const states = await storage.db.selectFrom('outbox').select('state').execute();
    expect(states.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'done'));
    expect(problems).toEqual([]);
  });

  test('never runs more at a time than it may', async () => {
    const { storage, outbox, enqueue } = await setUp();
    let release = () => {};
    const gate = new Promise<void>((open) => {
      release = open;
    });
    let begun = 0;
    await outbox.start({
      mail: async (): Promise<JobOutcome> => {
        begun += 1;
        await gate;
        return { is: 'done' };
      },
    });
    for (let n = 0; n < 20; n += 1) await enqueue();
    const leased = async () =>
      (await storage.db.selectFrom('outbox').select('id').where('lease_until', '>', 0).execute()).length;
    outbox.nudge();
    await expect.poll(leased).toBeGreaterThanOrEqual(6);
    for (let n = 0; n < 20; n += 1) {
      outbox.nudge();
      await leased();
    }
    expect(begun).toBe(6);
    release();
    await outbox.idle();
    expect(begun).toBe(20);
  });

  test('before the start and after the stop nothing runs', async () => {
    const { outbox, enqueue, storage } = await setUp();
    await enqueue();
    outbox.nudge();
    await outbox.idle();
    let runs = 0;
    await outbox.start({
      mail: async () => {
        runs += 1;
        return { is: 'done' };
      },
    });
    await outbox.idle();
    await outbox.stop();
    await enqueue();
    outbox.nudge();
    await outbox.idle();
    expect(runs).toBe(1);
    const states = await storage.db.selectFrom('outbox').select('state').orderBy('created_at').execute();
    expect(states.map(({ state }) => state).sort()).toEqual(['done', 'waiting']);
  });

  test('a database that does not answer is reported and does not end the engine', async () => {
    const { outbox, storage, enqueue, problems } = await setUp();
    await outbox.start({ mail: async () => ({ is: 'done' }) });
    await storage.db.schema.alterTable('outbox').renameTo('hidden').execute();
    outbox.nudge();
    await expect.poll(() => problems.length).toBeGreaterThan(0);
    expect(String(problems[0])).toContain('no such table');
    expect(await outbox.check()).toMatchObject([{ is: 'failed' }]);
    await storage.db.schema.alterTable('hidden').renameTo('outbox').execute();
    await enqueue();
    await outbox.idle();
    expect(await storage.db.selectFrom('outbox').select('state').execute()).toEqual([{ state: 'done' }]);
  });

  test('check tells of work that waits too long', async () => {
    const { outbox, clock, enqueue } = await setUp();
    await enqueue();
    expect((await outbox.check()).map(({ is }) => is)).toEqual(['ok', 'ok']);
    clock.advance(301_000);
    expect(await outbox.check()).toContainEqual(
      expect.objectContaining({ is: 'failed', cause: expect.stringContaining('1 jobs are due') }),
    );
  });
});
