/** Texts through Twilio's API: the contract of all senders against a server that speaks it, its errors, and its receipts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TwilioTextConfig, twilioTexts } from '../../../src/notify/sms/twilio.ts';
import type { TextNotifier, TextReceipt } from '../../../src/notify/text-notifier.ts';
import { sampleText, textNotifierContract } from '../../contract/text-notifier.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { createMemoryDeliveries } from '../../kit/memory-deliveries.ts';
import { ACCOUNT, signed, startTwilio, type TestTwilio } from '../../kit/servers/twilio.ts';

const clock = createFakeClock();
const publicUrl = new URL('https://keys.north.example');
const { accountSid, authToken, apiKey, apiKeySecret } = ACCOUNT;

/** What is undefined is left out. */
type Change = { [Key in keyof TwilioTextConfig]?: TwilioTextConfig[Key] | undefined };

const configFor = (apiUrl: string, change: Change = {}): TwilioTextConfig =>
  ({
    accountSid,
    authToken,
    apiUrl,
    from: '+15005550006',
    receipts: true,
    timeout: 1_000,
    connections: 4,
    ...change,
  }) as TwilioTextConfig;

textNotifierContract(
  'twilio',
  async () => {
    const server = await startTwilio();
    let running = true;
    const close = async (): Promise<void> => {
      if (running) await server.close();
      running = false;
    };
    return {
      notifier: await twilioTexts.open(configFor(server.url), {
        clock,
        callbacks: { deliveries: createMemoryDeliveries(), publicUrl },
      }),
      arrived: () => server.accepted.map(({ form }) => ({ to: form['To'] ?? '', text: form['Body'] ?? '' })),
      faults: {
        askForLater: () => server.fault({ does: 'answer', status: 429, error: [20429, 'Too Many Requests'] }),
        hangUpDuringMessage: () => server.fault({ does: 'drop-mid-answer' }),
        hangDuringMessage: () => server.fault({ does: 'hang' }),
        refuseMessage: (words) => server.fault({ does: 'answer', status: 400, error: [21614, words] }),
        disappear: close,
        heal: () => server.fault(undefined),
      },
      close,
    };
  },
  { faults: true },
);

