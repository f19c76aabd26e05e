/** Brings what the help desk did to the ticket system: signed as Standard Webhooks, with the same id at every attempt. */
import type { DeskTicket } from './flow/assisted/desk-ticket.ts';
import type { Clock } from './kernel/clock.ts';
import { addressGuard } from './outbound/addresses.ts';
import { exchange } from './outbound/exchange.ts';
import { explain } from './outbound/explain.ts';
import { readCa } from './outbound/read-ca.ts';
import { createWebhookSigner } from './outbound/webhook-signer.ts';
import type { JobHandler } from './outbox/outbox.ts';

export interface TicketWebhook {
  url: string;
  secret: string;
  caFile?: string | undefined;
  /** ms */
  timeout: number;
}

/** @throws Error that names the key when a value can't be used. */
export function createTicketHandler(
  { url: address, secret, caFile, timeout }: TicketWebhook,
  clock: Clock,
): JobHandler {
  const sign = createWebhookSigner({ 'console.desk.ticketWebhook.secret': secret });
  const url = new URL(address);
  const target = { url, guard: addressGuard(url, []), ca: caFile === undefined ? undefined : readCa(caFile) };
  return async ({ id, payload }) => {
    const { at, ...data } = payload as unknown as DeskTicket;
    const now = new Date(clock.now());
    const body = JSON.stringify({ type: 'desk.act', timestamp: new Date(at).toISOString(), data });
    const headers = sign(`msg_${id}`, now, body);
    try {
      const filled = { contentType: 'application/json', body, query: '' };
      const { status } = await exchange({ ...target, headers }, 'POST', timeout, filled);
      if (status >= 200 && status < 300) return { is: 'done' };
      // Standard Webhooks: 410 means that nobody wants them any more.
      if (status === 410) return { is: 'dead', reason: 'The ticket system wants no more messages (410).' };
      return { is: 'retry', cause: `The ticket system answered ${status}.` };
    } catch (error) {
      return { is: 'retry', cause: explain(error).cause };
    }
  };
}
