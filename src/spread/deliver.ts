/**
 * One look at one system for one account. It is safe to call at any time, any number of times, on any node: the row says
 * whether there is something to do, and the lease that nobody else is at it. An older password never follows a newer one,
 * because the newer one replaces the row, and waits until an attempt that is under way has ended or its lease has run out.
 */
import type { Delivered, Order } from '../connectors/connector.ts';
import { hours } from '../kernel/clock.ts';
import { createLanes, type Lanes } from '../kernel/lanes.ts';
import { newId } from '../kernel/random.ts';
import { backOff } from '../outbox/back-off.ts';
import type { JobHandler } from '../outbox/outbox.ts';
import * as spreads from '../storage/repositories/spreads.ts';
import type { Trx } from '../storage/storage.ts';
import { createBreaker } from './breaker.ts';
import { type Cargo, openCargo } from './cargo.ts';
import type { SpreadDeps } from './deps.ts';
import type { ConnectedSystem } from './system.ts';

export const DELIVER = 'spread';
export const DEADLINE = 'spread-deadline';

const EVENTS = {
  password: 'system.password-set',
  unlock: 'system.unlocked',
  'must-change': 'system.must-change-set',
} as const;

const isDone = ({ state }: spreads.SpreadTarget): boolean => state === 'done' || state === 'no-account';

/** Every waiting row has a job that looks at it when it is due. */
export const enqueueLook = (
  { outbox, clock }: Pick<SpreadDeps, 'outbox' | 'clock'>,
  trx: Trx,
  { id, deadline }: Pick<spreads.Spread, 'id' | 'deadline'>,
  system: string,
  runAt = clock.now(),
): Promise<string> =>
  outbox.enqueue(trx, { kind: DELIVER, payload: { spread: id, system }, runAt, expiresAt: deadline + hours(1) });

const orderOf = (action: spreads.Spread['action'], { password, mustChange }: Cargo): Order => {
  if (action !== 'password') return { is: action };
  if (!password) throw new Error('A spread of a password holds none.');
  return { is: 'password', password, mustChange };
};

