/**
 * Durations as counts of logarithmic steps: any two add up, and a quantile read from them is at most 2 % off (half a step of
 * 4 %). Exact ones would have to keep every duration for ever.
 */

const STEP = Math.log(1.04);
/** ms; whatever is quicker counts as this. */
const LEAST = 1_000;

/** How far a quantile may be off. */
export const ERROR = 0.02;

export const binOf = (ms: number): number => Math.floor(Math.log(Math.max(ms, LEAST) / LEAST) / STEP);

/** What a step stands for: the middle of it, as ratios go. */
export const msOf = (bin: number): number => LEAST * Math.exp((bin + 0.5) * STEP);

/** Nearest rank. `bins`: step and how many. @returns ms; undefined of nothing. */
export function quantile(bins: ReadonlyMap<number, number>, q: number): number | undefined {
  const all = [...bins.values()].reduce((sum, n) => sum + n, 0);
  if (all === 0) return undefined;
  let left = Math.max(1, Math.ceil(q * all));
  for (const [bin, n] of [...bins].sort(([a], [b]) => a - b)) {
    left -= n;
    if (left <= 0) return msOf(bin);
  }
  return undefined;
}
