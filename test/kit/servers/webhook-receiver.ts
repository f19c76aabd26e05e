/**
 * A receiver of webhooks that does what a careful one does: verifies with the official package, takes each id once, opens the
 * password with its private key, and keeps accounts of its own.
 */
import { type CryptoKey, compactDecrypt } from 'jose';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { WebhookEvent } from '../../../src/connectors/webhook.ts';
import { type Said, type StandIn, startStandIn } from './stand-in.ts';

export interface WebhookReceiver extends StandIn {
  events: { id: string; event: WebhookEvent; signature: string }[];
  /** By account. */
  accounts: Map<string, { password: string; locked: boolean; mustChange: boolean }>;
}

export async function startWebhookReceiver(secret: string, privateKey?: CryptoKey): Promise<WebhookReceiver> {
  const webhook = new Webhook(secret);
  const events: WebhookReceiver['events'] = [];
  const accounts: WebhookReceiver['accounts'] = new Map();
  const seen = new Set<string>();

  async function apply({ type, data }: WebhookEvent): Promise<Said> {
    const account = accounts.get(data.account) ?? { password: '', locked: false, mustChange: false };
    accounts.set(data.account, account);
    if (type === 'account.unlocked') account.locked = false;
    if (type === 'password.must-change') account.mustChange = true;
    if (type === 'password.changed') {
      let { password = '' } = data;
      if (data.encryptedPassword !== undefined && privateKey)
        password = new TextDecoder().decode((await compactDecrypt(data.encryptedPassword, privateKey)).plaintext);
      if (password.length < 8) return { status: 422, body: { message: `The password ${password} is too short.` } };
      Object.assign(account, { password, locked: false, mustChange: data.mustChange === true });
    }
    return { status: 204 };
  }

  const server = await startStandIn(async ({ method, path, text, header }) => {
    if (path !== '/hooks') return { status: 404 };
    if (method !== 'POST') return { status: 405 };
    const [id, timestamp, signature] = [header('webhook-id'), header('webhook-timestamp'), header('webhook-signature')];
    try {
      webhook.verify(text, {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signature,
      });
    } catch (error) {
      if (error instanceof WebhookVerificationError) return { status: 401 };
      throw error;
    }
    if (header('content-type') !== 'application/json') return { status: 415 };
    const event = JSON.parse(text) as WebhookEvent;
    events.push({ id, event, signature });
    if (seen.has(id)) return { status: 200 };
    const said = await apply(event);
    if (said.status === 204) seen.add(id);
    return said;
  });
  return { ...server, events, accounts };
}
