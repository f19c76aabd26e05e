/** How long to wait before the next attempt: doubling, capped, and never two nodes at the same instant. */
export interface RetrySettings {
  /** After so many attempts a job is dead. */
  attempts: number;
  /** ms */
  firstMs: number;
  /** ms; doubling stops here. */
  longestMs: number;
}

/** ms after the given attempt (1, 2, 3 …). `random`: 0 to 1; the result lies between half and all of the full wait. */
export function backOff({ firstMs, longestMs }: RetrySettings, attempt: number, random: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full / 2 + (full / 2) * random);
}
