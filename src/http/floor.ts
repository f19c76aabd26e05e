/** Answers that could tell accounts apart by their time all take at least so long (standards.md section 12). */
import { randomInt } from 'node:crypto';

export interface FloorSettings {
  milliseconds: number;
  jitter: number;
}

/** Runs `work` and answers no earlier than the floor; an error waits just as long. */
export type Floor = <T>(work: () => Promise<T>) => Promise<T>;

export function createFloor({ milliseconds, jitter }: FloorSettings): Floor {
  return async (work) => {
    const least = milliseconds + (jitter > 0 ? randomInt(-jitter, jitter + 1) : 0);
    const rest = new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, least)));
    try {
      return await work();
    } finally {
      await rest;
    }
  };
}
