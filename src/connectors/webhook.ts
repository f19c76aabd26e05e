/**
 * Tells a receiver of your own what happened, signed as Standard Webhooks. The id is the same for every attempt. A password goes
 * along only when that is asked for: encrypted to the receiver's key, or in the body when that, too, is said in so many words.
 */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { definePlugin } from '../kernel/plugin.ts';
import { FilePath, SecretText } from '../kernel/setting.ts';
import { createWebhookSigner } from '../outbound/webhook-signer.ts';
import type { Connector, ConnectorPorts, Order, Person } from './connector.ts';
import { openApi } from './http/api.ts';
import type { Credentials } from './http/credentials.ts';
import { deadlineIn } from './http/deadline.ts';
import { Address, connectionSettings } from './http/settings.ts';
import { openSite } from './http/site.ts';
import { asRetry } from './http/trouble.ts';
import { judgeReceiver } from './webhook/judge.ts';
import { readSeal, type Seal } from './webhook/seal.ts';

const configSchema = Type.Object(
  {
    url: Address({
      description: 'Where the receiver listens. `http:` works only on this machine.',
      examples: ['https://app.example.org/hooks/sparekey'],
    }),
    secret: SecretText({
      description: 'Shared secret that messages are signed with: `whsec_` and 24 to 64 bytes in base64.',
    }),
    formerSecret: Type.Optional(
      SecretText({ description: 'The secret before, while you change it: messages are signed with both.' }),
    ),
    sendPassword: Type.Boolean({
      default: false,
      description: 'Whether the new password goes along. Needs publicKeyFile, or plainPassword.',
    }),
    publicKeyFile: Type.Optional(
      FilePath({
        description: 'Public key of the receiver (PEM or JWK; RSA, EC or X25519) that the password is encrypted to.',
      }),
    ),
    plainPassword: Type.Boolean({
      default: false,
      description: 'Sends the password as it is, over https only. Whoever logs bodies over there logs passwords.',
    }),
    ...connectionSettings,
  },
  { additionalProperties: false },
);
export type WebhookConfig = Static<typeof configSchema>;

export type WebhookEvent = {
  type: 'password.changed' | 'account.unlocked' | 'password.must-change';
  /** ISO 8601, of this attempt. */
  timestamp: string;
  data: {
    /** Id of the system in our configuration. */
    system: string;
    /** What the linking rule made of the account. */
    account: string;
    username: string;
    displayName: string;
    mail?: string;
    /** With password.changed: good for one sign-in. */
    mustChange?: boolean;
    /** JWE, compact. */
    encryptedPassword?: string;
    password?: string;
  };
};

const TYPES = {
  password: 'password.changed',
  unlock: 'account.unlocked',
  'must-change': 'password.must-change',
} as const satisfies Record<Order['is'], WebhookEvent['type']>;

/** @throws Error that names the key. */
async function sealOf(config: WebhookConfig): Promise<Seal | undefined> {
  const { sendPassword, publicKeyFile, plainPassword } = config;
  if (plainPassword && !sendPassword) throw new Error('plainPassword: needs sendPassword.');
  if (plainPassword && publicKeyFile !== undefined) throw new Error('plainPassword: is not for publicKeyFile.');
  if (plainPassword && !config.url.startsWith('https:')) throw new Error('plainPassword: needs an https url.');
  if (sendPassword && !plainPassword && publicKeyFile === undefined)
    throw new Error('publicKeyFile: sendPassword needs it, so that only the receiver can read the password.');
  return publicKeyFile === undefined ? undefined : readSeal(publicKeyFile);
}

async function openWebhook(config: WebhookConfig, { id, clock }: ConnectorPorts): Promise<Connector> {
  const sign = createWebhookSigner({ secret: config.secret, formerSecret: config.formerSecret });
  const seal = await sealOf(config);
  const signature: Credentials = { key: 'secret', header: async () => ({ is: 'none' }), drop: () => false };
  const api = openApi({ site: openSite('url', config.url, config), credentials: signature, clock });

  async function eventOf(person: Person, order: Order, at: Date): Promise<WebhookEvent> {
    const { link, username, displayName, mail } = person;
    const data: WebhookEvent['data'] = { system: id, account: link, username, displayName };
    if (mail !== undefined) data.mail = mail;
    if (order.is === 'password') {
      data.mustChange = order.mustChange;
      if (config.plainPassword) data.password = order.password.reveal();
      else if (config.sendPassword && seal) data.encryptedPassword = await seal(order.password.reveal());
    }
    return { type: TYPES[order.is], timestamp: at.toISOString(), data };
  }

  return {
    can: { unlock: true, mustChange: true, find: false, verify: false },
    find: async ({ link }) => ({ is: 'found', name: link }),
    async deliver(person, order, { idempotencyKey }) {
      const deadline = deadlineIn(config.timeout);
      const at = new Date(clock.now());
      const event = await eventOf(person, order, at);
      const body = JSON.stringify(event);
      const messageId = `msg_${createHash('sha256').update(`${id}\n${idempotencyKey}`).digest('base64url')}`;
      const headers = sign(messageId, at, body);
      const reply = await api.ask({ method: 'POST', path: '', body, headers }, deadline);
      if (reply.is === 'trouble') return asRetry(reply.trouble);
      return judgeReceiver(reply, order.is === 'password' ? [order.password.reveal()] : []);
    },
    check: () => api.probe(config.timeout),
    async close() {},
  };
}

export const webhook = definePlugin({
  id: 'webhook',
  summary: 'A receiver of your own, told by signed messages (Standard Webhooks).',
  configSchema,
  open: openWebhook,
});
