/** Clears away what ran out: journeys, sessions, counters, finished jobs. Every node does it; twice does no harm. */
import type { FastifyBaseLogger } from 'fastify';
import type { FlowDeps } from './flow/deps.ts';
import { days, minutes } from './kernel/clock.ts';
import { sweepOutbox } from './outbox/index.ts';
import { createApiAnswers } from './storage/repositories/api-answers.ts';
import * as apiTokens from './storage/repositories/api-tokens.ts';
import { createCalls } from './storage/repositories/calls.ts';
import * as counters from './storage/repositories/counters.ts';
import { sweepDeliveries } from './storage/repositories/deliveries.ts';
import * as secondRequests from './storage/repositories/second-requests.ts';
import * as sightings from './storage/repositories/sightings.ts';
import * as spreads from './storage/repositories/spreads.ts';

const EVERY = minutes(10);
/** Long enough for the job that settles a password write, and for questions the morning after. */
const KEEP_FLOWS = days(2);
/** What happened in them is in the audit. */
const KEEP_CALLS = days(30);
const KEEP_JOBS = days(7);
/** A place where nobody was for a year is a new place again. */
const KEEP_SIGHTINGS = days(365);

export async function upkeep({
  storage,
  flows,
  sessions,
  tickets,
  authenticators,
  spread,
  clock,
  keyring,
}: FlowDeps): Promise<void> {
  const now = clock.now();
  await flows.sweep(storage.db, now - KEEP_FLOWS);
  await sessions.sweep(storage.db, now - KEEP_FLOWS);
  await tickets.sweep(storage.db, now - KEEP_FLOWS);
  await createCalls(keyring).sweep(storage.db, now - KEEP_CALLS);
  await secondRequests.sweep(storage.db, now - KEEP_CALLS);
  await authenticators.sweep(storage.db, now);
  await sweepDeliveries(storage.db, now);
  await apiTokens.sweep(storage.db, now - KEEP_CALLS);
  await createApiAnswers(keyring).sweep(storage.db, now);
  await sightings.sweep(storage.db, now - KEEP_SIGHTINGS);
  await counters.sweep(storage.db, now);
  await spreads.sweep(storage.db, now - KEEP_JOBS);
  await spread?.wakeForgotten();
  await sweepOutbox(storage.db, now - KEEP_JOBS);
}

export function startUpkeep(deps: FlowDeps, logger: FastifyBaseLogger): () => void {
  const timer = setInterval(() => {
    upkeep(deps).catch((error) =>
      logger.error({ err: error }, 'Clearing away old rows failed; it will be tried again.'),
    );
  }, EVERY);
  timer.unref();
  return () => clearInterval(timer);
}
