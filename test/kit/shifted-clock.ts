/** The real time plus what a test added: for whole products on real servers, where time must go on by itself. */
import type { Clock } from '../../src/kernel/clock.ts';

export interface ShiftedClock extends Clock {
  advance(ms: number): void;
}

export function createShiftedClock(shift = 0): ShiftedClock {
  let added = shift;
  return {
    now: () => Date.now() + added,
    advance(ms) {
      added += ms;
    },
  };
}
