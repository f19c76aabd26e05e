/**
 * Keeps the answer to "who could not recover today, and why?" ready. One node at a time does it, by a lease in the database, and
 * whoever takes it over goes on where it broke off: changes of people first, then new rules, then the walk through the directory.
 */

import { accountId } from '../../kernel/account.ts';
import { minutes, seconds } from '../../kernel/clock.ts';
import { newId } from '../../kernel/random.ts';
import * as store from '../../storage/repositories/readiness.ts';
import type { ReadinessDeps } from './deps.ts';
import { createDrain } from './drain.ts';
import { watchDrift } from './drift.ts';
import { rejudge } from './rejudge.ts';

const EVERY = seconds(5);
const LEASE = minutes(2);
const DRIFT_EVERY = minutes(15);

export interface Progress {
  /** `list`: entries met. `look`: people looked at. */
  doing: 'list' | 'look' | 'judge';
  done: number;
  /** Still waiting, as far as is known. */
  left: number;
}

export type Worked =
  | { is: 'done' }
  /** Another node is at it. */
  | { is: 'busy' }
  | { is: 'unavailable'; cause: string };

class LeaseLost extends Error {}

export type Readiness = ReturnType<typeof createReadiness>;

export function createReadiness(deps: ReadinessDeps) {
  const { storage, directory, clock, settings, log } = deps;
  const drain = createDrain(deps);
  const own = newId();
  let driftAt = 0;
  let stopped = false;

  const lease = () => ({ id: own, until: clock.now() + LEASE });

  const set = (change: Parameters<typeof store.hold>[2]) =>
    storage.transaction(async (trx) => {
      if (!(await store.hold(trx, lease(), change))) throw new LeaseLost();
    });

  /** Until nobody is left who must be looked at. */
  async function look(walk: number, onProgress: (progress: Progress) => void): Promise<void> {
    for (let count = 0; !stopped; ) {
      const drained = await drain(lease(), walk);
      if (drained.is === 'lost') throw new LeaseLost();
      if (drained.is === 'unavailable') throw new Unavailable(drained.cause);
      count += drained.count;
      if (drained.count > 0) onProgress({ doing: 'look', done: count, left: await store.waiting(storage.db) });
      if (!drained.left) return;
    }
  }

  async function judgeAnew(from: string, walk: number): Promise<void> {
    for (let after: string | null = from; after !== null && !stopped; ) {
      const page = await rejudge(deps, lease(), after, walk);
      if (page === false) throw new LeaseLost();
      after = page.after;
    }
  }

  /** Meets everybody, looks at whoever changed, and asks after whoever was not met. */
  async function walkThrough(begun: store.ReadinessState, onProgress: (progress: Progress) => void): Promise<void> {
    const going = begun.walk_started_at !== null && begun.walk_ended_at === null;
    const walk = going ? begun.walk : begun.walk + 1;
    const readBefore = clock.now() - settings.rereadAfter;
    let met = 0;
    await set({
      walk,
      walk_started_at: going ? begun.walk_started_at : clock.now(),
      walk_ended_at: null,
      walk_listed: 0,
    });
    await directory.walk?.list(async (entries) => {
      met += entries.length;
      const page = entries.map(({ key, stamp }) => ({ accountId: accountId(directory.id, key), key, stamp }));
      await storage.transaction(async (trx) => {
        if (stopped || !(await store.hold(trx, lease(), { walk_listed: met }))) throw new LeaseLost();
        await store.listed(trx, page, { walk, readBefore });
      });
      onProgress({ doing: 'list', done: met, left: 0 });
    });
    await storage.transaction(async (trx) => {
      if (!(await store.hold(trx, lease()))) throw new LeaseLost();
      await store.markUnseen(trx, walk);
    });
    await look(walk, onProgress);
    if (!stopped) await set({ walk_ended_at: clock.now(), problem: null });
  }

  const isDue = ({ walk_started_at: started, walk_ended_at: ended }: store.ReadinessState): boolean =>
    started === null || ended === null || clock.now() - started >= settings.walkEvery;

  /** Everything that is due. `force`: a walk in any case. */
  async function work(options: { force?: boolean; onProgress?: (progress: Progress) => void } = {}): Promise<Worked> {
    const { force = false, onProgress = () => {} } = options;
    const begun = await store.claim(storage.db, { ...lease(), now: clock.now() });
    if (!begun) return { is: 'busy' };
    try {
      await storage.transaction((trx) => store.markDue(trx, clock.now()));
      await look(begun.walk, onProgress);
      if (begun.rules !== deps.fingerprint) await judgeAnew('', begun.walk);
      else if (begun.rules_after !== null) await judgeAnew(begun.rules_after, begun.walk);
      if (directory.walk && (force || isDue(begun))) await walkThrough(begun, onProgress);
      if (clock.now() - driftAt >= DRIFT_EVERY || force) {
        await storage.transaction((trx) => watchDrift(deps, trx));
        deps.outbox.nudge();
        driftAt = clock.now();
      }
      return { is: 'done' };
    } catch (error) {
      if (error instanceof LeaseLost) return { is: 'busy' };
      const cause = error instanceof Error ? error.message : String(error);
      await storage.transaction((trx) => store.hold(trx, lease(), { problem: cause })).catch(() => false);
      if (!(error instanceof Unavailable))
        log.warn({ err: error }, 'Readiness could not be brought up to date; it will be tried again.');
      return { is: 'unavailable', cause };
    } finally {
      await store.letGo(storage.db, own).catch(() => undefined);
    }
  }

  return {
    work,
    /** @returns how to end it. */
    begin(): () => Promise<void> {
      stopped = false;
      let working: Promise<unknown> | undefined;
      const timer = setInterval(() => {
        working ??= work()
          .catch((error) => log.warn({ err: error }, 'Readiness waits for the database.'))
          .finally(() => {
            working = undefined;
          });
      }, EVERY);
      timer.unref();
      return async () => {
        stopped = true;
        clearInterval(timer);
        await working;
      };
    },
  };
}

class Unavailable extends Error {}
