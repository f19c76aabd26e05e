/** What people, helpers and operators see of the connected systems, and what an operator can do about them. */
import type { Found } from '../connectors/connector.ts';
import type { Account } from '../kernel/account.ts';
import { newId } from '../kernel/random.ts';
import * as spreads from '../storage/repositories/spreads.ts';
import * as health from '../storage/repositories/systems.ts';
import { enqueueLook } from './deliver.ts';
import type { SpreadDeps } from './deps.ts';
import { personOf } from './system.ts';

/** How one system stands with one person. */
export interface SystemState {
  system: string;
  label: string;
  action: spreads.Spread['action'];
  /** `waiting`: on its way. `retrying`: tried in vain so far. `failed`: given up. */
  is: 'done' | 'no-account' | 'waiting' | 'retrying' | 'failed';
  at: number;
  /** For helpers and operators: why it is not done yet. */
  cause: string | undefined;
}

export interface SystemOverview {
  id: string;
  label: string;
  is: 'working' | 'failing' | 'paused';
  waiting: number;
  /** Given up, of the accounts as they stand now. */
  failed: number;
  /** ms; since when the longest waiting one waits. */
  oldest: number | undefined;
  /** Failures in a row. */
  failures: number;
  /** ms; nothing is tried before. */
  resumesAt: number | undefined;
  pausedBy: string | undefined;
  deliveredAt: number | undefined;
  failedAt: number | undefined;
  /** Of the last failure. */
  cause: string | undefined;
}

export type Preview = { system: string; label: string } & (
  | { is: 'not-theirs' }
  | { is: 'taken-on-trust'; link: string }
  | ({ link: string } & Found)
);

/** Enough for every person of a system that was down for a day; the rest is woken by the upkeep. */
const AT_ONCE = 10_000;

export function createOperation(deps: SpreadDeps) {
  const { storage, clock, audit, systems } = deps;

  const stateOf = (row: spreads.SpreadTarget): SystemState => ({
    system: row.system,
    label: systems.get(row.system)?.label ?? row.system,
    action: row.action,
    is:
      row.state === 'waiting'
        ? row.attempt > 0 && row.reason !== null
          ? 'retrying'
          : 'waiting'
        : row.state === 'rejected' || row.state === 'late'
          ? 'failed'
          : row.state,
    at: row.changed_at,
    cause: row.reason ?? undefined,
  });

  const wake = async (rows: readonly spreads.SpreadTarget[]): Promise<number> => {
    let woken = 0;
    for (const row of rows)
      await storage.transaction(async (trx) => {
        const spread = await spreads.find(trx, row.spread_id);
        if (spread?.state !== 'released' || clock.now() >= spread.deadline) return;
        if (!(await spreads.rouse(trx, row, clock.now()))) return;
        await enqueueLook(deps, trx, spread, row.system);
        woken += 1;
      });
    deps.outbox.nudge();
    return woken;
  };

  const note = (event: 'system.paused' | 'system.retried', by: string, system: string, reason: string): Promise<void> =>
    storage.transaction((trx) =>
      audit.append(trx, { event, outcome: 'success', actor: by, reason, detail: { system, id: newId() } }),
    );

  return {
    /** In the order of the configuration. */
    async states(accountId: string): Promise<SystemState[]> {
      const rows = await spreads.ofAccount(storage.db, accountId);
      const order = [...systems.keys()];
      return rows.map(stateOf).sort((a, b) => order.indexOf(a.system) - order.indexOf(b.system));
    },

    /** What each system would be told of this person. Changes nothing. */
    preview: (account: Account): Promise<Preview[]> =>
      Promise.all(
        [...systems.values()].map(async (system): Promise<Preview> => {
          const { id, label, connector } = system;
          const person = personOf(system, account);
          if (!person) return { system: id, label, is: 'not-theirs' };
          if (!connector.can.find) return { system: id, label, is: 'taken-on-trust', link: person.link };
          return { system: id, label, link: person.link, ...(await connector.find(person)) };
        }),
      ),

    async overview(): Promise<SystemOverview[]> {
      const counts = await spreads.countByState(storage.db);
      const now = clock.now();
      return Promise.all(
        [...systems.values()].map(async ({ id, label }): Promise<SystemOverview> => {
          const known = await health.read(storage.db, id);
          const own = counts.filter(({ system }) => system === id);
          const count = (...states: string[]) =>
            own.filter(({ state }) => states.includes(state)).reduce((sum, one) => sum + one.count, 0);
          return {
            id,
            label,
            is: known.paused_at !== null ? 'paused' : known.failures > 0 ? 'failing' : 'working',
            waiting: count('waiting'),
            failed: count('rejected', 'late'),
            oldest: own.find(({ state }) => state === 'waiting')?.oldest,
            failures: known.failures,
            resumesAt: known.open_until > now ? known.open_until : undefined,
            pausedBy: known.paused_by ?? undefined,
            deliveredAt: known.delivered_at ?? undefined,
            failedAt: known.failed_at ?? undefined,
            cause: known.cause ?? undefined,
          };
        }),
      );
    },

    /** The newest that were given up, with their reasons. */
    async failures(system: string | undefined, limit: number): Promise<(SystemState & { accountId: string })[]> {
      const rows = await spreads.failed(storage.db, system, limit);
      return rows.map((row) => ({ ...stateOf(row), accountId: row.account_id }));
    },

    /** For maintenance: what comes meanwhile waits, at most until its deadline. */
    async pause(system: string, by: string): Promise<void> {
      await health.write(storage.db, system, { paused_at: clock.now(), paused_by: by });
      await note('system.paused', by, system, 'Paused.');
    },

    /** @returns how many are tried at once. */
    async resume(system: string, by: string): Promise<number> {
      await health.write(storage.db, system, { paused_at: null, paused_by: null, failures: 0, open_until: 0 });
      await note('system.paused', by, system, 'Resumed.');
      return wake(await spreads.waiting(storage.db, { system, limit: AT_ONCE }));
    },

    /** Tries again what waits or was given up, as long as its password is still there. @returns how many. */
    async retry(filter: { system?: string; accountId?: string }, by: string): Promise<number> {
      const { system, accountId } = filter;
      const rows =
        accountId === undefined
          ? [
              ...(await spreads.failed(storage.db, system, AT_ONCE)),
              ...(await spreads.waiting(storage.db, { ...(system === undefined ? {} : { system }), limit: AT_ONCE })),
            ]
          : (await spreads.ofAccount(storage.db, accountId)).filter(
              (row) => (system === undefined || row.system === system) && !['done', 'no-account'].includes(row.state),
            );
      for (const id of new Set(rows.map((row) => row.system)))
        await health.write(storage.db, id, { failures: 0, open_until: 0 });
      const woken = await wake(rows);
      await note('system.retried', by, system ?? 'all', `${woken} tried again.`);
      return woken;
    },
  };
}