describe('twilio', () => {
  let server: TestTwilio;
  const deliveries = createMemoryDeliveries();
  const receipts: TextReceipt[] = [];
  const open = async (change: Change = {}): Promise<TextNotifier> =>
    twilioTexts.open(configFor(server.url, change), {
      clock,
      callbacks: { deliveries, publicUrl },
      onReceipt: (receipt) => receipts.push(receipt),
    });
  beforeEach(async () => {
    server = await startTwilio();
    deliveries.rows.length = 0;
    receipts.length = 0;
  });
  afterEach(() => server.close());

  it.each<[string, Change, string, Record<string, string>]>([
    ['the auth token and a number', {}, `${accountSid}:${authToken}`, { From: '+15005550006' }],
    [
      'an API key and a messaging service',
      { apiKey, apiKeySecret, from: undefined, messagingServiceSid: 'MG0123456789' },
      `${apiKey}:${apiKeySecret}`,
      { MessagingServiceSid: 'MG0123456789' },
    ],
  ])('sends with %s', async (_, change, signIn, sender) => {
    expect(await (await open(change)).deliver(sampleText)).toEqual({ is: 'delivered' });
    const [sent] = server.accepted;
    expect(sent?.authorization).toBe(`Basic ${btoa(signIn)}`);
    expect(sent?.form).toEqual({
      To: sampleText.to,
      Body: sampleText.text,
      ...sender,
      StatusCallback: `https://keys.north.example/webhooks/twilio/status/${deliveries.rows[0]?.id}`,
    });
  });

  it.each<[number, number, string, RegExp]>([
    [400, 21211, 'rejected', /not a phone number/],
    [400, 21614, 'rejected', /can not get texts/],
    [400, 21610, 'rejected', /opted out/],
    [400, 30006, 'rejected', /landline/],
    [400, 21999, 'rejected', /21999/],
    [400, 21408, 'retry', /country are not allowed/],
    [401, 20003, 'retry', /authToken/],
    [404, 20404, 'retry', /accountSid/],
    [400, 21606, 'retry', /from:/],
    [429, 20429, 'retry', /later/],
    [500, 20500, 'retry', /later/],
    [400, 30001, 'retry', /later/],
  ])('status %i with error %i means: %s', async (status, code, is, cause) => {
    server.fault({ does: 'answer', status, error: [code, `quotes ${sampleText.text}`] });
    const outcome = await (await open()).deliver(sampleText);
    expect(outcome).toMatchObject({ is, cause: expect.stringMatching(cause) });
    expect(JSON.stringify(outcome)).not.toMatch(/483190|Northfield|token-of/);
  });

  it('waits as long as Twilio asks for', async () => {
    server.fault({ does: 'answer', status: 429, error: [20429, 'Too Many'], headers: { 'Retry-After': '7' } });
    expect(await (await open()).deliver(sampleText)).toMatchObject({ is: 'retry', after: 7_000 });
  });

  it.each<[string, Parameters<TestTwilio['fault']>[0]]>([
    ['another page', { does: 'nonsense' }],
    ['JSON of something else', { does: 'answer', status: 200, body: '{"ok":true}' }],
    ['null', { does: 'answer', status: 201, body: 'null' }],
    ['another address', { does: 'answer', status: 302, headers: { Location: 'https://evil.example/' } }],
  ])('believes no answer of %s', async (_, fault) => {
    server.fault(fault);
    expect((await (await open()).deliver(sampleText)).is).toBe('retry');
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, Change, RegExp]>([
    ['no secret', { authToken: undefined }, /^authToken:/],
    ['half an API key', { apiKey }, /^apiKeySecret:/],
    ['two senders', { messagingServiceSid: 'MG0123456789' }, /^from:/],
    ['plain http elsewhere', { apiUrl: 'http://twilio.example' }, /^apiUrl:/],
    ['the metadata of a cloud', { apiUrl: 'https://169.254.169.254' }, /^apiUrl:/],
  ])('does not start with %s', (_, change, cause) => {
    expect(() => twilioTexts.open(configFor('https://api.twilio.com', change), { clock })).toThrow(cause);
  });

  describe('checks', () => {
    it('sign-in of token and key, and send nothing', async () => {
      expect(await (await open({ apiKey, apiKeySecret })).check()).toMatchObject([{ is: 'ok' }, { is: 'ok' }]);
      expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
    });

    it.each<[string, Change, string]>([
      ['a wrong token', { authToken: 'other' }, 'authToken'],
      ['a wrong key', { apiKey, apiKeySecret: 'other' }, 'apiKeySecret'],
    ])('find %s', async (_, change, key) => {
      const failed = (await (await open(change)).check()).filter(({ is }) => is === 'failed');
      expect(failed).toMatchObject([{ key, cause: expect.any(String) }]);
    });

    it('find an account that is suspended, or on trial', async () => {
      const sender = await open();
      server.account.status = 'suspended';
      expect(await sender.check()).toMatchObject([{ is: 'failed', cause: expect.stringMatching(/suspended/) }]);
      Object.assign(server.account, { status: 'active', type: 'Trial' });
      expect(await sender.check()).toMatchObject([{ is: 'warning', cause: expect.stringMatching(/trial/) }]);
    });
  });

  describe('receipts', () => {
    const tell = async (
      sender: TextNotifier,
      form: Record<string, string>,
      change: { id?: string; signature?: string | undefined } = {},
    ) => {
      const id = change.id ?? deliveries.rows[0]?.id ?? '';
      const url = `https://keys.north.example/webhooks/twilio/status/${id}`;
      const signature = 'signature' in change ? change.signature : signed(url, form);
      return sender.webhooks?.[0]?.take({ url, id, fields: form, header: () => signature });
    };
    const undelivered = { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30005' };

    it.each([
      [
        { MessageSid: 'SM1', MessageStatus: 'delivered' },
        { is: 'received', idempotencyKey: 'job-1' },
      ],
      [undelivered, { is: 'lost', idempotencyKey: 'job-1', cause: 'Twilio 30005: the number does not exist any more' }],
    ])('of %j are told once, however often they come', async (form, receipt) => {
      const sender = await open();
      await sender.deliver(sampleText);
      const answers = await Promise.all(Array.from({ length: 20 }, () => tell(sender, form)));
      expect(answers.filter((answer) => answer?.is === 'taken')).toHaveLength(1);
      expect(await tell(sender, form)).toMatchObject({ is: 'refused', cause: expect.stringMatching(/replay/) });
      expect(receipts).toEqual([receipt]);
    });

    it('on the way change nothing', async () => {
      const sender = await open();
      await sender.deliver(sampleText);
      for (const MessageStatus of ['queued', 'sent', 'accepted', 'sending'])
        expect(await tell(sender, { MessageStatus })).toEqual({ is: 'taken' });
      expect(receipts).toEqual([]);
      expect(await tell(sender, undelivered)).toEqual({ is: 'taken' });
    });

    it.each<[string, { id?: string; signature?: string | undefined }]>([
      ['unsigned', { signature: undefined }],
      ['signed with another token', { signature: signed('https://keys.north.example/x', undelivered, 'other') }],
      ['signed for another address', { signature: signed('https://keys.north.example/x', undelivered) }],
      ['about a text that nobody sent', { id: 'unknown' }],
    ])('that are %s change nothing', async (_, change) => {
      const sender = await open();
      await sender.deliver(sampleText);
      expect((await tell(sender, undelivered, change))?.is).toBe('refused');
      expect(receipts).toEqual([]);
      expect(deliveries.rows[0]?.stage).toBe('sent');
    });

    it('are not asked for without the token that signs them', async () => {
      const sender = await open({ authToken: undefined, apiKey, apiKeySecret });
      await sender.deliver(sampleText);
      expect(server.accepted[0]?.form).not.toHaveProperty('StatusCallback');
      expect(sender.webhooks).toBeUndefined();
    });
  });
});
