import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFloor } from '../../../src/http/floor.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each(['a result', 'an error'])('%s waits for the floor', async (what) => {
  let settled = false;
  const work = async () => {
    if (what === 'an error') throw new Error('broken');
    return 'done';
  };
  const answer = createFloor({ milliseconds: 800, jitter: 0 })(work).then(
    (value) => value,
    (error: Error) => error.message,
  );
  void answer.then(() => {
    settled = true;
  });
  await vi.advanceTimersByTimeAsync(799);
  expect(settled).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(settled).toBe(true);
  expect(await answer).toBe(what === 'an error' ? 'broken' : 'done');
});

test('work that takes longer is not cut off', async () => {
  const slow = () => new Promise((resolve) => setTimeout(() => resolve('late'), 5_000));
  const answer = createFloor({ milliseconds: 800, jitter: 100 })(slow);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await answer).toBe('late');
});
