/** Clears away what ran out: journeys, sessions, counters, finished jobs. Every node does it; twice does no harm. */
import type { FastifyBaseLogger } from 'fastify';
import type { FlowDeps } from './flow/deps.ts';
import { minutes } from './kernel/clock.ts';
import { type KeepTimes, sweepByAge } from './privacy/sweep.ts';

const EVERY = minutes(10);

export async function upkeep(deps: FlowDeps, keep: KeepTimes): Promise<void> {
  await sweepByAge(deps, keep);
  await deps.spread?.wakeForgotten();
}

export function startUpkeep(deps: FlowDeps, keep: KeepTimes, logger: FastifyBaseLogger): () => void {
  const timer = setInterval(() => {
    upkeep(deps, keep).catch((error) =>
      logger.error({ err: error }, 'Clearing away old rows failed; it will be tried again.'),
    );
  }, EVERY);
  timer.unref();
  return () => clearInterval(timer);
}
