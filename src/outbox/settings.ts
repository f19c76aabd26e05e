/** The numbers of the outbox. A node killed with -9 loses its jobs to another one within `leaseMs` and one poll. */
import { minutes, seconds } from '../kernel/clock.ts';
import type { RetrySettings } from './back-off.ts';

export interface OutboxSettings {
  /** Jobs at a time on this node. */
  concurrency: number;
  /** Work that waits for systems which may hang: so many at a time, beside the others. */
  slow: { kind: string; concurrency: number };
  /** A running job is renewed at a third of it; when its node dies, another takes it over after it. */
  leaseMs: number;
  /** A handler that takes longer is given up: its lease is not renewed any more, and its outcome counts for nothing. */
  handlerMs: number;
  /** How often to look for work that nobody nudged about: retries, other processes. */
  pollMs: number;
  /** How long `stop` waits for running handlers. */
  stopMs: number;
  retry: RetrySettings;
}

export const OUTBOX_DEFAULTS: OutboxSettings = {
  concurrency: 6,
  slow: { kind: 'spread', concurrency: 6 },
  leaseMs: seconds(20),
  handlerMs: minutes(2),
  pollMs: seconds(1),
  stopMs: seconds(10),
  retry: { attempts: 12, firstMs: seconds(2), longestMs: minutes(10) },
};
