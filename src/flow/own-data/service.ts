/** What a person may see of themself: where they are signed in, what happened lately, and everything that is kept, as a file. */
import { readAudit } from '../../audit/read.ts';
import type { JsonObject } from '../../kernel/json.ts';
import * as people from '../../storage/repositories/people.ts';
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
const ALL = 10_000;

export function createOwnDataService(deps: FlowDeps) {
  const { storage, sessions, authenticators, clock, audit } = deps;

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

    /** Everything that is kept about the person, without secrets: those are of no use to them and would be to a thief. */
    async everything(person: Person, { ip }: Origin): Promise<JsonObject> {
      const { account } = person;
      const own = await authenticators.list(storage.db, account.id);
      const known = await people.find(storage.db, account.id);
      const file: JsonObject = {
        account: {
          id: account.id,
          directory: account.directory,
          username: account.username,
          displayName: account.displayName,
          mail: account.mail,
          language: account.language ?? null,
          groups: account.groups,
        },
        enrolledAt: iso(known?.enrolledAt),
        confirmedAt: iso(known?.confirmedAt),
        recoveryStoppedAt: iso(known?.frozenAt),
        waysToVerify: own.map((one) => ({
          method: one.method,
          name: one.label,
          address: typeof one.data['address'] === 'string' ? one.data['address'] : null,
          number: typeof one.data['number'] === 'string' ? one.data['number'] : null,
          addedAt: iso(one.createdAt),
          lastUsedAt: iso(one.lastUsedAt),
          disabledAt: iso(one.disabledAt),
        })),
        sessions: (await this.sessions(person)).map(({ createdAt, seenAt, userAgent }) => ({
          createdAt: iso(createdAt),
          seenAt: iso(seenAt),
          userAgent,
        })),
        events: (await events(account.id, ALL)).map(({ at, ...event }) => ({
          ...event,
          ip: event.ip ?? null,
          method: event.method ?? null,
          at: iso(at),
        })),
      };
      await storage.transaction((trx) =>
        audit.append(trx, {
          event: 'data.exported',
          outcome: 'success',
          actor: account.id,
          subject: account.id,
          ip,
        }),
      );
      return file;
    },
  };
}

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
