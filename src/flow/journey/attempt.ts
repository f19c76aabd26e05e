/**
 * Tells the person that somebody passed a gate of a recovery and then nothing came of it (partial success). The job is
 * committed together with the gate and looks at the journey when its time is up, however it ended: giving up silences nothing.
 */
import { minutes } from '../../kernel/clock.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { newId } from '../../kernel/random.ts';
import type { JobHandler } from '../../outbox/outbox.ts';
import { StaleWrite } from '../../storage/failure.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps } from '../deps.ts';
import { noNotices, notices } from '../notices.ts';
import type { Journey } from './states.ts';
import { transition } from './transitions.ts';

export function createAttemptHandler(deps: FlowDeps): JobHandler {
  const { storage, flows, clock } = deps;

  return async ({ payload }) => {
    const stored = await flows.find(storage.db, String(payload['flow']));
    const journey = stored?.state as unknown as Journey | undefined;
    if (!stored || !journey?.account || !journey.attempt || journey.state.at === 'done') return { is: 'done' };
    if (journey.state.at === 'applying' || journey.state.at === 'unsettled')
      return { is: 'retry', after: minutes(5), cause: 'The password write is not settled yet.' };

    const now = clock.now();
    // It was given more time since: somebody else is asked, or risk wants a wait.
    if (stored.endedAt === undefined && stored.expiresAt >= now)
      return { is: 'retry', after: stored.expiresAt - now + 1, cause: 'The journey is not over yet.' };
    const { attempt, ...rest } = journey;
    const own = await deps.authenticators.list(storage.db, journey.account.id);
    const person = { ...journey.account, language: journey.language };
    const { at, method, ip } = attempt;
    const told = notices(own, 'attempt-notice', person, now, { at, method, ...(ip ? { ip } : {}) });
    const ended = transition(
      rest,
      { is: 'expired' },
      { now, step: newId(), next: () => ({ is: 'stuck' }), notices: noNotices },
    );
    const actor = { actor: 'system', subject: journey.subject, flow: stored.id } as const;
    try {
      await storage.transaction(async (trx) => {
        // Without `attempt`, so that a second run of this job tells nobody twice.
        await flows.save(trx, stored.id, stored.version, {
          state: (ended?.journey ?? rest) as unknown as JsonObject,
          seenAt: stored.seenAt,
          endedAt: stored.endedAt ?? now,
        });
        await commitEffects(
          deps,
          trx,
          told.effects,
          (ended?.audit ?? []).map((record) => ({ ...record, ...actor })),
        );
      });
    } catch (error) {
      if (error instanceof StaleWrite) return { is: 'retry', cause: 'The journey moved on at the same instant.' };
      throw error;
    }
    deps.outbox.nudge();
    return { is: 'done' };
  };
}
