/**
 * What a contact does: looks at the request, types the number that the person tells them, or says no. A request is answered
 * once; number and refusal are counted in the database before they are looked at; both sides are told afterwards.
 */
import type { AuditRecord } from '../../audit/audit.ts';
import type { Account } from '../../kernel/account.ts';
import { days } from '../../kernel/clock.ts';
import type { Effect } from '../../kernel/effect.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { sameText } from '../../kernel/keyring.ts';
import { newId } from '../../kernel/random.ts';
import { readDigits } from '../../methods/code.ts';
import {
  APPROVAL,
  type ApprovalRequest,
  CONSENT,
  type ConsentRequest,
  type ContactAnswer,
  type ContactRequest,
  numberMac,
} from '../../methods/contact-approval/request.ts';
import { StaleWrite } from '../../storage/failure.ts';
import * as people from '../../storage/repositories/people.ts';
import type { Ticket } from '../../storage/repositories/tickets.ts';
import type { Trx } from '../../storage/storage.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import { settlingOf } from '../enrolment/settling.ts';
import { openIncident } from '../incident.ts';
import type { JourneyStore } from '../journey/store.ts';
import { notices, type Told } from '../notices.ts';

/** Who answers, where they are signed in to the portal. */
export interface Answering {
  account: Account;
  /** The proof is recent enough for something important. */
  fresh: boolean;
}

export type Opened =
  | { is: 'asked'; request: ContactRequest; practice: boolean }
  /** Only for the person of the directory who was asked: they have to sign in (again). */
  | { is: 'sign-in'; again: boolean }
  /** That is the very person whom it is about, or somebody else than the one who was asked. */
  | { is: 'not-you' }
  /** Answered already, too late, or no longer needed. */
  | { is: 'over' };

export type Answered =
  | { is: 'given' | 'agreed' | 'refused' }
  | { is: 'wrong-number'; triesLeft: number }
  /** The last try was wrong: it is void, and the person was told. */
  | { is: 'void' }
  | Exclude<Opened, { is: 'asked' }>;

const METHOD = 'contact-approval';

export type ApprovalService = ReturnType<typeof createApprovalService>;

