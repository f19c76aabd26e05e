/** Deletes by age what each class says, in small bites, and notes how much. Every node may do it; twice does no harm. */
import type { FlowDeps } from '../flow/deps.ts';
import { days } from '../kernel/clock.ts';
import { sweepOutbox } from '../outbox/index.ts';
import { createApiAnswers } from '../storage/repositories/api-answers.ts';
import * as apiTokens from '../storage/repositories/api-tokens.ts';
import { createCalls } from '../storage/repositories/calls.ts';
import * as counters from '../storage/repositories/counters.ts';
import { sweepDeliveries } from '../storage/repositories/deliveries.ts';
import { forgetDeletions, noteDeleted, sweepIncidents } from '../storage/repositories/privacy.ts';
import * as secondRequests from '../storage/repositories/second-requests.ts';
import * as sightings from '../storage/repositories/sightings.ts';
import * as spreads from '../storage/repositories/spreads.ts';
import type { ClassId, KeepKey } from './data-classes.ts';

/** ms */
export type KeepTimes = Readonly<Record<KeepKey, number>>;

/** UTC: the same on every node. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const KEEP_NOTES = days(400);
/** Ended ones are shown for a while, so that nobody wonders where one went. */
const KEEP_TOKENS = days(30);

export async function sweepByAge(deps: FlowDeps, keep: KeepTimes): Promise<Partial<Record<ClassId, number>>> {
  const { storage, flows, sessions, tickets, authenticators, clock, keyring } = deps;
  const { db } = storage;
  const now = clock.now();
  const sum = (...counts: number[]): number => counts.reduce((all, one) => all + one, 0);
  const swept: Partial<Record<ClassId, number>> = {
    journeys: sum(await flows.sweep(db, now - keep.journeys), await tickets.sweep(db, now - keep.journeys)),
    sessions: await sessions.sweep(db, now - keep.sessions),
    calls: sum(
      await createCalls(keyring).sweep(db, now - keep.calls),
      await secondRequests.sweep(db, now - keep.calls),
    ),
    ways: await authenticators.sweep(db, now),
    places: await sightings.sweep(db, now - keep.places),
    incidents: await sweepIncidents(db, now - keep.incidents),
    limits: await counters.sweep(db, now),
    api: sum(await apiTokens.sweep(db, now - KEEP_TOKENS), await createApiAnswers(keyring).sweep(db, now)),
    messages: sum(
      await sweepDeliveries(db, now),
      await spreads.sweep(db, now - keep.messages),
      await sweepOutbox(db, now - keep.messages),
    ),
  };
  for (const [id, rows] of Object.entries(swept)) await noteDeleted(db, dayOf(now), id, rows);
  await forgetDeletions(db, dayOf(now - KEEP_NOTES));
  return swept;
}
