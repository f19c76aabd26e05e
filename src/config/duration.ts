/** Durations as people write them (`10 min`, `1 h`, `60 s`) and milliseconds, both ways, with nothing guessed. */

const UNITS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const WRITTEN = /^([0-9]{1,9}) ?(ms|s|min|h|d)$/;

/** Milliseconds, or `undefined` when the text isn't a whole number and one of ms, s, min, h, d. */
export function parseDuration(text: string): number | undefined {
  const found = WRITTEN.exec(text);
  if (!found) return undefined;
  return Number(found[1]) * UNITS[found[2] as keyof typeof UNITS];
}

/** The shortest way to write it: 90000 → `90 s`, 3600000 → `1 h`. */
export function formatDuration(ms: number): string {
  const fitting = Object.entries(UNITS).filter(([, size]) => ms >= size && ms % size === 0);
  const [unit, size] = fitting.at(-1) ?? ['ms', 1];
  return `${ms / size} ${unit}`;
}
