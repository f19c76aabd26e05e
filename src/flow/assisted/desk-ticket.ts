/** What the ticket system of the organisation is told: no secret, and the person only so far that a helper knows who is meant. */
import { days } from '../../kernel/clock.ts';
import type { Trx } from '../../storage/storage.ts';
import type { FlowDeps } from '../deps.ts';

/** Kind of the job. */
export const DESK_TICKET = 'desk-ticket';

export interface DeskTicket {
  act: string;
  outcome: 'done' | 'refused';
  helper: string;
  /** Number in the ticket system; '' when there is none. */
  ticket: string;
  /** Masked. */
  person: string;
  /** ms */
  at: number;
}

export const maskName = (name: string): string => `${Array.from(name)[0] ?? ''}•••`;

export async function tellTicket(
  { outbox }: Pick<FlowDeps, 'outbox'>,
  trx: Trx,
  { act, outcome, helper, ticket, person, at }: DeskTicket,
): Promise<void> {
  const payload = { act, outcome, helper, ticket, person, at };
  await outbox.enqueue(trx, { kind: DESK_TICKET, payload, expiresAt: at + days(3) });
}