export function createApprovalService(deps: FlowDeps, journeys: JourneyStore) {
  const { storage, tickets, clock, throttle, keyring } = deps;

  const ticketOf = async (token: string): Promise<Ticket | undefined> => {
    const now = clock.now();
    return (
      (await tickets.findByToken(storage.db, APPROVAL, token, now)) ??
      (await tickets.findByToken(storage.db, CONSENT, token, now))
    );
  };

  /** The journey that waits for exactly this request. */
  const waiting = async ({ flow, challenge }: ApprovalRequest) => {
    const journey = (await journeys.loadById(flow))?.journey;
    const { state } = journey ?? {};
    return state?.at === 'answering' && state.challenge === challenge ? journey : undefined;
  };

  const find = async (token: string, by: Answering | undefined) => {
    const ticket = await ticketOf(token);
    if (!ticket || ticket.usedAt !== undefined || ticket.answer !== undefined) return { is: 'over' } as const;
    const request = ticket.data as unknown as ContactRequest;
    const journey = request.kind === 'approval' ? await waiting(request) : undefined;
    if (request.kind === 'approval' && !journey) return { is: 'over' } as const;
    const needed = request.kind === 'approval' ? request.byAccount : undefined;
    if (by && (by.account.id === ticket.accountId || (needed !== undefined && by.account.id !== needed)))
      return { is: 'not-you' } as const;
    if (needed !== undefined && !by?.fresh) return { is: 'sign-in', again: by !== undefined } as const;
    return { is: 'asked', ticket, request, journey } as const;
  };

  type Found = Extract<Awaited<ReturnType<typeof find>>, { is: 'asked' }>;

  const toldOf = ({ request, journey }: Found): Told | undefined => {
    const { name: displayName } = request.asks;
    if (request.kind === 'consent')
      return { displayName, directory: request.directory, key: request.key, language: request.language };
    const { account, language } = journey ?? {};
    return account && language ? { ...account, displayName, language } : undefined;
  };

  const noticesTo = async (found: Found, template: string, values: JsonObject): Promise<Effect[]> => {
    const person = toldOf(found);
    if (!person) return [];
    const own = await deps.authenticators.list(storage.db, found.ticket.accountId);
    return notices(own, template, person, clock.now(), values).effects;
  };

  const record = (
    { ticket, request }: Found,
    by: Answering | undefined,
    origin: Origin,
    more: Pick<AuditRecord, 'event' | 'outcome'> & { reason?: string },
  ): AuditRecord => ({
    ...more,
    actor: by?.account.id ?? 'anonymous',
    subject: ticket.accountId,
    ip: origin.ip,
    method: METHOD,
    ...(request.kind === 'approval' ? { flow: request.flow } : {}),
  });

  /** Keeps the answer with everything that follows from it, once. */
  const settle = async (
    found: Found,
    is: ContactAnswer,
    effects: Effect[],
    audit: AuditRecord,
    also: (trx: Trx) => Promise<void> = async () => undefined,
  ): Promise<boolean> => {
    try {
      await storage.transaction(async (trx) => {
        await tickets.answer(trx, found.ticket.id, { is, at: clock.now() });
        await also(trx);
        await commitEffects(deps, trx, effects, [audit]);
      });
    } catch (error) {
      if (error instanceof StaleWrite) return false;
      throw error;
    }
    deps.outbox.nudge();
    return true;
  };

  /** "You have confirmed …", to the one who did. */
  const thanks = ({ request }: Found): Effect[] => {
    const now = clock.now();
    const { addresses, language } = request.contact;
    const values: JsonObject = { name: '', at: now, asks: request.asks.name };
    return addresses.map((to) => {
      return { kind: 'send-mail', to, template: 'approval-given', language, values, expiresAt: now + days(1) };
    });
  };

  /** The authenticator that a contact becomes by agreeing. */
  const bind = async ({ ticket }: Found, { contact }: ConsentRequest): Promise<Effect> => {
    const settlesAt = await settlingOf(deps, ticket.accountId, 'contact');
    const [address = ''] = contact.addresses;
    const authenticator = {
      id: newId(),
      accountId: ticket.accountId,
      method: METHOD,
      label: contact.name,
      data: { address, language: contact.language },
      ...(settlesAt === undefined ? {} : { settlesAt }),
    };
    return { kind: 'add-authenticator', authenticator };
  };

  return {
    async open(token: string, by: Answering | undefined): Promise<Opened> {
      const found = await find(token, by);
      if (found.is !== 'asked') return found;
      return { is: 'asked', request: found.request, practice: found.journey?.kind === 'practice' };
    },

    /** The number that the person told them. */
    async confirm(token: string, typed: string, by: Answering | undefined, origin: Origin): Promise<Answered> {
      const found = await find(token, by);
      if (found.is !== 'asked') return found;
      const { ticket, request } = found;
      if (request.kind !== 'approval') return { is: 'over' };
      const triesLeft = await throttle.number(ticket.id, clock.now());
      if (triesLeft === undefined) return { is: 'void' };
      const right = sameText(numberMac(keyring.mac, ticket.id, readDigits(typed)), request.number);
      if (right) {
        const audit = record(found, by, origin, { event: 'approval.given', outcome: 'success' });
        return { is: (await settle(found, 'given', thanks(found), audit)) ? 'given' : 'over' };
      }
      const reason = 'The number was wrong.';
      const wrong = record(found, by, origin, { event: 'approval.refused', outcome: 'failure', reason });
      if (triesLeft > 0) {
        await storage.transaction((trx) => deps.audit.append(trx, wrong));
        return { is: 'wrong-number', triesLeft };
      }
      const told = await noticesTo(found, 'approval-refused-notice', { contact: request.contact.name });
      return { is: (await settle(found, 'void', told, wrong)) ? 'void' : 'over' };
    },

    /** "I don't know of this". */
    async refuse(token: string, by: Answering | undefined, origin: Origin): Promise<Answered> {
      const found = await find(token, by);
      if (found.is !== 'asked') return found;
      const { request } = found;
      const approval = request.kind === 'approval';
      const told = approval ? await noticesTo(found, 'approval-refused-notice', { contact: request.contact.name }) : [];
      const reason = approval ? 'The contact knows nothing of it.' : 'The contact does not want to be one.';
      const audit = record(found, by, origin, { event: 'approval.refused', outcome: 'refused', reason });
      const { accountId } = found.ticket;
      // Somebody tries to get into an account, and the one who would know says that it is not its person.
      const incident = (trx: Trx) =>
        approval
          ? openIncident(deps, trx, { accountId, kind: 'contact-refused', says: `Recovery: ${reason}`, ip: origin.ip })
          : Promise.resolve();
      return { is: (await settle(found, 'refused', told, audit, incident)) ? 'refused' : 'over' };
    },

    /** Somebody agrees to be a contact: from here on they are one. */
    async agree(token: string, by: Answering | undefined, origin: Origin): Promise<Answered> {
      const found = await find(token, by);
      if (found.is !== 'asked') return found;
      const { ticket, request } = found;
      if (request.kind !== 'consent') return { is: 'over' };
      const who = { id: ticket.accountId, directory: request.directory, key: request.key };
      const told = await noticesTo(found, 'factor-added-notice', { method: METHOD, label: request.contact.name });
      const effects = [await bind(found, request), ...told];
      const audit = record(found, by, origin, { event: 'enrolment.added', outcome: 'success' });
      const kept = await settle(found, 'agreed', effects, audit, (trx) => people.enrolled(trx, who, clock.now()));
      return { is: kept ? 'agreed' : 'over' };
    },
  };
}
