/** The pool of connections by itself: bounds, queue, idle and old ones, with a clock that the test turns. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LdapConnection } from '../../../src/directory/ldap/connection.ts';
import { createPool, IDLE, LONGEST_QUEUE, OLDEST } from '../../../src/directory/ldap/pool.ts';

interface Fake extends LdapConnection {
  n: number;
  die(): void;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function poolOf(size: number, connects: () => Promise<void> = async () => undefined) {
  const alive = new Set<number>();
  let made = 0;
  const pool = createPool({
    size,
    patience: 1_000,
    clock: { now: () => Date.now() },
    connect: async () => {
      await connects();
      made += 1;
      const n = made;
      alive.add(n);
      const die = () => alive.delete(n);
      return { n, die, alive: () => alive.has(n), close: async () => void die() } as unknown as LdapConnection;
    },
  });
  const take = async () => {
    const { connection, fresh } = await pool.take();
    return { connection: connection as Fake, n: (connection as Fake).n, fresh };
  };
  return { pool, take, open: () => alive.size, made: () => made };
}

describe('a pool of connections', () => {
  it('hands out what came back, the last one first', async () => {
    const { pool, take } = poolOf(3);
    const [one, two] = [await take(), await take()];
    expect([one.fresh, two.fresh]).toEqual([true, true]);
    pool.give(one.connection);
    pool.give(two.connection);
    expect(await take()).toMatchObject({ n: two.n, fresh: false });
    expect(await take()).toMatchObject({ n: one.n, fresh: false });
    expect(await take()).toMatchObject({ fresh: true });
  });

  it('never hands out one that was closed meanwhile', async () => {
    const { pool, take, made } = poolOf(1);
    const one = await take();
    pool.give(one.connection);
    one.connection.die();
    expect(await take()).toMatchObject({ n: 2, fresh: true });
    expect(made()).toBe(2);
  });

  it('never opens more than it may: the others wait in turn', async () => {
    const { pool, take, open } = poolOf(2);
    const [one, two] = [await take(), await take()];
    const order: number[] = [];
    const waiting = (n: number) => take().finally(() => order.push(n));
    const [third, fourth] = [waiting(3), waiting(4)];
    expect(open()).toBe(2);
    pool.give(one.connection);
    pool.give(two.connection);
    expect([(await third).n, (await fourth).n]).toEqual([one.n, two.n]);
    expect(order).toEqual([3, 4]);
  });

  it('opens a new one for who waits when one comes back broken', async () => {
    const { pool, take } = poolOf(1);
    const one = await take();
    const waits = take();
    one.connection.die();
    pool.give(one.connection);
    expect(await waits).toMatchObject({ n: 2, fresh: true });
  });

  it('sends away who waits too long, and who comes when too many wait', async () => {
    const { take, pool } = poolOf(1);
    const one = await take();
    const waits = Array.from({ length: LONGEST_QUEUE }, () => take());
    const all = Promise.allSettled(waits);
    await expect(take()).rejects.toMatchObject({ code: 'POOL_QUEUE' });
    await vi.advanceTimersByTimeAsync(1_000);
    for (const outcome of await all)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'POOL_WAIT', key: 'poolSize' } });
    pool.give(one.connection);
    expect(await take(), 'nobody is left in the queue').toMatchObject({ n: one.n });
  });

  it('closes what nobody uses for a while', async () => {
    const { pool, take, open } = poolOf(2);
    const [one, two] = [await take(), await take()];
    pool.give(one.connection);
    await vi.advanceTimersByTimeAsync(IDLE);
    expect(open(), 'the one in use stays').toBe(1);
    pool.give(two.connection);
    await vi.advanceTimersByTimeAsync(IDLE - 1);
    expect(open()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(open()).toBe(0);
  });

  it('gives up an old one, however busy it is', async () => {
    const { pool, take, open } = poolOf(1);
    const one = await take();
    vi.setSystemTime(Date.now() + OLDEST);
    pool.give(one.connection);
    expect(await take()).toMatchObject({ n: 2, fresh: true });
    expect(open()).toBe(1);
  });

  it('lets the place of a failed attempt to the next one', async () => {
    let refuse = true;
    const { take } = poolOf(1, async () => {
      if (refuse) throw new Error('refused');
    });
    const [first, second] = [take(), take()];
    await expect(first).rejects.toThrow('refused');
    await expect(second).rejects.toThrow('refused');
    refuse = false;
    expect(await take()).toMatchObject({ fresh: true });
  });

  it('tells those who wait when the server is set aside, and keeps none', async () => {
    const { pool, take, open } = poolOf(2);
    const [one, two] = [await take(), await take()];
    const waits = take();
    pool.clear(new Error('set aside'));
    await expect(waits).rejects.toThrow('set aside');
    pool.give(one.connection);
    pool.give(two.connection);
    pool.clear();
    expect(open()).toBe(0);
  });

  it('that is given up lets those in use end in peace, and hands out none', async () => {
    const { pool, take, open } = poolOf(2);
    const [one, two] = [await take(), await take()];
    const waits = take();
    pool.give(one.connection);
    await waits;
    pool.drain(new Error('gone'));
    expect(open()).toBe(2);
    await expect(take()).rejects.toThrow('gone');
    for (const { connection } of [one, two]) pool.give(connection);
    expect(open()).toBe(0);
  });

  it('ends all of them when it is closed, and opens none again', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const connects = vi.fn(() => (connects.mock.calls.length === 3 ? promise : Promise.resolve()));
    const { pool, take, open } = poolOf(3, connects);
    const [, idle] = [await take(), await take()];
    const late = take();
    pool.give(idle.connection);
    const closed = pool.close();
    resolve();
    await closed;
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' });
    expect(open()).toBe(0);
    await expect(take()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
