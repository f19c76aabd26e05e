/**
 * "It wasn't me": the one-use value of a notice stops every recovery of that account, ends its journeys and sessions, opens an
 * incident and tells everybody who must know. It never takes anything away for good: an operator thaws the account.
 */
import type { JsonObject } from '../../kernel/json.ts';
import { StaleWrite } from '../../storage/failure.ts';
import * as people from '../../storage/repositories/people.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import { openIncident } from '../incident.ts';
import { notices, STOP } from '../notices.ts';

export type Stopped =
  | { is: 'stopped' }
  /** The value was used before: everything it could do is done. */
  | { is: 'stopped-before' }
  /** No such value, or it ran out. */
  | { is: 'unknown' };

export type StopService = ReturnType<typeof createStopService>;

const text = (data: JsonObject, name: string): string => String(data[name] ?? '');

export function createStopService(deps: FlowDeps) {
  const { storage, tickets, flows, sessions, authenticators, clock } = deps;

  return {
    async stop(token: string, origin: Origin): Promise<Stopped> {
      const now = clock.now();
      const ticket = await tickets.findByToken(storage.db, STOP, token, now);
      if (!ticket) return { is: 'unknown' };
      if (ticket.usedAt !== undefined) return { is: 'stopped-before' };
      const { accountId, data } = ticket;
      const who = { id: accountId, directory: text(data, 'directory'), key: text(data, 'key') };
      const reason = `The person pressed "It wasn't me" in a message (${text(data, 'template')}).`;
      const own = await authenticators.list(storage.db, accountId);
      const person = { ...who, displayName: text(data, 'displayName'), language: text(data, 'language') };
      const told = notices(own, 'frozen-notice', person, now, { ip: origin.ip });
      try {
        await storage.transaction(async (trx) => {
          await tickets.use(trx, ticket.id, now);
          await people.freeze(trx, who, reason, now);
          await flows.endOthers(trx, accountId, undefined, now);
          const ended = await sessions.endAll(trx, accountId, now);
          await openIncident(deps, trx, { accountId, kind: 'not-me', says: reason, ip: origin.ip });
          await commitEffects(deps, trx, told.effects, [
            {
              event: 'recovery.frozen',
              outcome: 'success',
              actor: 'anonymous',
              subject: accountId,
              ip: origin.ip,
              reason,
              detail: { sessionsEnded: ended },
            },
          ]);
        });
      } catch (error) {
        if (error instanceof StaleWrite) return { is: 'stopped-before' };
        throw error;
      }
      deps.outbox.nudge();
      return { is: 'stopped' };
    },
  };
}
