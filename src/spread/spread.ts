/**
 * Brings what the directory took to the connected systems. `hold` seals the new password before the directory is asked, in
 * the transaction that says so; `release` lets it go, in the one that says that the directory took it. So a node may die at
 * any instant: either the password is there to be spread, or it never was in force.
 */
import type { Account } from '../kernel/account.ts';
import { days, minutes, seconds } from '../kernel/clock.ts';
import { newId } from '../kernel/random.ts';
import type { Secret } from '../kernel/secret.ts';
import * as spreads from '../storage/repositories/spreads.ts';
import type { Trx } from '../storage/storage.ts';
import { type Cargo, openCargo, sealCargo } from './cargo.ts';
import { createDelivery, DEADLINE, enqueueLook } from './deliver.ts';
import type { SpreadDeps, SpreadSettings } from './deps.ts';
import { createOperation } from './operation.ts';
import { personOf } from './system.ts';

export const SPREAD_DEFAULTS: SpreadSettings = {
  deadline: days(1),
  attemptMs: seconds(100),
  leaseMs: seconds(45),
  firstMs: seconds(2),
  longestMs: minutes(10),
  breaker: { failures: 5, firstMs: seconds(30), longestMs: minutes(10) },
};

/** Another write of the same account is under way: its order would be unknown. */
export class SpreadBusy extends Error {}

/** Nobody is at a write any more after this; its outcome is unknown still, but a newer password overtakes it in any case. */
const STALE = minutes(5);
/** A row that is due for so long was forgotten: its job died with too many nodes. */
const FORGOTTEN = minutes(1);

export type Spread = ReturnType<typeof createSpread>;

export function createSpread(deps: SpreadDeps) {
  const { storage, keyring, clock, systems, settings } = deps;

  const peopleOf = (account: Account, action: spreads.Spread['action']): Cargo['people'] =>
    Object.fromEntries(
      [...systems.values()].flatMap((system) => {
        const { can } = system.connector;
        const able = action === 'password' || (action === 'unlock' ? can.unlock : can.mustChange);
        const person = able ? personOf(system, account) : undefined;
        return person ? [[system.id, person]] : [];
      }),
    );

  const load = async (
    trx: Trx,
    account: Account,
    action: spreads.Spread['action'],
    secret: { password: Secret | undefined; mustChange: boolean },
  ): Promise<string | undefined> => {
    const people = peopleOf(account, action);
    if (Object.keys(people).length === 0) return undefined;
    const { displayName, directory, key, language = '' } = account;
    const id = newId();
    const sealed = sealCargo(keyring, id, { ...secret, people, whom: { displayName, directory, key, language } });
    const now = clock.now();
    await spreads.endStale(trx, account.id, now - STALE, now);
    const spread = { id, account_id: account.id, action, secret: sealed, created_at: now };
    if (!(await spreads.hold(trx, { ...spread, deadline: now + settings.deadline }))) throw new SpreadBusy();
    return id;
  };

  const release = async (trx: Trx, id: string): Promise<void> => {
    const spread = await spreads.find(trx, id);
    const cargo = spread && openCargo(keyring, spread);
    if (!cargo || spread.state !== 'held') return;
    const names = Object.keys(cargo.people);
    await spreads.release(trx, spread, names, clock.now());
    if (spread.action === 'password') await spreads.drop(trx, spread.account_id, 'must-change', clock.now());
    for (const name of names) await enqueueLook(deps, trx, spread, name);
    await deps.outbox.enqueue(trx, {
      kind: DEADLINE,
      payload: { spread: id },
      runAt: spread.deadline,
      expiresAt: spread.deadline + days(7),
    });
  };

  return {
    /** @returns undefined when the person has no connected system. @throws SpreadBusy */
    hold: (trx: Trx, account: Account, password: Secret): Promise<string | undefined> =>
      load(trx, account, 'password', { password, mustChange: false }),
    release,
    /** The directory did not take it. */
    drop: (trx: Trx, id: string): Promise<void> => spreads.end(trx, id, clock.now()),
    /** What is on its way, to ask the directory whether it took it. */
    async held(id: string): Promise<Secret | undefined> {
      const spread = await spreads.find(storage.db, id);
      return spread && openCargo(keyring, spread)?.password;
    },
    /** An unlock, or the demand for a new password, that the directory has carried out. */
    async order(trx: Trx, account: Account, action: 'unlock' | 'must-change'): Promise<void> {
      try {
        const id = await load(trx, account, action, { password: undefined, mustChange: false });
        if (id) await release(trx, id);
      } catch (error) {
        // A new password is under way: it opens the lock, and is the new one that was asked for.
        if (!(error instanceof SpreadBusy)) throw error;
      }
    },
    handlers: createDelivery(deps),
    ...createOperation(deps),
    /** Safety net of the upkeep. */
    async wakeForgotten(): Promise<void> {
      for (const row of await spreads.waiting(storage.db, { dueBefore: clock.now() - FORGOTTEN, limit: 200 })) {
        const spread = await spreads.find(storage.db, row.spread_id);
        if (spread?.state !== 'released' || !systems.has(row.system)) continue;
        await storage.transaction(async (trx) => {
          if (await spreads.rouse(trx, row, clock.now())) await enqueueLook(deps, trx, spread, row.system);
        });
      }
    },
  };
}
