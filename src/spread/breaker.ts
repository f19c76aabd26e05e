/**
 * Circuit breaker per system, shared by all nodes: after some failures in a row nobody tries for a while; then one attempt
 * is the probe, and the rest waits for what it finds.
 */
import { seconds } from '../kernel/clock.ts';
import * as systems from '../storage/repositories/systems.ts';
import type { Executor } from '../storage/storage.ts';
import type { SpreadDeps } from './deps.ts';

export type Gate =
  | { is: 'open' }
  /** Until an operator resumes it. */
  | { is: 'paused' }
  /** ms; worth trying again then. */
  | { is: 'closed'; until: number };

/** The probe must be over by then. */
const PROBE = seconds(60);

export function createBreaker({ storage, clock, random, settings }: SpreadDeps) {
  const { failures: most, firstMs, longestMs } = settings.breaker;
  return {
    async ask(system: string): Promise<Gate> {
      const health = await systems.read(storage.db, system);
      if (health.paused_at !== null) return { is: 'paused' };
      const now = clock.now();
      if (health.open_until > now) return { is: 'closed', until: health.open_until };
      if (health.failures < most) return { is: 'open' };
      const next = now + PROBE;
      if (await systems.probe(storage.db, system, health.open_until, next)) return { is: 'open' };
      return { is: 'closed', until: next };
    },
    async worked(ex: Executor, system: string): Promise<void> {
      await systems.write(ex, system, { failures: 0, open_until: 0, delivered_at: clock.now() });
    },
    /** @returns ms; when it may be tried again at the earliest, 0 for no matter. */
    async failed(ex: Executor, system: string, cause: string): Promise<number> {
      const now = clock.now();
      const failures = await systems.failed(ex, system, cause, now);
      if (failures < most) return 0;
      const pause = Math.min(longestMs, firstMs * 2 ** Math.min(failures - most, 20));
      const until = now + Math.round(pause * (0.75 + random() / 4));
      await systems.write(ex, system, { open_until: until });
      return until;
    },
  };
}
