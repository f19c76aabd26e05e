/** Signs what leaves as a webhook (Standard Webhooks): the id stays the same at every attempt, the time is that of the attempt. */
import { Webhook } from 'standardwebhooks';

export type WebhookSigner = (messageId: string, at: Date, body: string) => Record<string, string>;

function readSecret(name: string, secret: string): Webhook {
  const base64 = secret.replace(/^whsec_/, '');
  const bytes = Buffer.from(base64, 'base64');
  if (!secret.startsWith('whsec_') || bytes.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, ''))
    throw new Error(`${name}: write whsec_ and the secret in base64.`);
  if (bytes.length < 24 || bytes.length > 64) throw new Error(`${name}: needs 24 to 64 bytes.`);
  return new Webhook(secret);
}

/** By name of the key that holds it; all of them sign. @throws Error that names the key of a secret that can't be used. */
export function createWebhookSigner(secrets: Readonly<Record<string, string | undefined>>): WebhookSigner {
  const signers = Object.entries(secrets).flatMap(([name, secret]) =>
    secret === undefined ? [] : [readSecret(name, secret)],
  );
  return (messageId, at, body) => ({
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signers.map((signer) => signer.sign(messageId, at, body)).join(' '),
  });
}
