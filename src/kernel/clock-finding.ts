/** Two clocks that differ: codes of authenticator apps stop matching, and limits of several nodes drift apart. */
import { minutes } from './clock.ts';
import type { Finding } from './plugin.ts';

/** `theirs` and `ours` in ms since 1970, read at the same moment. */
export function clockFinding(what: string, theirs: number, ours: number, key: string): Finding {
  const apart = Math.abs(theirs - ours);
  if (apart <= minutes(1)) return { is: 'ok', what };
  const cause = `The clocks differ by ${Math.round(apart / 1_000)} s.`;
  return { is: apart > minutes(5) ? 'failed' : 'warning', what, cause, fix: 'Synchronise both clocks (NTP).', key };
}
