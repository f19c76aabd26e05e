/** What a person may see of themself: where they are signed in, and what happened lately. */
import { readAudit } from '../../audit/read.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import type { Person } from '../enrolment/service.ts';

export interface OwnSession {
  id: string;
  createdAt: number;
  seenAt: number;
  userAgent: string;
  /** The one that asks. */
  present: boolean;
}

export interface OwnEvent {
  event: string;
  outcome: string;
  /** ms */
  at: number;
  ip: string | undefined;
  method: string | undefined;
}

export type OwnDataService = ReturnType<typeof createOwnDataService>;

/** Steps on the way that say nothing new to the person. */
const QUIET = /\.(challenged|completed|held|started|cancelled|expired|begun|failed)$/;

export function createOwnDataService(deps: FlowDeps) {
  const { storage, sessions, clock, audit } = deps;

  const events = async (accountId: string, limit: number): Promise<OwnEvent[]> =>
    (await readAudit(storage.db, { subject: accountId, limit })).map(({ event, outcome, at, ip, method }) => ({
      event,
      outcome,
      at: Date.parse(at),
      ip,
      method,
    }));

  return {
    async sessions({ account, session }: Person): Promise<OwnSession[]> {
      const list = await sessions.list(storage.db, account.id, clock.now());
      return list
        .filter(({ seenAt }) => clock.now() <= seenAt + deps.lifetimes.sessionIdle)
        .map(({ id, createdAt, seenAt, userAgent }) => ({
          id,
          createdAt,
          seenAt,
          userAgent,
          present: id === session.id,
        }));
    },

    /** What matters of what happened, newest first. */
    async activity({ account }: Person, most: number): Promise<OwnEvent[]> {
      const found = await events(account.id, most * 8);
      return found.filter(({ event }) => !QUIET.test(event)).slice(0, most);
    },

    /** Ends one session, or all but the present one. */
    async endSessions({ account, token }: Person, id: string | undefined, { ip }: Origin): Promise<void> {
      const now = clock.now();
      await storage.transaction(async (trx) => {
        if (id === undefined) await sessions.endAll(trx, account.id, now, token);
        else if (!(await sessions.endOne(trx, account.id, id, now))) return;
        await audit.append(trx, {
          event: 'session.ended',
          outcome: 'success',
          actor: account.id,
          subject: account.id,
          ip,
          reason: 'Ended by the person.',
        });
      });
    },
  };
}
