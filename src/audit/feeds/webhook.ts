/**
 * Records as signed messages (Standard Webhooks). The id is made of what the message holds, so that the same records have the same
 * one at every attempt and from every node.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import { addressGuard } from '../../outbound/addresses.ts';
import { exchange } from '../../outbound/exchange.ts';
import { explain } from '../../outbound/explain.ts';
import { probe } from '../../outbound/probe.ts';
import { readCa } from '../../outbound/read-ca.ts';
import { createWebhookSigner } from '../../outbound/webhook-signer.ts';
import type { Carrier, FeedRecord, Sent } from './feed.ts';

export interface WebhookReceiver {
  url: string;
  secret: string;
  formerSecret?: string | undefined;
  caFile?: string | undefined;
  /** ms */
  timeout: number;
}

function judge(status: number): Sent {
  if (status >= 200 && status < 300) return { is: 'delivered' };
  const cause = `The receiver answered ${status}.`;
  if (status === 401 || status === 403)
    return { is: 'failed', cause, fix: 'Compare the secret with the one of the receiver.', key: 'secret' };
  if (status === 413) return { is: 'failed', cause, fix: 'Let the receiver take 1 MiB.', key: 'url' };
  // Standard Webhooks: 410 means that nobody wants them any more.
  if (status === 410) return { is: 'failed', cause, fix: 'Take the feed out of audit.feeds.', key: 'url' };
  return { is: 'failed', cause, fix: 'Look at the log of the receiver.', key: 'url' };
}

/** @throws Error that names the key when a value can't be used. */
export function createWebhookCarrier(id: string, receiver: WebhookReceiver, clock: Clock): Carrier {
  const { secret, formerSecret, caFile, timeout } = receiver;
  const sign = createWebhookSigner({ secret, formerSecret });
  const url = new URL(receiver.url);
  const target = { url, guard: addressGuard(url, []), ca: caFile === undefined ? undefined : readCa(caFile) };

  async function carry(records: readonly FeedRecord[]): Promise<Sent> {
    const at = new Date(clock.now());
    const held = records.map(({ hash }) => hash).join('\n');
    const messageId = `msg_${createHash('sha256').update(`${id}\n${held}`).digest('base64url')}`;
    const data = { feed: id, records: records.map(({ entry, hash }) => ({ ...entry, hash })) };
    const body = JSON.stringify({ type: 'audit.records', timestamp: at.toISOString(), data });
    try {
      const headers = sign(messageId, at, body);
      const filled = { contentType: 'application/json', body, query: '' };
      return judge((await exchange({ ...target, headers }, 'POST', timeout, filled)).status);
    } catch (error) {
      return { is: 'failed', ...explain(error) };
    }
  }

  return {
    // A query may hold a token.
    to: `${url.origin}${url.pathname}`,
    carry,
    check: () => probe(target, timeout, clock.now(), 'the receiver'),
  };
}
