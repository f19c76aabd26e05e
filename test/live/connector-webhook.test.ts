/** The webhook connector against a receiver that verifies with the official package of Standard Webhooks. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector, Delivered, Order, Person } from '../../src/connectors/connector.ts';
import { type WebhookConfig, webhook } from '../../src/connectors/webhook.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { type TempDir, tempDir } from '../kit/servers/process.ts';
import { createTestCa } from '../kit/servers/test-ca.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../kit/servers/webhook-receiver.ts';

const secretOf = (seed: string): string => `whsec_${createHash('sha256').update(seed).digest('base64')}`;
const SECRET = secretOf('now');
const anna: Person = { link: 'anna', username: 'anna', displayName: 'Anna Bell', mail: 'anna@example.org' };
const password = (text: string, mustChange = false): Order => ({
  is: 'password',
  password: new Secret(text),
  mustChange,
});

let dir: TempDir;
beforeAll(async () => {
  dir = await tempDir('webhook');
});
afterAll(() => dir.remove());

async function keyFile(alg: string, how: 'pem' | 'jwk'): Promise<{ file: string; privateKey: CryptoKey }> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const file = join(dir.path, `${alg}-${how}`);
  writeFileSync(
    file,
    how === 'pem' ? await exportSPKI(pair.publicKey) : JSON.stringify(await exportJWK(pair.publicKey)),
  );
  return { file, privateKey: pair.privateKey };
}

const configFor = (receiver: WebhookReceiver, change: Partial<WebhookConfig> = {}): WebhookConfig => ({
  url: `${receiver.url}/hooks`,
  secret: SECRET,
  sendPassword: false,
  plainPassword: false,
  allowedNetworks: [],
  timeout: 2_000,
  ...change,
});
const open = async (receiver: WebhookReceiver, change: Partial<WebhookConfig> = {}): Promise<Connector> =>
  webhook.open(configFor(receiver, change), { id: 'crm', clock: systemClock });

for (const [alg, how] of [
  ['RSA-OAEP-256', 'pem'],
  ['ECDH-ES', 'jwk'],
] as const) {
  connectorContract(`webhook (${alg})`, async () => {
    const { file, privateKey } = await keyFile(alg, how);
    const receiver = await startWebhookReceiver(SECRET, privateKey);
    const sealed = { sendPassword: true, publicKeyFile: file };
    const account = (): { password: string; locked: boolean; mustChange: boolean } | undefined =>
      receiver.accounts.get('anna');
    return {
      connector: await open(receiver, sealed),
      person: anna,
      works: async ({ link }, text) => receiver.accounts.get(link)?.password === text,
      lock: {
        set: async () => void Object.assign(account() ?? {}, { locked: true }),
        isSet: async () => account()?.locked === true,
      },
      mustChange: { isSet: async () => account()?.mustChange === true },
      refused: 'short',
      faults: { disappear: receiver.disappear, heal: receiver.heal },
      log: async () => `${receiver.log()}\n${JSON.stringify(receiver.events)}`,
      close: receiver.close,
    };
  });
}

describe('webhook', () => {
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = await startWebhookReceiver(SECRET);
  });
  afterEach(() => receiver.close());
  const deliver = (connector: Connector, order: Order, key = 'job', number = 1): Promise<Delivered> =>
    connector.deliver(anna, order, { idempotencyKey: key, number });

  it('keeps the id over attempts and gives another job another one', async () => {
    const connector = await open(receiver);
    for (const [key, number] of [
      ['job', 1],
      ['job', 2],
      ['other', 1],
    ] as const)
      expect(await deliver(connector, { is: 'unlock' }, key, number)).toEqual({ is: 'delivered' });
    const [first, second, third] = receiver.events.map(({ id }) => id);
    expect(first).toMatch(/^msg_[\w-]{43}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('says what happened and nothing of the password unless asked to', async () => {
    await deliver(await open(receiver), password('Hidden-Password-1', true));
    expect(receiver.events[0]?.event).toEqual({
      type: 'password.changed',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      data: {
        system: 'crm',
        account: 'anna',
        username: 'anna',
        displayName: 'Anna Bell',
        mail: 'anna@example.org',
        mustChange: true,
      },
    });
  });

  it('signs with both secrets while one takes the place of the other', async () => {
    const connector = await open(receiver, { secret: secretOf('next'), formerSecret: SECRET });
    expect(await deliver(connector, { is: 'must-change' })).toEqual({ is: 'delivered' });
    expect(receiver.events[0]?.signature).toMatch(/^v1,\S+ v1,\S+$/);
  });

  it.each<[string, number, object | undefined, object]>([
    ['202', 202, undefined, { is: 'delivered' }],
    ['404 of an account', 404, { error: 'no-account' }, { is: 'no-account' }],
    ['404 of the address', 404, undefined, { is: 'retry', whole: true, cause: expect.stringContaining('url:') }],
    ['410', 410, undefined, { is: 'rejected', hint: expect.stringContaining('connectors') }],
    ['400', 400, { message: 'In the last five' }, { is: 'rejected', cause: expect.stringContaining('last five') }],
    ['401', 401, undefined, { is: 'retry', whole: true, cause: expect.stringContaining('secret:') }],
    ['429', 429, undefined, { is: 'retry', whole: true, after: 7_000 }],
    ['503', 503, undefined, { is: 'retry', whole: true, after: 7_000 }],
    ['a redirect', 302, undefined, { is: 'retry', whole: true }],
  ])('understands %s', async (_, status, body, expected) => {
    const headers = { 'Retry-After': '7', Location: 'http://169.254.169.254/latest' };
    receiver.answerNext('POST /hooks', { status, headers, ...(body ? { body } : {}) });
    expect(await deliver(await open(receiver), { is: 'unlock' })).toMatchObject(expected);
    expect(receiver.log().split('\n')).toHaveLength(1);
  });

  it('gives up waiting in time', async () => {
    receiver.answerNext('POST /hooks', 'hangs');
    const connector = await open(receiver, { timeout: 200 });
    expect(await deliver(connector, { is: 'unlock' })).toMatchObject({ is: 'retry', whole: true });
  });

  it('sends a password as it is over https only, to a certificate that it trusts', async () => {
    const ca = await createTestCa();
    const { certFile, keyFile: tlsKey } = ca.issue(['IP:127.0.0.1']);
    const bodies: string[] = [];
    const server = createServer(
      { cert: readFileSync(certFile), key: readFileSync(tlsKey) },
      async (request, response) => {
        for await (const chunk of request) bodies.push(String(chunk));
        response.writeHead(204).end();
      },
    );
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/`;
    const plain = { url, sendPassword: true, plainPassword: true };
    const trusting = await open(receiver, { ...plain, caFile: ca.caFile });
    expect(await deliver(trusting, password('In-The-Body-1'))).toEqual({ is: 'delivered' });
    expect(JSON.parse(bodies.join(''))).toMatchObject({ data: { password: 'In-The-Body-1' } });
    expect(await trusting.check()).toMatchObject([{ is: 'ok' }, { is: 'ok', what: 'TLS certificate of the system' }]);
    const strict = await open(receiver, plain);
    expect(await deliver(strict, password('Not-Sent-1'))).toMatchObject({ is: 'retry', whole: true });
    expect(bodies).toHaveLength(1);
    await new Promise((done) => server.close(done));
    await ca.remove();
  });

  it('refuses a configuration that would give a password away', async () => {
    const weak = join(dir.path, 'weak.pem');
    writeFileSync(
      weak,
      generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }),
    );
    const cases: [Partial<WebhookConfig>, string][] = [
      [{ sendPassword: true }, 'publicKeyFile: sendPassword needs it'],
      [{ sendPassword: true, plainPassword: true }, 'plainPassword: needs an https url'],
      [{ plainPassword: true }, 'plainPassword: needs sendPassword'],
      [{ sendPassword: true, publicKeyFile: weak }, 'publicKeyFile: an RSA key needs'],
      [{ sendPassword: true, publicKeyFile: '/dev/null' }, 'publicKeyFile: /dev/null holds no public key'],
      [{ secret: 'whsec_c2hvcnQ=' }, 'secret: needs 24 to 64 bytes'],
      [{ secret: 'plain words' }, 'secret: write whsec_'],
      [{ url: 'http://receiver.example.org/' }, 'url: http is only'],
    ];
    for (const [change, message] of cases) await expect(open(receiver, change)).rejects.toThrow(message);
  });
});
