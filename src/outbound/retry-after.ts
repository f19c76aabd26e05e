/** How long a server asks us to wait: never longer than an hour, and nonsense counts as silence. */
import { seconds } from '../kernel/clock.ts';

const LONGEST_PAUSE = seconds(3600);

/** Seconds or an HTTP date (RFC 9110 §10.2.3), as ms from now. */
export function pauseOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_PAUSE) : undefined;
}
