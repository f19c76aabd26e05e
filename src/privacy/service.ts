/**
 * What operators do about somebody's data: see how much there is, give it out, erase it. Whoever is still in the directory is told
 * of an erasure at all contacts; where helpers need a second person, so does this.
 */
import { type Acts, secondNeeded } from '../flow/assisted/acts.ts';
import type { FlowDeps } from '../flow/deps.ts';
import type { Account } from '../kernel/account.ts';
import { days } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';
import { inScope } from '../staff/scope.ts';
import type { Staff } from '../staff/staff.ts';
import { countOf, deletedSince, isBusy } from '../storage/repositories/privacy.ts';
import { dataClasses } from './data-classes.ts';
import { erasePerson } from './erase.ts';
import type { Leavers } from './leavers.ts';
import { personFile } from './person-file.ts';
import { dayOf } from './sweep.ts';

export interface Subject {
  accountId: string;
  /** Absent: gone from the directory. */
  account: Account | undefined;
  /** Rows by class; those without any are absent. Counted up to a thousand. */
  kept: { id: string; rows: number }[];
}

export type Sought = { is: 'found'; subject: Subject } | { is: 'none' } | { is: 'unavailable'; cause: string };

export interface EraseBy {
  /** For the audit. */
  actor: string;
  /** As the person knows them. */
  helper: string;
  reason: string;
  /** Who agreed. */
  second?: string | undefined;
  ip?: string | undefined;
}

export type Erased =
  | { is: 'erased'; rows: number; told: string[] }
  /** Somebody else has to agree. `cause`: why. */
  | { is: 'second-needed'; cause: string }
  /** A password is being written just now. */
  | { is: 'busy' }
  | { is: 'refused'; cause: string };

const MOST = 1_000;
const LATELY = days(30);

export type PrivacyService = ReturnType<typeof createPrivacyService>;

export function createPrivacyService(flow: FlowDeps, acts: Acts, leavers: Leavers) {
  const { storage, directory, audit, clock } = flow;

  async function keptOf(accountId: string): Promise<Subject['kept']> {
    const kept: Subject['kept'] = [];
    for (const { id, people } of dataClasses) {
      let rows = 0;
      for (const one of people) rows += await countOf(storage.db, one, accountId, MOST);
      if (rows > 0) kept.push({ id, rows });
    }
    return kept;
  }

  const everybody = (staff: Staff | undefined): boolean => staff === undefined || staff.scope.is === 'everybody';

  return {
    leavers,

    /** Rows that were deleted by age in the last thirty days, by class. */
    deletedLately: () => deletedSince(storage.db, dayOf(clock.now() - LATELY)),

    /** `who`: what the directory finds, or the account id of somebody who has left. `staff` undefined: the command line. */
    async find(staff: Staff | undefined, who: string): Promise<Sought> {
      const found = await directory.find(who);
      if (found.is === 'unavailable') return found;
      if (found.is === 'found') {
        const { account } = found;
        if (staff && !inScope(staff, account)) return { is: 'none' };
        return { is: 'found', subject: { accountId: account.id, account, kept: await keptOf(account.id) } };
      }
      const kept = everybody(staff) ? await keptOf(who) : [];
      return kept.length === 0
        ? { is: 'none' }
        : { is: 'found', subject: { accountId: who, account: undefined, kept } };
    },

    /** Everything, as a file. */
    async file(
      { accountId, account }: Pick<Subject, 'accountId' | 'account'>,
      by: { actor: string; ip?: string },
    ): Promise<JsonObject> {
      const file = await personFile(flow, accountId, account);
      await storage.transaction((trx) =>
        audit.append(trx, { event: 'data.exported', outcome: 'success', subject: accountId, ...by }),
      );
      return file;
    },

    async erase({ accountId, account }: Pick<Subject, 'accountId' | 'account'>, by: EraseBy): Promise<Erased> {
      const { actor, helper, reason, second, ip } = by;
      if (await isBusy(storage.db, accountId)) return { is: 'busy' };
      let told: string[] = [];
      if (account) {
        const needed = await secondNeeded(flow, account);
        if (needed !== undefined && !second?.trim()) return { is: 'second-needed', cause: needed };
        // Takes the ways away and tells the person, while there still is somewhere to tell them.
        const cleared = await acts.run('clear', account, { actor, helper, reason, second, ip });
        if (cleared.is === 'refused') return cleared;
        told = cleared.told;
      }
      const from = ip === undefined ? {} : { ip };
      const rows = await storage.transaction((trx) =>
        erasePerson(audit, trx, { accountId, key: account?.key, by: { actor, reason, ...from } }),
      );
      return rows === undefined ? { is: 'busy' } : { is: 'erased', rows, told };
    },
  };
}
