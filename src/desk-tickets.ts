/** Brings what the help desk did to the ticket system: signed as Standard Webhooks, with the same id at every attempt. */
import { Webhook } from 'standardwebhooks';
import type { DeskTicket } from './flow/assisted/desk-ticket.ts';
import type { Clock } from './kernel/clock.ts';
import { addressGuard } from './outbound/addresses.ts';
import { exchange } from './outbound/exchange.ts';
import { explain } from './outbound/explain.ts';
import { readCa } from './outbound/read-ca.ts';
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
  const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length;
  if (!secret.startsWith('whsec_') || bytes < 24 || bytes > 64)
    throw new Error('console.desk.ticketWebhook.secret: write whsec_ and 24 to 64 bytes in base64.');
  const signer = new Webhook(secret);
  const url = new URL(address);
  const target = { url, guard: addressGuard(url, []), ca: caFile === undefined ? undefined : readCa(caFile) };
  return async ({ id, payload }) => {
    const { at, ...data } = payload as unknown as DeskTicket;
    const now = new Date(clock.now());
    const body = JSON.stringify({ type: 'desk.act', timestamp: new Date(at).toISOString(), data });
    const messageId = `msg_${id}`;
    const headers = {
      'webhook-id': messageId,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': signer.sign(messageId, now, body),
    };
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
