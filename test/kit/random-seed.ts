/** Random numbers that can be had again: a failing run prints its seed. */
export interface Dice {
  seed: number;
  /** 0 to 1. */
  next(): number;
  /** Whole number, `from` to `to`, both included. */
  between(from: number, to: number): number;
}

/** mulberry32. `TEST_SEED` repeats an earlier run. */
export function createDice(seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)): Dice {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { seed, next, between: (from, to) => from + Math.floor(next() * (to - from + 1)) };
}
