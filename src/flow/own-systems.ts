/** How the connected systems stand with a person's newest password, in the person's words: no causes, and nothing of systems where they have no account. */
import type { FlowDeps } from './deps.ts';

export interface OwnSystem {
  id: string;
  label: string;
  /** `waiting`: on its way. `retrying`: tried in vain so far. `failed`: somebody has to look at it. */
  is: 'done' | 'waiting' | 'retrying' | 'failed';
}

export type OwnSystemsService = ReturnType<typeof createOwnSystems>;

export function createOwnSystems({ spread }: Pick<FlowDeps, 'spread'>) {
  return {
    async of(accountId: string): Promise<OwnSystem[]> {
      const states = (await spread?.states(accountId)) ?? [];
      return states.flatMap(({ system, label, action, is }): OwnSystem[] =>
        action === 'password' && is !== 'no-account' ? [{ id: system, label, is }] : [],
      );
    },
  };
}
