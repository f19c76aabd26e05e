/**
 * Stops asking a service that doesn't answer: after three failures in a row it is left alone, then one request tries it. Each
 * failed try doubles the pause, up to ten minutes.
 */
import { type Clock, minutes, seconds } from '../kernel/clock.ts';

const FAILURES = 3;
const FIRST_PAUSE = seconds(30);
const LONGEST_PAUSE = minutes(10);

export interface CircuitBreaker {
  /** False: don't ask now. True after a pause lets exactly one caller through until it tells how it went. */
  admits(): boolean;
  /** Gives true when this opens the circuit. */
  failed(): boolean;
  /** Gives true when this closes it again. */
  succeeded(): boolean;
}

export function createCircuitBreaker(clock: Clock): CircuitBreaker {
  let failures = 0;
  let pause = 0;
  let opensAt = 0;
  let probing = false;
  return {
    admits() {
      if (pause === 0) return true;
      if (probing || clock.now() < opensAt) return false;
      probing = true;
      return true;
    },
    failed() {
      failures += 1;
      const late = pause > 0 && !probing;
      // An answer to a question from before the pause changes nothing.
      if (late || failures < FAILURES) return false;
      const opens = pause === 0;
      pause = opens ? FIRST_PAUSE : Math.min(LONGEST_PAUSE, pause * 2);
      opensAt = clock.now() + pause;
      probing = false;
      return opens;
    },
    succeeded() {
      const closes = pause > 0;
      failures = 0;
      pause = 0;
      probing = false;
      return closes;
    },
  };
}