export function createDelivery(deps: SpreadDeps) {
  const { storage, keyring, clock, audit, systems, settings, random } = deps;
  const breaker = createBreaker(deps);
  const lanes = new Map<string, Lanes>(
    [...systems.values()].map(({ id, concurrency }) => [id, createLanes(concurrency)]),
  );

  const lookAgain = (spread: spreads.Spread, row: spreads.SpreadTarget, at: number): Promise<void> =>
    storage.transaction(async (trx) => {
      await spreads.update(trx, row, { due_at: at });
      await enqueueLook(deps, trx, spread, row.system, at);
    });

  const attempt = async (
    system: ConnectedSystem,
    order: Order,
    cargo: Cargo,
    row: spreads.SpreadTarget,
  ): Promise<Delivered> => {
    const person = cargo.people[system.id];
    if (!person) return { is: 'no-account' };
    let late: NodeJS.Timeout | undefined;
    const patience = new Promise<Delivered>((resolve) => {
      late = setTimeout(
        () => resolve({ is: 'retry', cause: 'No answer within the time limit of an attempt.', whole: true }),
        settings.attemptMs,
      );
    });
    const key = `${row.spread_id}:${system.id}`;
    try {
      return await Promise.race([
        system.connector.deliver(person, order, { idempotencyKey: key, number: row.attempt + 1 }),
        patience,
      ]);
    } catch (error) {
      return { is: 'retry', cause: error instanceof Error ? error.message : 'unknown error', whole: false };
    } finally {
      clearTimeout(late);
    }
  };

  const record = (
    trx: Trx,
    { account_id, system, action }: spreads.SpreadTarget,
    outcome: Delivered,
  ): Promise<void> => {
    const reason = 'cause' in outcome ? outcome.cause : outcome.is === 'delivered' ? outcome.warning : outcome.is;
    return audit.append(trx, {
      event: EVENTS[action],
      outcome: outcome.is === 'rejected' ? 'failure' : 'success',
      actor: 'system',
      subject: account_id,
      ...(reason ? { reason } : {}),
      detail: { system },
    });
  };

  /** The password is erased with the last system that took it; whoever waited for this one may go. */
  const onward = async (trx: Trx, spread: spreads.Spread, done: string): Promise<void> => {
    const rows = await spreads.targetsOf(trx, spread.id);
    if (rows.every(isDone)) return spreads.end(trx, spread.id, clock.now());
    for (const { system, state } of rows)
      if (state === 'waiting' && systems.get(system)?.after.includes(done))
        await enqueueLook(deps, trx, spread, system);
  };

  async function settle(
    spread: spreads.Spread,
    row: spreads.SpreadTarget,
    system: ConnectedSystem,
    lease: string,
    outcome: Delivered,
    cargo: Cargo,
  ): Promise<void> {
    const now = clock.now();
    await storage.transaction(async (trx) => {
      await spreads.lock(trx, spread.id);
      const held = await spreads.yieldLease(trx, row, lease);
      if (outcome.is !== 'retry' || !outcome.whole) await breaker.worked(trx, system.id);
      const current = await spreads.target(trx, row);
      if (!held || !current) return;
      if (current.spread_id !== spread.id) {
        // A newer one came meanwhile and waits for us.
        const newer = await spreads.find(trx, current.spread_id);
        if (newer && current.state === 'waiting') {
          await spreads.update(trx, current, { due_at: now });
          await enqueueLook(deps, trx, newer, system.id);
        }
        return;
      }
      if (outcome.is === 'retry') {
        const pause = outcome.after ?? backOff({ attempts: 0, ...settings }, current.attempt, random());
        const open = outcome.whole ? await breaker.failed(trx, system.id, outcome.cause) : 0;
        const at = Math.max(now + pause, open);
        await spreads.update(trx, row, { due_at: at, reason: outcome.cause, changed_at: now });
        await enqueueLook(deps, trx, spread, system.id, at);
        return;
      }
      const state = outcome.is === 'delivered' ? 'done' : outcome.is;
      const reason = outcome.is === 'rejected' ? [outcome.cause, outcome.hint].filter(Boolean).join(' ') : null;
      await spreads.update(trx, row, { state, reason, changed_at: now });
      if (outcome.is === 'rejected') {
        deps.log.warn({ account: row.account_id, system: system.id, cause: reason }, 'A system refused for good.');
        if (row.action === 'password') await deps.tellFailure(trx, row.account_id, cargo.whom, system.label);
      } else await onward(trx, spread, system.id);
      await record(trx, row, outcome);
    });
    deps.outbox.nudge();
  }

  /** ms; when to look again. `settled`: whoever ends the obstacle sees to that. Undefined: nothing is in the way. */
  async function obstacle(row: spreads.SpreadTarget, system: ConnectedSystem): Promise<number | 'settled' | undefined> {
    const now = clock.now();
    if (row.due_at > now) return 'settled';
    // Its holder may be dead.
    if (row.lease_until > now) return row.lease_until;
    const others = await spreads.targetsOf(storage.db, row.spread_id);
    if (others.some((other) => system.after.includes(other.system) && !isDone(other))) return 'settled';
    const gate = await breaker.ask(system.id);
    if (gate.is === 'paused') return 'settled';
    // Not all at once when the pause is over.
    return gate.is === 'closed' ? gate.until + Math.round(random() * settings.firstMs) : undefined;
  }

  const look: JobHandler = async ({ payload }) => {
    const system = systems.get(String(payload['system']));
    const spread = await spreads.find(storage.db, String(payload['spread']));
    if (!system || spread?.state !== 'released' || clock.now() >= spread.deadline) return { is: 'done' };
    const key = { account_id: spread.account_id, system: system.id, action: spread.action };
    return (lanes.get(system.id) as Lanes)(async () => {
      const row = await spreads.target(storage.db, key);
      if (row?.spread_id !== spread.id || row.state !== 'waiting') return { is: 'done' };
      const wait = await obstacle(row, system);
      if (wait === 'settled') return { is: 'done' };
      if (wait !== undefined) {
        await lookAgain(spread, row, wait);
        return { is: 'done' };
      }
      const cargo = openCargo(keyring, spread);
      if (!cargo) return { is: 'done' };
      const now = clock.now();
      const lease = newId();
      const until = now + settings.leaseMs;
      if (!(await spreads.claim(storage.db, row, { id: lease, now, until }))) {
        await lookAgain(spread, row, until);
        return { is: 'done' };
      }
      // A failed renewal needs no answer: then the lease runs out, and what comes of this attempt counts for nothing.
      const renewing = setInterval(
        () => spreads.renew(storage.db, row, lease, clock.now() + settings.leaseMs).catch(() => {}),
        settings.leaseMs / 3,
      );
      try {
        const outcome = await attempt(system, orderOf(spread.action, cargo), cargo, row);
        await settle(spread, row, system, lease, outcome, cargo);
      } finally {
        clearInterval(renewing);
      }
      return { is: 'done' };
    });
  };

  /** What is not done by now is given up, and the password is erased. */
  const deadline: JobHandler = async ({ payload }) => {
    await storage.transaction(async (trx) => {
      const spread = await spreads.find(trx, String(payload['spread']));
      if (spread?.state !== 'released') return;
      const now = clock.now();
      const cargo = openCargo(keyring, spread);
      for (const row of await spreads.targetsOf(trx, spread.id)) {
        if (row.state !== 'waiting') continue;
        const reason = row.reason ?? 'It never got its turn.';
        await spreads.update(trx, row, { state: 'late', reason, changed_at: now });
        const label = systems.get(row.system)?.label ?? row.system;
        if (cargo && row.action === 'password') await deps.tellFailure(trx, row.account_id, cargo.whom, label);
        await record(trx, row, { is: 'rejected', cause: `Too late: ${reason}` });
      }
      await spreads.end(trx, spread.id, now);
    });
    deps.outbox.nudge();
    return { is: 'done' };
  };

  return { [DELIVER]: look, [DEADLINE]: deadline } satisfies Record<string, JobHandler>;
}
