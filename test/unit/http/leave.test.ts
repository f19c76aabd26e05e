/** A node that is told to stop: not ready for whoever balances, still there for people, and no wait when nobody asks. */
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createServer } from '../../../src/http/server.ts';

const start = () =>
  createServer({
    publicUrl: new URL('https://reset.example.org'),
    trustedProxies: [],
    logger: pino({ level: 'silent' }),
    errorPage: () => '',
    ready: async () => true,
  });
type Server = Awaited<ReturnType<typeof start>>;
const ready = async (server: Server) => (await server.inject('/health/ready')).statusCode;
const isOver = (leaving: Promise<void>) =>
  Promise.race([leaving.then(() => true), new Promise((resolve) => setTimeout(() => resolve(false), 20))]);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('serves on and says "not ready" while a load balancer still has to notice', async () => {
  const server = await start();
  for (let check = 0; check < 3; check += 1) {
    expect(await ready(server)).toBe(200);
    vi.advanceTimersByTime(1_000);
  }
  const leaving = server.leave();
  expect(await isOver(leaving)).toBe(false);
  expect(await ready(server)).toBe(503);
  const alive = await server.inject('/health/live');
  expect([alive.statusCode, alive.headers.connection]).toEqual([200, 'close']);
});

test.each<[string, number[]]>([
  ['nobody ever asked', []],
  ['somebody only waited for the start', [5, 5, 5]],
  ['whoever asked is gone', [1_000, 1_000, 60_000]],
])('leaves at once when %s', async (_when, pauses) => {
  const server = await start();
  for (const pause of pauses) {
    await ready(server);
    vi.advanceTimersByTime(pause);
  }
  expect(await isOver(server.leave())).toBe(true);
  expect(await ready(server)).toBe(503);
});
