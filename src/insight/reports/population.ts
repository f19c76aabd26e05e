/** Who could enrol and who has, by group: what adoption is a share of. Read in bites, so that it holds nobody up. */
import { setImmediate as breathe } from 'node:timers/promises';
import * as readiness from '../../storage/repositories/readiness.ts';
import * as store from '../../storage/repositories/reports.ts';
import type { Storage } from '../../storage/storage.ts';

const BITE = 2_000;

/** The narrow port to whoever knows the people. */
export type Population = () => Promise<store.People[]>;

/** As readiness knows them: accounts that somebody can use, and those of them with at least one way to verify. */
export const populationOf =
  ({ db }: Pick<Storage, 'db'>, bite = BITE): Population =>
  async () => {
    const sums = new Map<string, store.People>();
    for (let last: string | undefined = ''; last !== undefined; ) {
      const page: Awaited<ReturnType<typeof store.populationPage>> = await store.populationPage(db, last, bite);
      for (const { group, eligible, enrolled } of page.groups) {
        const sum = sums.get(group) ?? { group, eligible: 0, enrolled: 0 };
        sums.set(group, { group, eligible: sum.eligible + eligible, enrolled: sum.enrolled + enrolled });
      }
      last = page.last;
      await breathe();
    }
    return [...sums.values()];
  };

/** Whether everybody of the directory has been met, so that the share is one of all. */
export const isWhole = async ({ db }: Pick<Storage, 'db'>): Promise<boolean> => {
  const state = await readiness.state(db);
  return state !== undefined && (state.walk > 1 || state.walk_ended_at !== null);
};
