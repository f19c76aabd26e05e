/**
 * A lost second factor: a journey of its own, from the second step of a sign-in (so the password is proven), never from a
 * lost password. What is named as lost stops working at once; everybody is told; all sessions end (ASVS 6.4.4, NIST §4.3).
 */
import type { Authenticator } from '../../kernel/account.ts';
import { StaleWrite } from '../../storage/failure.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import type { Advanced, JourneyService } from './service.ts';

export type LostFactorService = ReturnType<typeof createLostFactorService>;

export function createLostFactorService(deps: FlowDeps, journeys: JourneyService) {
  const { flows, sessions, directory, clock } = deps;

  /** What can be named as lost: whatever is bound to the person. */
  const losable = (own: readonly Authenticator[]): Authenticator[] =>
    own.filter(({ method }) => deps.methods.get(method)?.worth.evidence === 'bound');

  return {
    losable,

    /** Instead of showing the second factor. The journey of the sign-in ends with it. */
    async begin(token: string, step: string, language: string, origin: Origin): Promise<string | undefined> {
      const live = await journeys.store.load(token);
      const { account, kind, step: present } = live?.journey ?? {};
      if (!live || !account || kind !== 'sign-in' || present !== step) return undefined;
      const found = await directory.load(account.key);
      if (found.is !== 'found') return undefined;
      const given = await journeys.cancel(token, step, origin);
      if (given.is !== 'moved') return undefined;
      return (await journeys.beginFor('lost-factor', found.account, language, origin)).token;
    },

    /** `ids`: what the person ticked. At least one. */
    async remove(
      token: string,
      step: string,
      ids: readonly string[],
      { ip }: Origin,
    ): Promise<Advanced | { is: 'none' }> {
      const live = await journeys.store.load(token);
      const { account, state } = live?.journey ?? {};
      if (!live || live.journey.step !== step || !account || state?.at !== 'choosing-lost') return { is: 'stale' };
      const own = await journeys.store.authenticatorsOf(live.journey);
      const lost = losable(own).filter(({ id }) => ids.includes(id));
      if (lost.length === 0) return { is: 'none' };
      try {
        const moved = await journeys.store.move(
          live,
          {
            is: 'factors-removed',
            effects: lost.map(({ id }) => ({ kind: 'remove-authenticator', id })),
            methods: lost.map(({ method }) => method),
          },
          {
            ip,
            authenticators: own,
            also: async (trx) => {
              await flows.endOthers(trx, account.id, live.id, clock.now());
              await sessions.endAll(trx, account.id, clock.now());
            },
          },
        );
        return moved ? { is: 'moved', ...moved } : { is: 'stale' };
      } catch (error) {
        if (error instanceof StaleWrite) return { is: 'stale' };
        throw error;
      }
    },
  };
}
