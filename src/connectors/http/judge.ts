/** What an answer says about a system as a whole, whatever was asked. What is about one account is for its connector. */
import { pauseOf } from '../../outbound/retry-after.ts';
import type { Trouble } from './trouble.ts';

const LATER = new Set([408, 425, 509]);

interface Seen {
  status: number;
  header(name: string): string | undefined;
}

/** `credentials`, `url`: keys of the configuration. */
export function judgeWhole(
  { status, header }: Seen,
  now: number,
  keys: { credentials: string; url: string },
): Trouble | undefined {
  const after = pauseOf(header('retry-after'), now);
  const pause = after === undefined ? {} : { after };
  if (status === 429) {
    const fix = 'Lower concurrency when it happens often.';
    return { cause: 'The system asks for fewer requests (status 429).', fix, key: 'concurrency', ...pause };
  }
  if (status >= 500 && status !== 501) {
    const cause = `The system is in trouble (status ${status}).`;
    return { cause, fix: 'Look at its log or status page.', key: keys.url, ...pause };
  }
  if (LATER.has(status)) {
    const cause = `The system asks to try later (status ${status}).`;
    return { cause, fix: 'Look at its log or status page.', key: keys.url, ...pause };
  }
  if (status === 401) {
    const cause = 'The system does not accept our credentials (status 401).';
    return { cause, fix: 'Renew them there and here.', key: keys.credentials, ...pause };
  }
  if (status === 407) {
    return { cause: 'A proxy in between wants a sign-in (status 407).', fix: 'Let us pass.', key: keys.url };
  }
  if (status >= 300 && status < 400) {
    const cause = `The system sends us elsewhere (status ${status}), which is not followed.`;
    return { cause, fix: 'Name the final address.', key: keys.url };
  }
  return undefined;
}
