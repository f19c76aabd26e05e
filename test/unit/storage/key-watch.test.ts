/** What a running node does about keys: learns, changes over when told, tells, and seals nothing after a long sleep. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createKeyring, type RootKey } from '../../../src/kernel/keyring.ts';
import { startKeyWatch } from '../../../src/key-watch.ts';
import { openStorage } from '../../../src/storage/index.ts';
import { claimKeys } from '../../../src/storage/repositories/key-check.ts';
import { announcedKeys, setKeyState } from '../../../src/storage/repositories/key-state.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

const key = (id: string): RootKey => ({ id, bytes: randomBytes(32) });
const [a, b] = [key('a'), key('b')];
const base: RootKey = { ...key('base'), role: 'base' };
const LOOK = 5_000;

let storage: Storage;
beforeEach(async () => {
  storage = await openStorage({ engine: 'sqlite', file: ':memory:' });
  vi.useFakeTimers();
});
afterEach(async () => {
  vi.useRealTimers();
  await storage.close();
});

async function build(file: { keys: RootKey[] }) {
  const keyring = createKeyring([a, base]);
  await claimKeys(storage, keyring);
  const clock = createFakeClock(1_000_000);
  const log = { warn: vi.fn(), error: vi.fn() };
  let asleep = 0;
  const elapsed = () => asleep;
  const watch = await startKeyWatch({ storage, keyring, reread: () => file.keys, clock, log, elapsed });
  return {
    keyring,
    clock,
    log,
    watch,
    sleep(ms: number) {
      asleep += ms;
    },
    told: () => announcedKeys(storage.db, 0),
  };
}

const say = (seals: string, next: string | null) => storage.transaction((trx) => setKeyState(trx, { seals, next }));

test('a key that came into the file is known and told, and seals when the database says so', async () => {
  const file = { keys: [a, base] };
  const { keyring, told, watch } = await build(file);
  expect(await told()).toMatchObject([{ knows: ['a'], seals: 'a', at: 1_000_000 }]);
  file.keys = [b, a, base];
  await vi.advanceTimersByTimeAsync(LOOK);
  expect(await told()).toMatchObject([{ knows: ['a', 'b'], seals: 'a' }]);
  await say('b', null);
  await vi.advanceTimersByTimeAsync(LOOK);
  expect(keyring.sealsWith()).toBe('b');
  expect(await told()).toMatchObject([{ knows: ['a', 'b'], seals: 'b' }]);
  await watch.stop();
  expect(await told(), 'who stops gently is not waited for').toEqual([]);
});

test('a key that seals and is not in the file of this node is an error in its log, and it says what it seals with', async () => {
  const { keyring, told, log, watch } = await build({ keys: [a, base] });
  await say('b', null);
  await vi.advanceTimersByTimeAsync(LOOK);
  expect(log.error).toHaveBeenCalledWith({ key: 'b' }, expect.stringContaining('copy it from another'));
  expect(keyring.sealsWith()).toBe('a');
  expect(await told()).toMatchObject([{ seals: 'a' }]);
  await watch.stop();
});

test('it goes on telling while nothing changes, not at every look', async () => {
  const { told, clock, watch } = await build({ keys: [a, base] });
  clock.advance(19_000);
  await vi.advanceTimersByTimeAsync(LOOK);
  expect((await told())[0]?.at).toBe(1_000_000);
  clock.advance(1_000);
  await vi.advanceTimersByTimeAsync(LOOK);
  expect((await told())[0]?.at).toBe(1_020_000);
  await watch.stop();
});

test('after a long sleep it seals nothing until it has looked which key seals', async () => {
  const { keyring, sleep, watch } = await build({ keys: [a, b, base] });
  sleep(59_999);
  expect(keyring.seal('text', 'x')).toMatch(/^a\./);
  sleep(1);
  await say('b', null);
  expect(() => keyring.seal('text', 'x')).toThrow('not confirmed');
  await vi.advanceTimersByTimeAsync(LOOK);
  expect(keyring.seal('text', 'x')).toMatch(/^b\./);
  await watch.stop();
});
