/** The end of an unlock: one write to the directory that changes no password. Asked again it does no harm. */
import type { FindOutcome } from '../../directory/directory.ts';
import { StaleWrite } from '../../storage/failure.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import type { JourneyEvent } from './events.ts';
import type { Advanced } from './service.ts';
import type { JourneyStore } from './store.ts';

export type UnlockService = ReturnType<typeof createUnlockService>;

export function createUnlockService({ directory, log, risk, clock, spread, outbox }: FlowDeps, store: JourneyStore) {
  const outcome = async (found: FindOutcome): Promise<JourneyEvent> => {
    if (found.is !== 'found')
      return { is: 'not-unlocked', cause: found.cause ?? 'The account is gone.', final: found.is === 'none' };
    const done = await directory.unlock(found.account);
    switch (done.is) {
      case 'applied':
        return { is: 'unlocked' };
      case 'unavailable':
      case 'unknown':
        return { is: 'not-unlocked', cause: done.cause, final: false };
      case 'wrong-password':
        throw new Error('An unlock asks for no password.');
      default:
        return { is: 'not-unlocked', cause: done.cause, final: true };
    }
  };

  return {
    async unlock(token: string, step: string, origin: Origin): Promise<Advanced> {
      const live = await store.load(token);
      const { account, state } = live?.journey ?? {};
      if (!live || live.journey.step !== step || !account || state?.at !== 'confirming-unlock') return { is: 'stale' };
      const found = await directory.load(account.key);
      const event = await outcome(found);
      if (event.is === 'not-unlocked') log.error({ account: account.id, cause: event.cause }, 'An unlock failed.');
      try {
        const moved = await store.move(live, event, {
          ip: origin.ip,
          also: async (trx, { state }) => {
            if (state.at !== 'done') return;
            await risk.succeeded(trx, account.id, origin, clock.now());
            if (found.is === 'found') await spread?.order(trx, found.account, 'unlock');
          },
        });
        if (spread) outbox.nudge();
        return moved ? { is: 'moved', ...moved } : { is: 'stale' };
      } catch (error) {
        if (error instanceof StaleWrite) return { is: 'stale' };
        throw error;
      }
    },
  };
}
