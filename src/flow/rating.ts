/**
 * "How was it?", asked once at the end of a recovery or unlock. The journey only remembers that it was answered; the answer
 * stands in the audit without person, journey and address, so nobody can be asked why.
 */
import { minutes } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';
import { StaleWrite } from '../storage/failure.ts';
import type { FlowDeps } from './deps.ts';
import { ruleDetail } from './journey/report-detail.ts';
import type { Live } from './journey/store.ts';

/** Worst to best. */
export const STARS = [1, 2, 3, 4, 5] as const;
export type Stars = (typeof STARS)[number];

export type Rated = { is: 'thanks' } /** Answered already, too late, or nothing to answer. */ | { is: 'closed' };

/** As long as the browser may still look where the new password has arrived. */
const OPEN = minutes(30);

export const isStars = (n: number): n is Stars => (STARS as readonly number[]).includes(n);

export type RatingService = ReturnType<typeof createRatingService>;

export function createRatingService({ storage, flows, audit, clock }: FlowDeps) {
  const mayRate = ({ journey, seenAt }: Live): boolean =>
    (journey.kind === 'recovery' || journey.kind === 'unlock') &&
    journey.state.at === 'done' &&
    journey.rated === undefined &&
    clock.now() <= seenAt + OPEN;

  return {
    mayRate,

    async rate(live: Live | undefined, stars: Stars): Promise<Rated> {
      if (!live || !mayRate(live)) return { is: 'closed' };
      const { journey } = live;
      const state = { ...journey, rated: true } as unknown as JsonObject;
      try {
        await storage.transaction(async (trx) => {
          // Of two taps at once the second finds another version.
          await flows.save(trx, live.id, live.version, { state, seenAt: live.seenAt });
          await audit.append(trx, {
            event: 'journey.rated',
            outcome: 'success',
            actor: 'anonymous',
            detail: { ...ruleDetail(journey), kind: journey.kind, stars },
          });
        });
      } catch (error) {
        if (error instanceof StaleWrite) return { is: 'closed' };
        throw error;
      }
      return { is: 'thanks' };
    },
  };
}
