/**
 * Erases people some time after they left the directory. Twice the directory has to say that somebody is gone: when they are put on
 * the list, and before they are erased. A directory that is away, half a walk, or too many missing at once erase nobody.
 */
import type { FlowDeps } from '../flow/deps.ts';
import { openIncident } from '../flow/incident.ts';
import { days, minutes } from '../kernel/clock.ts';
import { createLanes } from '../kernel/lanes.ts';
import { newId } from '../kernel/random.ts';
import * as store from '../storage/repositories/privacy.ts';
import { state as readinessState } from '../storage/repositories/readiness.ts';
import { erasePerson } from './erase.ts';

export interface LeavingSettings {
  erase: boolean;
  /** ms */
  after: number;
  /** 0 to 1 */
  atMost: number;
}

export type Looked =
  /** `missing`: on the list; `erased`: in this run. */
  | { is: 'done'; known: number; missing: number; erased: number }
  | { is: 'off' }
  /** Another node is at it. */
  | { is: 'busy' }
  /** The directory was not walked through to its end lately. */
  | { is: 'too-early' }
  | { is: 'unavailable'; cause: string }
  /** Too many: nobody was erased, operators were told. */
  | { is: 'held'; known: number; missing: number };

/** How the last look ended. */
export type LeaversState = store.PrivacyState;

const PAGE = 1_000;
const LEASE = minutes(5);
/** So few may leave at once in any house. */
const FEWEST = 20;
/** Leaves most of the connections to people who are recovering. */
const AT_ONCE = 3;
const TELL_EVERY = days(1);

type Deps = Pick<FlowDeps, 'storage' | 'directory' | 'audit' | 'clock' | 'alerts' | 'outbox' | 'log'>;

class LeaseLost extends Error {}
class Unavailable extends Error {}

export function createLeavers(deps: Deps, settings: LeavingSettings) {
  const { storage, directory, audit, clock } = deps;
  const own = newId();
  const lease = () => ({ id: own, until: clock.now() + LEASE });

  /** Everybody, page by page. */
  async function census() {
    let known = 0;
    const missing: store.KnownPerson[] = [];
    for (let after = ''; ; ) {
      const page = await store.knownPeople(storage.db, after, PAGE);
      known += page.length;
      missing.push(...page.filter(({ listed }) => !listed));
      const back = page.filter(({ listed, missedAt }) => listed && missedAt !== undefined);
      await store.unmiss(
        storage.db,
        back.map(({ accountId }) => accountId),
      );
      if (!(await store.hold(storage.db, lease()))) throw new LeaseLost();
      const last = page.at(-1);
      if (!last || page.length < PAGE) return { known, missing };
      after = last.accountId;
    }
  }

  async function held(state: store.PrivacyState, known: number, missing: number): Promise<Looked> {
    const now = clock.now();
    const tell = state.told_at === null || now - state.told_at >= TELL_EVERY;
    const set = { looked_at: now, known, missing, held_at: state.held_at ?? now, told_at: tell ? now : state.told_at };
    await storage.transaction(async (trx) => {
      if (!(await store.hold(trx, lease(), set))) throw new LeaseLost();
      if (!tell) return;
      await openIncident(deps, trx, {
        accountId: '',
        kind: 'erasure',
        says: `${missing} of ${known} known people are missing in the directory. It looks like a fault, so nobody is erased. If they have really left, say so: sparekey privacy run --accept-leavers`,
      });
    });
    deps.outbox.nudge();
    return { is: 'held', known, missing };
  }

  /** @returns whether they were erased. */
  async function attend({ accountId, key, missedAt }: store.KnownPerson): Promise<boolean> {
    const found = await directory.load(key);
    if (found.is === 'unavailable') throw new Unavailable(found.cause);
    const now = clock.now();
    const gone = found.is === 'none';
    const due = gone && now - (missedAt ?? now) >= settings.after;
    return storage.transaction(async (trx) => {
      if (!(await store.hold(trx, lease()))) throw new LeaseLost();
      if (!gone) {
        await store.unmiss(trx, [accountId]);
        return false;
      }
      if (missedAt === undefined) {
        await store.missed(trx, accountId, now);
        await audit.append(trx, { event: 'person.missing', outcome: 'success', actor: 'system', subject: accountId });
      }
      if (!due) return false;
      const by = { actor: 'system', reason: 'No longer in the directory.' };
      return (await erasePerson(audit, trx, { accountId, by })) !== undefined;
    });
  }

  async function look(state: store.PrivacyState): Promise<Looked> {
    const walked = await readinessState(storage.db);
    if (!walked?.walk_ended_at || walked.problem !== null) return { is: 'too-early' };
    const { known, missing } = await census();
    const most = Math.max(FEWEST, known * settings.atMost, state.accepted);
    if (missing.length > most) return held(state, known, missing.length);
    const lane = createLanes(AT_ONCE);
    const erased = await Promise.all(missing.map((one) => lane(() => attend(one))));
    const count = erased.filter(Boolean).length;
    const left = missing.length - count;
    const set = { looked_at: clock.now(), known: known - count, missing: left, held_at: null, told_at: null };
    const accepted = left === 0 ? { accepted: 0 } : {};
    if (!(await store.hold(storage.db, lease(), { ...set, ...accepted, problem: null }))) throw new LeaseLost();
    return { is: 'done', known: known - count, missing: left, erased: count };
  }

  return {
    async work(): Promise<Looked> {
      if (!settings.erase) return { is: 'off' };
      const state = await store.claim(storage.db, { ...lease(), now: clock.now() });
      if (!state) return { is: 'busy' };
      try {
        return await look(state);
      } catch (error) {
        if (error instanceof LeaseLost) return { is: 'busy' };
        if (!(error instanceof Unavailable)) throw error;
        await store.hold(storage.db, lease(), { problem: error.message });
        return { is: 'unavailable', cause: error.message };
      } finally {
        await store.letGo(storage.db, own).catch(() => undefined);
      }
    },

    /** Those who are missing have really left: the next runs erase them. */
    async accept(by: { actor: string; ip?: string }): Promise<number> {
      const state = await store.state(storage.db);
      const missing = state?.held_at == null ? 0 : Number(state.missing);
      if (missing === 0) return 0;
      await storage.transaction(async (trx) => {
        await store.accept(trx, missing);
        await audit.append(trx, {
          event: 'privacy.leavers-accepted',
          outcome: 'success',
          ...by,
          detail: { missing, known: Number(state?.known ?? 0) },
        });
      });
      return missing;
    },

    state: () => store.state(storage.db),
  };
}

export type Leavers = ReturnType<typeof createLeavers>;
