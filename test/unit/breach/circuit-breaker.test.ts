import { expect, test } from 'vitest';
import { createCircuitBreaker } from '../../../src/breach/circuit-breaker.ts';
import { minutes, seconds } from '../../../src/kernel/clock.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

function broken() {
  const clock = createFakeClock();
  const breaker = createCircuitBreaker(clock);
  const opened = [1, 2, 3].map(() => {
    breaker.admits();
    return breaker.failed();
  });
  return { clock, breaker, opened };
}

test('opens at the third failure in a row, and says so once', () => {
  const { breaker, opened } = broken();
  expect(opened).toEqual([false, false, true]);
  expect(breaker.admits()).toBe(false);
});

test('counts only failures in a row', () => {
  const breaker = createCircuitBreaker(createFakeClock());
  for (let nth = 0; nth < 20; nth += 1) {
    breaker.failed();
    breaker.failed();
    expect(breaker.succeeded()).toBe(false);
  }
  expect(breaker.admits()).toBe(true);
});

test('lets one caller through after 30 seconds, and nobody else until that one is back', () => {
  const { clock, breaker } = broken();
  clock.advance(seconds(30) - 1);
  expect(breaker.admits()).toBe(false);
  clock.advance(1);
  expect([breaker.admits(), breaker.admits(), breaker.admits()]).toEqual([true, false, false]);
  expect(breaker.succeeded()).toBe(true);
  expect([breaker.admits(), breaker.admits()]).toEqual([true, true]);
});

test('waits twice as long after each try that fails, ten minutes at most', () => {
  const { clock, breaker } = broken();
  const waits = Array.from({ length: 7 }, () => {
    let waited = 0;
    while (!breaker.admits()) {
      clock.advance(seconds(1));
      waited += seconds(1);
    }
    breaker.failed();
    return waited;
  });
  expect(waits).toEqual([30, 60, 120, 240, 480, 600, 600].map(seconds));
  expect(waits.at(-1)).toBe(minutes(10));
});

test('is not moved by the failure of a question from before the pause', () => {
  const { clock, breaker } = broken();
  expect(breaker.failed()).toBe(false);
  clock.advance(seconds(30));
  expect(breaker.admits()).toBe(true);
});
