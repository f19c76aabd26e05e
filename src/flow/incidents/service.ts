/**
 * Suspicious activity for those who look into it: what happened around it, and what can be done. Every act needs a sentence that
 * says why; it goes into the audit with the act. The person is told of a stop at all confirmed contacts.
 */
import type { AuditEntry } from '../../audit/read.ts';
import { readAudit } from '../../audit/read.ts';
import type { Account } from '../../kernel/account.ts';
import { days } from '../../kernel/clock.ts';
import { inScope } from '../../staff/scope.ts';
import { actorOf, type Staff } from '../../staff/staff.ts';
import * as incidents from '../../storage/repositories/incidents.ts';
import * as people from '../../storage/repositories/people.ts';
import type { Trx } from '../../storage/storage.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps } from '../deps.ts';
import { mailLanguage } from '../mail-language.ts';
import { notices } from '../notices.ts';

export const ACTS = ['close', 'freeze', 'thaw', 'end-sessions', 'watch'] as const;
export type Act = (typeof ACTS)[number];

export interface Dossier {
  incident: incidents.Incident;
  /** Gone from the directory, or it can't be asked now: undefined. */
  account: Account | undefined;
  frozenAt: number | undefined;
  watchedUntil: number | undefined;
  sessions: number;
  /** Newest first. */
  timeline: AuditEntry[];
}

/** Long enough that whoever tries again next week meets it. */
const WATCH = days(30);
const TIMELINE = 50;

export type IncidentService = ReturnType<typeof createIncidentService>;

export function createIncidentService(deps: FlowDeps) {
  const { storage, directory, sessions, flows, authenticators, clock } = deps;

  const accountOf = async (accountId: string): Promise<Account | undefined> => {
    const known = await people.find(storage.db, accountId);
    const found = known && (await directory.load(known.directoryKey));
    return found?.is === 'found' ? found.account : undefined;
  };

  /** Whoever has a scope sees incidents of people inside it only; those of nobody belong to whoever sees everybody. */
  const visible = (staff: Staff, account: Account | undefined): boolean =>
    staff.scope.is === 'everybody' || (account !== undefined && inScope(staff, account));

  const record = (staff: Staff, incident: incidents.Incident, reason: string, ip: string) =>
    ({ outcome: 'success', actor: actorOf(staff), subject: incident.accountId, ip, reason }) as const;

  return {
    list: (filter: { open: boolean; before?: number; limit: number }): Promise<incidents.Incident[]> =>
      incidents.list(storage.db, { ...filter, ...(filter.open ? { open: true } : {}) }),

    async find(staff: Staff, id: string): Promise<Dossier | undefined> {
      const incident = await incidents.find(storage.db, id);
      if (!incident) return undefined;
      const account = await accountOf(incident.accountId);
      if (!visible(staff, account)) return undefined;
      const known = await people.find(storage.db, incident.accountId);
      return {
        incident,
        account,
        frozenAt: known?.frozenAt,
        watchedUntil: known?.watchedUntil,
        sessions: (await sessions.list(storage.db, incident.accountId, clock.now())).length,
        timeline: await readAudit(storage.db, { subject: incident.accountId, limit: TIMELINE }),
      };
    },

    /** @returns false when there was nothing to do: somebody else was quicker. */
    async act(staff: Staff, { incident, account }: Dossier, act: Act, reason: string, ip: string): Promise<boolean> {
      const now = clock.now();
      const { accountId } = incident;
      const known = await people.find(storage.db, accountId);
      const who = known && { id: accountId, directory: known.directory, key: known.directoryKey };
      const own = account ? await authenticators.list(storage.db, accountId) : [];
      const told =
        account && act === 'freeze'
          ? notices(
              own,
              'frozen-notice',
              { ...account, language: mailLanguage(deps.languages, account, deps.alerts.language) },
              now,
              {},
            )
          : undefined;
      const does: Record<Act, (trx: Trx) => Promise<boolean>> = {
        close: (trx) => incidents.close(trx, incident.id, actorOf(staff), now),
        freeze: async (trx) => {
          if (!who || known.frozenAt !== undefined) return false;
          await people.freeze(trx, who, reason, now);
          await flows.endOthers(trx, accountId, undefined, now);
          return true;
        },
        thaw: (trx) => people.thaw(trx, accountId),
        'end-sessions': async (trx) => (await sessions.endAll(trx, accountId, now)) > 0,
        watch: async (trx) => {
          if (!who) return false;
          await people.watch(trx, who, now + WATCH);
          return true;
        },
      };
      const events = {
        close: 'incident.closed',
        freeze: 'recovery.frozen',
        thaw: 'recovery.thawed',
        'end-sessions': 'session.ended',
        watch: 'incident.watched',
      } as const;
      const done = await storage.transaction(async (trx) => {
        if (!(await does[act](trx))) return false;
        await commitEffects(deps, trx, told?.effects ?? [], [
          { event: events[act], ...record(staff, incident, reason, ip), detail: { incident: incident.id } },
        ]);
        return true;
      });
      deps.outbox.nudge();
      return done;
    },
  };
}
