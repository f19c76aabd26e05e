/** The senders of texts against real peers: a small HTTP gateway with faults, Kannel, and an SMPP message centre. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { type HttpGatewayConfig, httpGateway } from '../../src/notify/sms/http-gateway.ts';
import { type SmppConfig, smpp } from '../../src/notify/sms/smpp.ts';
import type { TextNotifier, TextReceipt } from '../../src/notify/text-notifier.ts';
import { arabicText, sampleText, textNotifierContract } from '../contract/text-notifier.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import {
  type GatewayFault,
  type GatewaySettings,
  startHttpGateway,
  type TestHttpGateway,
} from '../kit/servers/http-gateway.ts';
import { type Kannel, startKannel } from '../kit/servers/kannel.ts';
import { until } from '../kit/servers/process.ts';
import { receiptText, type SmscSettings, startSmsc, type TestSmsc } from '../kit/servers/smsc.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';

const clock = createFakeClock();
let ca: TestCa;
beforeAll(async () => {
  ca = await createTestCa();
});
afterAll(() => ca.remove());

const TOKEN = 'Key-77-abcdef';
const bodies = {
  json: '{"messages":[{"to":"{to}","text":"{text}","from":"{sender}","urgent":true}],"reference":"{id}"}',
  form: 'to={to}&text={text}&reference={id}',
  query: 'to={to}&text={text}&reference={id}',
};
const httpConfig = (url: string, change: Partial<HttpGatewayConfig> = {}): HttpGatewayConfig => ({
  url,
  method: 'POST',
  encoding: 'json',
  body: bodies[change.encoding ?? 'json'],
  headers: {},
  sender: 'Northfield',
  tokenHeader: 'Authorization',
  okStatus: [200, 202],
  okText: 'queued',
  allowedNetworks: [],
  timeout: 1_000,
  connections: 4,
  ...change,
});
const openHttp = async (config: HttpGatewayConfig): Promise<TextNotifier> => httpGateway.open(config, { clock });

const messageOf = (fields: Record<string, unknown>): { to: string; text: string } => {
  const [inner] = (fields['messages'] as { to: string; text: string }[] | undefined) ?? [];
  return inner ?? { to: String(fields['to']), text: String(fields['text']) };
};

for (const encoding of ['json', 'form', 'query'] as const) {
  textNotifierContract(
    `http-gateway (${encoding})`,
    async () => {
      const server = await startHttpGateway({ ca, authorization: `Bearer ${TOKEN}` });
      const method = encoding === 'query' ? 'GET' : 'POST';
      let running = true;
      const close = async (): Promise<void> => {
        if (running) await server.close();
        running = false;
      };
      return {
        notifier: await openHttp(httpConfig(server.url, { encoding, method, token: TOKEN, caFile: ca.caFile })),
        arrived: () => server.accepted.map(({ fields }) => messageOf(fields)),
        faults: {
          askForLater: () => server.fault({ does: 'answer', status: 503 }),
          hangUpDuringMessage: () => server.fault({ does: 'drop-mid-answer' }),
          hangDuringMessage: () => server.fault({ does: 'hang' }),
          refuseMessage: (body) => server.fault({ does: 'answer', status: 400, body }),
          disappear: close,
          heal: () => server.fault(undefined),
        },
        close,
      };
    },
    { faults: true },
  );
}

describe('http-gateway', () => {
  let server: TestHttpGateway;
  const begin = async (
    settings: GatewaySettings = {},
    change: Partial<HttpGatewayConfig> = {},
  ): Promise<TextNotifier> => {
    server = await startHttpGateway(settings);
    return openHttp(httpConfig(server.url, change));
  };
  afterEach(() => server.close());

  it('fills text, number, reference and sender in and leaves the rest of the body alone', async () => {
    const sender = await begin({}, { headers: { 'X-Channel': 'otp' } });
    await sender.deliver({ ...sampleText, text: '{"a":"{to}"}' });
    expect(server.accepted[0]?.fields).toEqual({
      messages: [{ to: sampleText.to, text: '{"a":"{to}"}', from: 'Northfield', urgent: true }],
      reference: 'job-1',
    });
    expect(server.accepted[0]?.headers['x-channel']).toBe('otp');
  });

  it.each<[string, Partial<HttpGatewayConfig>, string]>([
    ['a key of the gateway', { token: TOKEN }, `Bearer ${TOKEN}`],
    ['name and password', { username: 'anna', password: 'pass:ö' }, `Basic ${btoa('anna:pass:\u00c3\u00b6')}`],
  ])('signs in with %s', async (_, change, authorization) => {
    const sender = await begin({ authorization }, change);
    expect(await sender.deliver(sampleText)).toEqual({ is: 'delivered' });
  });

  it.each<[string, GatewayFault, Partial<HttpGatewayConfig>, object]>([
    [
      '429 with a pause',
      { does: 'answer', status: 429, headers: { 'Retry-After': '7' } },
      {},
      { is: 'retry', after: 7_000 },
    ],
    [
      '503 with a date',
      { does: 'answer', status: 503, headers: { 'Retry-After': new Date(clock.now() + 90_000).toUTCString() } },
      {},
      { is: 'retry', after: 90_000 },
    ],
    [
      '500',
      { does: 'answer', status: 500, body: 'oops' },
      {},
      { is: 'retry', cause: expect.stringMatching(/status 500: oops/) },
    ],
    [
      '401',
      { does: 'answer', status: 401 },
      {},
      { is: 'retry', after: 60_000, cause: expect.stringMatching(/password, token/) },
    ],
    [
      '400',
      { does: 'answer', status: 400, body: 'Missing receiver' },
      {},
      { is: 'rejected', cause: expect.stringMatching(/Missing receiver/) },
    ],
    ['422', { does: 'answer', status: 422 }, {}, { is: 'rejected' }],
    ['no HTTP at all', { does: 'nonsense' }, {}, { is: 'retry', cause: expect.stringMatching(/does not speak HTTP/) }],
    ['an endless answer', { does: 'flood' }, {}, { is: 'retry', cause: expect.stringMatching(/too long/) }],
    ['hanging up at once', { does: 'drop' }, {}, { is: 'retry', cause: expect.stringMatching(/hung up/) }],
    [
      'an error in a 200',
      { does: 'answer', status: 200, body: 'ERR' },
      {},
      { is: 'retry', cause: expect.stringMatching(/okText/) },
    ],
    [
      'JSON without the id',
      { does: 'answer', status: 200, body: '{"queued":0}' },
      { okPointer: '/messages/0/id' },
      { is: 'retry', cause: expect.stringMatching(/okPointer/) },
    ],
    [
      'JSON with another state',
      { does: 'answer', status: 200, body: '{"queued":"no"}' },
      { okPointer: '/queued', okValue: 'yes' },
      { is: 'retry', cause: expect.stringMatching(/okValue/) },
    ],
    [
      'JSON as configured',
      { does: 'answer', status: 200, body: '{"queued":"yes"}' },
      { okPointer: '/queued', okValue: 'yes' },
      { is: 'delivered' },
    ],
  ])('understands %s', async (_, fault, change, outcome) => {
    const sender = await begin({}, change);
    server.fault(fault);
    expect(await sender.deliver(sampleText)).toMatchObject(outcome);
  });

  it('follows no redirect', async () => {
    const sender = await begin();
    const trap = await startHttpGateway();
    server.fault({ does: 'answer', status: 307, headers: { Location: trap.url } });
    expect(await sender.deliver(sampleText)).toMatchObject({ is: 'retry', cause: expect.stringMatching(/elsewhere/) });
    expect(trap.requests).toEqual([]);
    await trap.close();
  });

  it.each<[string, GatewaySettings, Partial<HttpGatewayConfig>, RegExp, string]>([
    ['an unknown authority', {}, { caFile: '/etc/ssl/certs/ca-certificates.crt' }, /authority/, 'caFile'],
    ['a certificate for another name', { certificate: 'other-name' }, {}, /another name/, 'url'],
    ['an expired certificate', { certificate: 'expired' }, {}, /expired/, 'url'],
  ])('sends nothing past %s', async (_, settings, change, cause, key) => {
    const sender = await begin({ ca, ...settings }, { caFile: ca.caFile, ...change });
    expect(await sender.deliver(sampleText)).toMatchObject({ is: 'retry', cause: expect.stringMatching(cause) });
    expect(await sender.check()).toMatchObject([{ is: 'failed', cause: expect.stringMatching(cause), key }]);
    expect(server.requests).toEqual([]);
  });

  it('connects only to allowed networks', async () => {
    const sender = await begin({}, { allowedNetworks: ['203.0.113.0/24'] });
    const outcome = await sender.deliver(sampleText);
    expect(outcome).toMatchObject({ is: 'retry', cause: expect.stringMatching(/allowedNetworks/) });
    expect(server.requests).toEqual([]);
  });
});

const login = { systemId: 'sparekey', password: 'Smpp-Pw7' };
const smppConfigFor = (smsc: TestSmsc, change: Partial<SmppConfig> = {}): SmppConfig => ({
  host: smsc.host,
  port: smsc.port,
  security: 'none',
  ...login,
  systemType: '',
  sender: 'Northfield',
  concatenation: 'udh',
  receipts: true,
  validity: 600_000,
  window: 10,
  enquireEvery: 30_000,
  connectTimeout: 1_000,
  replyTimeout: 500,
  ...change,
});
const openSmpp = async (config: SmppConfig, onReceipt?: (receipt: TextReceipt) => void): Promise<TextNotifier> =>
  smpp.open(config, { clock: systemClock, ...(onReceipt ? { onReceipt } : {}) });

for (const concatenation of ['udh', 'sar'] as const) {
  textNotifierContract(
    `smpp (${concatenation})`,
    async () => {
      const smsc = await startSmsc({ login, ca });
      let running = true;
      const close = async (): Promise<void> => {
        if (running) await smsc.close();
        running = false;
      };
      const change = { concatenation, security: 'tls', caFile: ca.caFile } as const;
      return {
        notifier: await openSmpp(smppConfigFor(smsc, change)),
        arrived: () => smsc.messages,
        faults: {
          askForLater: () => smsc.fault({ at: 'submit', status: 8 }),
          hangUpDuringMessage: () => smsc.fault({ at: 'submit', does: 'drop' }),
          hangDuringMessage: () => smsc.fault({ at: 'submit', does: 'hang' }),
          refuseMessage: () => smsc.fault({ at: 'submit', status: 0x0b }),
          disappear: close,
          heal: () => smsc.fault(undefined),
        },
        close,
      };
    },
    { faults: true },
  );
}

describe('smpp', () => {
  let smsc: TestSmsc;
  let sender: TextNotifier;
  const receipts: TextReceipt[] = [];
  const begin = async (change: Partial<SmppConfig> = {}, settings: SmscSettings = {}): Promise<void> => {
    receipts.length = 0;
    smsc = await startSmsc({ login, ...settings });
    sender = await openSmpp(smppConfigFor(smsc, change), (receipt) => receipts.push(receipt));
  };
  afterEach(async () => {
    await sender.close();
    await smsc.close();
  });

  it.each([
    ['GSM to the last septet', `${'a'.repeat(156)}{}`, 0, 1],
    ['GSM one septet over', `${'a'.repeat(157)}{}`, 0, 2],
    ['Unicode to the last unit', `ж${'a'.repeat(69)}`, 8, 1],
    ['Unicode with a pair on the edge', `ж${'a'.repeat(65)}🔑${'b'.repeat(10)}`, 8, 2],
  ])('sends %s in as few parts as there are', async (_, text, coding, parts) => {
    await begin();
    expect(await sender.deliver({ ...sampleText, text })).toEqual({ is: 'delivered' });
    expect(smsc.messages).toMatchObject([{ text, coding, parts, from: 'Northfield' }]);
    expect(smsc.submits).toHaveLength(parts);
  });

  it('lets the network give up when the code is too old', async () => {
    await begin({ validity: 600_000 });
    const before = Date.now();
    await sender.deliver(sampleText);
    const until = smsc.messages[0]?.validity;
    expect(until).toBeInstanceOf(Date);
    expect(Math.abs((until as Date).getTime() - before - 600_000)).toBeLessThan(5_000);
  });

  it.each([0x58, 0x14])('stops all sending for a while after status %i', async (status) => {
    await begin();
    smsc.fault({ at: 'submit', status });
    expect(await sender.deliver(sampleText)).toMatchObject({ is: 'retry', after: 1_000 });
    const second = await sender.deliver({ ...sampleText, idempotencyKey: 'job-2' });
    expect(second).toMatchObject({ is: 'retry', after: expect.any(Number) });
    expect(smsc.submits).toHaveLength(1);
  });

  it('sends one message once, however often it is asked to', async () => {
    await begin();
    await Promise.all(Array.from({ length: 5 }, () => sender.deliver(sampleText)));
    expect(await sender.deliver(sampleText)).toEqual({ is: 'delivered' });
    expect(smsc.submits).toHaveLength(1);
  });

  it('sends only the missing parts after a peer vanished in the middle of a message', async () => {
    await begin();
    const message = { ...sampleText, text: arabicText.repeat(2) };
    smsc.fault({ at: 'submit', from: 3, does: 'drop' });
    expect(await sender.deliver(message)).toMatchObject({ is: 'retry' });
    smsc.fault(undefined);
    const sentBefore = smsc.submits.length;
    await until(async () => (await sender.deliver(message)).is === 'delivered', 'the rest of the message');
    expect(smsc.messages.map(({ text }) => text)).toEqual([message.text]);
    expect(smsc.submits.length - sentBefore).toBe((smsc.messages[0]?.parts ?? 0) - 2);
  });

  it('does not send again what was answered late', async () => {
    await begin();
    smsc.fault({ at: 'submit', does: 'answer-late' });
    expect(await sender.deliver(sampleText)).toMatchObject({
      is: 'retry',
      cause: expect.stringMatching(/replyTimeout/),
    });
    await until(() => smsc.count('enquire_link') > 0, 'enquire_link');
    // On one connection in order: whoever has answered this has seen the late answer before.
    await smsc.deliver({ esm_class: 4, short_message: receiptText(smsc.messages[0]?.id ?? '', 'DELIVRD') });
    expect(receipts).toEqual([{ is: 'received', idempotencyKey: 'job-1' }]);
    expect(await sender.deliver(sampleText)).toEqual({ is: 'delivered' });
    expect(smsc.submits).toHaveLength(1);
  });

  it('keeps to its window', async () => {
    await begin({ window: 3 });
    smsc.fault({ at: 'submit', does: 'hang' });
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const all = keys.map((idempotencyKey) => sender.deliver({ ...sampleText, idempotencyKey }));
    await until(() => smsc.submits.length > 0, 'the first messages');
    expect(smsc.mostWaiting()).toBeLessThanOrEqual(3);
    await Promise.race(all);
    expect(smsc.submits.length).toBeLessThanOrEqual(6);
    await Promise.all(all);
  });

  it('tests a quiet connection, and finds a peer that fell silent', async () => {
    await begin({ enquireEvery: 100, replyTimeout: 200 });
    await sender.deliver(sampleText);
    await until(() => smsc.count('enquire_link') >= 2, 'two enquire_link');
    smsc.fault({ at: 'connect', does: 'hang' });
    await until(
      async () => (await sender.deliver({ ...sampleText, idempotencyKey: 'x' })).is === 'retry',
      'the silence',
    );
    smsc.fault(undefined);
    await until(() => smsc.binds.length >= 2, 'a new bind');
  });

  it('binds again by itself, with pauses that grow', async () => {
    await begin();
    await sender.deliver(sampleText);
    smsc.fault({ at: 'bound', does: 'drop' });
    smsc.dropAll();
    await until(() => smsc.binds.length >= 4, 'four binds');
    const [, second, third, fourth] = smsc.binds.map(({ at }) => at);
    expect((fourth ?? 0) - (third ?? 0)).toBeGreaterThan((third ?? 0) - (second ?? 0));
    // Until the client has seen the last hang-up, a message breaks in the middle and names no pause.
    await until(async () => {
      const outcome = await sender.deliver({ ...sampleText, idempotencyKey: 'x' });
      return outcome.is === 'retry' && outcome.after !== undefined;
    }, 'the pause');
  });

  it.each<[string, (id: string) => Record<string, unknown>, object]>([
    ['delivered', (id) => ({ short_message: receiptText(id, 'DELIVRD') }), { is: 'received' }],
    [
      'with the id in decimal',
      (id) => ({ short_message: receiptText(String(Number.parseInt(id, 16)), 'DELIVRD') }),
      { is: 'received' },
    ],
    ['expired', (id) => ({ short_message: receiptText(id, 'EXPIRED') }), { is: 'lost', cause: 'EXPIRED 000' }],
    [
      'as parameters only',
      (id) => ({ short_message: '', receipted_message_id: id, message_state: 5 }),
      { is: 'lost', cause: 'UNDELIV' },
    ],
  ])('matches a receipt: %s', async (_, receipt, expected) => {
    await begin();
    await sender.deliver({ ...sampleText, idempotencyKey: 'other' });
    await sender.deliver({ ...sampleText, text: arabicText });
    const id = smsc.messages.at(-1)?.id ?? '';
    expect(await smsc.deliver({ esm_class: 4, short_message: receiptText(id, 'ENROUTE') })).toBe(0);
    expect(await smsc.deliver({ esm_class: 4, short_message: receiptText('ffff', 'DELIVRD') })).toBe(0);
    expect(await smsc.deliver({ esm_class: 0, short_message: receiptText(id, 'DELIVRD') })).toBe(0);
    expect(receipts).toEqual([]);
    expect(await smsc.deliver({ esm_class: 4, ...receipt(id) })).toBe(0);
    expect(await smsc.deliver({ esm_class: 4, ...receipt(id) })).toBe(0);
    expect(receipts).toEqual([{ idempotencyKey: 'job-1', ...expected }]);
  });

  it('matches a receipt that overtakes the answer', async () => {
    await begin();
    smsc.receipts.early = true;
    await sender.deliver(sampleText);
    expect(receipts).toEqual([{ is: 'received', idempotencyKey: 'job-1' }]);
  });

  it('says goodbye', async () => {
    await begin();
    await sender.deliver(sampleText);
    await sender.close();
    expect(smsc.count('unbind')).toBe(1);
    expect(await sender.deliver({ ...sampleText, idempotencyKey: 'x' })).toMatchObject({ is: 'retry' });
    expect(smsc.binds).toHaveLength(1);
  });

  it.each<[string, Partial<SmppConfig>, SmscSettings | 'ca', RegExp, string]>([
    ['a wrong password', { password: 'Wrong-Pw' }, {}, /password/, 'password'],
    ['TLS spoken to a plain port', { security: 'tls' }, {}, /hung up/, 'security'],
    ['an unknown authority', { security: 'tls' }, 'ca', /authority/, 'caFile'],
    ['an unknown name', { host: 'smsc.invalid', security: 'tls' }, {}, /DNS/, 'host'],
  ])('explains %s', async (_, change, settings, cause, key) => {
    await begin(change, settings === 'ca' ? { ca } : settings);
    const outcome = await sender.deliver(sampleText);
    expect(outcome).toMatchObject({ is: 'retry', cause: expect.stringMatching(cause) });
    const findings = await sender.check();
    expect(findings).toMatchObject([{ is: 'failed', cause: expect.stringMatching(cause) }]);
    expect(findings[0]?.key).toBe(key);
    expect(JSON.stringify([outcome, findings])).not.toMatch(/Wrong-Pw|Smpp-Pw7/);
  });

  it.each([
    ['a certificate for another name', 'other-name', /another name/],
    ['an expired certificate', 'expired', /expired/],
  ] as const)('sends nothing past %s', async (_, certificate, cause) => {
    await begin({ security: 'tls', caFile: ca.caFile }, { ca, certificate });
    expect(await sender.deliver(sampleText)).toMatchObject({ is: 'retry', cause: expect.stringMatching(cause) });
    expect(smsc.binds).toEqual([]);
  });
});

describe('through Kannel to a message centre', () => {
  let smsc: TestSmsc;
  let kannel: Kannel;
  beforeAll(async () => {
    smsc = await startSmsc({ login });
    kannel = await startKannel({ port: smsc.port, ...login });
  });
  afterAll(async () => {
    await kannel?.stop();
    await smsc?.close();
  });
  const kannelConfig = (change: Partial<HttpGatewayConfig> = {}): HttpGatewayConfig =>
    httpConfig(kannel.url, {
      method: 'GET',
      encoding: 'query',
      body: 'username={username}&password={password}&from={sender}&to={to}&text={text}&charset=UTF-8&coding={coding}',
      username: kannel.username,
      password: kannel.password,
      okText: 'Accepted for delivery',
      timeout: 5_000,
      ...change,
    });

  textNotifierContract('http-gateway with Kannel', async () => {
    smsc.messages.length = 0;
    return { notifier: await openHttp(kannelConfig()), arrived: () => smsc.messages, close: async () => {} };
  });

  it('is told of a wrong password and of a message without a number', async () => {
    const wrong = await openHttp(kannelConfig({ password: 'Wrong-Pass-1' }));
    const refused = await wrong.deliver(sampleText);
    expect(refused).toMatchObject({ is: 'retry', cause: expect.stringMatching(/403: Authorization failed/) });
    expect(JSON.stringify(refused)).not.toMatch(/Wrong|Kannel-Pass/);
    const numberless = await openHttp(
      kannelConfig({ body: 'username={username}&password={password}&x={to}&text={text}' }),
    );
    expect(await numberless.deliver(sampleText)).toMatchObject({
      is: 'rejected',
      cause: expect.stringMatching(/Missing receiver/),
    });
  });
});
