/** Calls through Twilio's voice API: the contract of all senders, with webhooks over HTTP, and everything that they must refuse. */
import { pino } from 'pino';
import twilio from 'twilio';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServer } from '../../../src/http/server.ts';
import { webhookRoutes } from '../../../src/http/webhooks.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { phrasesFor } from '../../../src/notify/texts/phrases.ts';
import { outcomeOfEnd } from '../../../src/notify/twilio/calls.ts';
import { askForKeys, speakAgain, speakCode } from '../../../src/notify/twilio/twiml.ts';
import { type TwilioCallConfig, twilioCalls } from '../../../src/notify/voice/twilio.ts';
import type { CallOutcome } from '../../../src/notify/voice-notifier.ts';
import { sampleCall, voiceNotifierContract } from '../../contract/voice-notifier.ts';
import { createMemoryDeliveries } from '../../kit/memory-deliveries.ts';
import { freePort } from '../../kit/servers/process.ts';
import { ACCOUNT, signed, startTwilio } from '../../kit/servers/twilio.ts';
import { createTwilioPhone, type PhoneHabits } from '../../kit/servers/twilio-phone.ts';

const { accountSid, authToken } = ACCOUNT;
const configFor = (apiUrl: string, change: Partial<TwilioCallConfig> = {}): TwilioCallConfig => ({
  accountSid,
  authToken,
  apiUrl,
  from: '+15005550006',
  timeout: 1_000,
  ringTimeout: 2_000,
  keyTimeout: 3_000,
  detectMachines: true,
  pollInterval: 10,
  calls: 4,
  ...change,
});

/** Two nodes on one state: one places the call, the other one is called back. */
async function start(habits: PhoneHabits = {}, change: Partial<TwilioCallConfig> = {}) {
  const phone = createTwilioPhone(habits);
  const api = await startTwilio((sid, form) => phone.ring(sid, form));
  const publicUrl = new URL(`http://127.0.0.1:${await freePort()}`);
  const deliveries = createMemoryDeliveries(systemClock);
  const node = async () =>
    twilioCalls.open(configFor(api.url, change), { clock: systemClock, callbacks: { deliveries, publicUrl } });
  const notifier = await node();
  const other = await node();
  const log: string[] = [];
  const server = await createServer({
    publicUrl,
    trustedProxies: [],
    logger: pino({ level: 'info' }, { write: (line: string) => log.push(line) }),
    errorPage: (_request, _reply, { code }) => code,
    ready: async () => true,
  });
  webhookRoutes(server, publicUrl, other.webhooks ?? []);
  await server.listen({ host: '127.0.0.1', port: Number(publicUrl.port) });
  return {
    notifier,
    other,
    phone,
    api,
    deliveries,
    publicUrl,
    log,
    async close() {
      await phone.settle();
      await other.close();
      await server.close();
      await api.close();
    },
  };
}

voiceNotifierContract('twilio', async (kind) => {
  const { notifier, phone, close } = await start({ picksUp: kind === 'answers' });
  return {
    notifier,
    phone: {
      listening: () => phone.listening(),
      press: async (digit) => phone.press(digit),
      hangUp: async () => phone.hangUp(),
      digits: () =>
        phone.heard
          .map(({ text }) => text)
          .filter((text) => /^\d$/.test(text))
          .join(''),
      greeted: (language) => phone.heard[0]?.text === phrasesFor(language).greeting('Northfield College'),
    },
    close,
  };
});

describe('twilio calls', () => {
  const begin = async (...given: Parameters<typeof start>) => {
    const started = await start(...given);
    onTestFinished(async () => {
      await started.notifier.close();
      await started.close();
    });
    return started;
  };
  const post = (url: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) });

  it.each([
    ['en', 'Polly.Amy', 'en-GB'],
    ['de', 'Polly.Vicki', 'de-DE'],
    ['ar', 'Polly.Zeina', 'arb'],
  ])('speak %s with a voice of that language', async (language, voice, spoken) => {
    const { notifier, phone } = await begin();
    const outcome = notifier.call({ ...sampleCall, language });
    await phone.listening();
    phone.press(sampleCall.key);
    await outcome;
    expect(new Set(phone.heard.map((said) => `${said.voice} ${said.language}`))).toEqual(
      new Set([`${voice} ${spoken}`]),
    );
  });

  it.each(['machine_start', 'machine_end_beep', 'fax'])('say nothing at all to %s', async (answeredBy) => {
    const { notifier, phone } = await begin({ answeredBy });
    expect(await notifier.call(sampleCall)).toEqual({ is: 'machine' });
    expect(phone.heard).toEqual([]);
  });

  it('ask for a machine to be told apart, and give no code away to the API', async () => {
    const { notifier, phone, api } = await begin();
    const outcome = notifier.call(sampleCall);
    await phone.listening();
    expect(JSON.stringify([api.accepted, phone.answers])).not.toContain(sampleCall.code);
    phone.press(sampleCall.key);
    await outcome;
    expect(api.accepted).toHaveLength(1);
    expect(api.accepted[0]?.form).toMatchObject({ MachineDetection: 'Enable', To: sampleCall.to, Timeout: '2' });
  });

  it('keep neither code nor key once they are over', async () => {
    const { notifier, phone, deliveries } = await begin();
    const outcome = notifier.call(sampleCall);
    await phone.listening();
    phone.press(sampleCall.key);
    await outcome;
    expect(deliveries.rows.map(({ stage, data }) => ({ stage, data }))).toEqual([
      { stage: 'ended', data: { outcome: { is: 'answered', spoken: 'whole' } } },
    ]);
  });

  it('ring once when the node that placed them stopped: another one waits for the same call', async () => {
    const { notifier, other, phone, api } = await begin();
    const first = notifier.call(sampleCall);
    await phone.listening();
    await notifier.close();
    expect(await first).toMatchObject({ is: 'retry' });
    const second = other.call(sampleCall);
    phone.press(sampleCall.key);
    expect(await second).toEqual({ is: 'answered', spoken: 'whole' });
    expect(api.accepted).toHaveLength(1);
  });

  it.each<[number, number, string]>([
    [400, 21211, 'rejected'],
    [400, 21215, 'retry'],
    [401, 20003, 'retry'],
    [429, 20429, 'retry'],
    [503, 20503, 'retry'],
  ])('that the API answers with %i, error %i are: %s', async (status, code, is) => {
    const { notifier, api, deliveries } = await begin();
    api.fault({ does: 'answer', status, error: [code, `for ${sampleCall.code}`] });
    const outcome = await notifier.call(sampleCall);
    expect(outcome).toMatchObject({ is, cause: expect.any(String) });
    expect(JSON.stringify(outcome)).not.toContain(sampleCall.code);
    expect(deliveries.rows[0]?.stage).toBe('ended');
  });

  it('nobody tells the end of are tried again, and the cause names publicUrl', async () => {
    const { notifier, api, deliveries } = await begin();
    api.fault({ does: 'answer', status: 201, body: JSON.stringify({ sid: `CA${'0'.repeat(32)}`, status: 'queued' }) });
    const outcome = notifier.call(sampleCall);
    await expect.poll(() => deliveries.rows.length).toBe(1);
    Object.assign(deliveries.rows[0] ?? {}, { expiresAt: 0 });
    expect(await outcome).toMatchObject({ is: 'retry', cause: expect.stringMatching(/publicUrl/) });
  });

  describe('webhooks', () => {
    /** A call that waits for its key. */
    async function asking() {
      const started = await begin();
      const outcome = started.notifier.call(sampleCall);
      await started.phone.listening();
      const [first] = started.phone.answers;
      if (!first) throw new Error('Not picked up.');
      const key = `${first.url}?step=key`;
      return { ...started, outcome, first, key, form: { ...first.form, Digits: sampleCall.key } };
    }
    type Asking = Awaited<ReturnType<typeof asking>>;

    it.each<[string, (call: Asking) => [string, Record<string, string>, Record<string, string>]]>([
      ['unsigned', ({ key, form }) => [key, form, {}]],
      [
        'signed with another token',
        ({ key, form }) => [key, form, { 'X-Twilio-Signature': signed(key, form, 'other') }],
      ],
      [
        'signed for other keys',
        ({ key, form }) => [key, form, { 'X-Twilio-Signature': signed(key, { ...form, Digits: '5' }) }],
      ],
      [
        'signed for another step',
        ({ key, first, form }) => [key, form, { 'X-Twilio-Signature': signed(first.url, form) }],
      ],
      [
        'about another call',
        ({ key, form }) => {
          const foreign = { ...form, CallSid: 'CA-other' };
          return [key, foreign, { 'X-Twilio-Signature': signed(key, foreign) }];
        },
      ],
      [
        'about no call',
        ({ publicUrl, form }) => {
          const url = new URL('/webhooks/twilio/voice/unknown?step=key', publicUrl).href;
          return [url, form, { 'X-Twilio-Signature': signed(url, form) }];
        },
      ],
      [
        'of a step that there is not',
        ({ first, form }) => {
          const url = `${first.url}?step=toString`;
          return [url, form, { 'X-Twilio-Signature': signed(url, form) }];
        },
      ],
      [
        'replayed, the first of them',
        ({ first }) => [first.url, first.form, { 'X-Twilio-Signature': signed(first.url, first.form) }],
      ],
      [
        'out of turn',
        ({ first, form }) => {
          const url = `${first.url}?step=again`;
          return [url, form, { 'X-Twilio-Signature': signed(url, form) }];
        },
      ],
    ])('that are %s get 403 and change nothing', async (_, make) => {
      const call = await asking();
      const before = structuredClone(call.deliveries.rows);
      const [url, form, headers] = make(call);
      const response = await post(url, form, headers);
      expect(response.status).toBe(403);
      expect(await response.text()).toBe('Refused.');
      expect(call.deliveries.rows).toEqual(before);
      expect(call.log.join('')).toContain('A webhook was refused.');
      call.phone.press(sampleCall.key);
      expect(await call.outcome).toEqual({ is: 'answered', spoken: 'whole' });
    });

    it('after the call are refused, however well they are signed', async () => {
      const call = await asking();
      call.phone.press(sampleCall.key);
      await call.outcome;
      for (const { url, form } of [...call.phone.answers])
        expect((await post(url, form, { 'X-Twilio-Signature': signed(url, form) })).status).toBe(403);
    });

    it('too late are refused', async () => {
      const call = await asking();
      Object.assign(call.deliveries.rows[0] ?? {}, { expiresAt: Date.now() - 1 });
      const { key, form } = call;
      expect((await post(key, form, { 'X-Twilio-Signature': signed(key, form) })).status).toBe(403);
      await call.outcome;
    });

    it('with the right key work once of 50 at the same moment', async () => {
      const { key, form } = await asking();
      const headers = { 'X-Twilio-Signature': signed(key, form) };
      const answers = await Promise.all(Array.from({ length: 50 }, () => post(key, form, headers)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 403)).toHaveLength(49);
    });

    it('are the only forms from elsewhere that are let in: other methods and pages stay shut', async () => {
      const { first, publicUrl } = await asking();
      expect((await fetch(first.url)).status).toBe(405);
      expect((await post(new URL('/webhooks/twilio/other/x', publicUrl).href, {})).status).toBe(404);
      expect((await post(first.url, first.form, { Origin: 'https://evil.example' })).status).toBe(403);
    });
  });
});

describe('TwiML', () => {
  const asked = {
    language: 'de',
    organisation: 'Müller & Söhne <GmbH>',
    keys: 3,
    timeout: 10,
    pressed: 'https://x.example/v/1?step=key&a="b"',
    silent: 'https://x.example/v/1?step=silent',
  };
  const voice = { voice: 'Polly.Vicki', language: 'de-DE' } as const;

  it('is what the official package writes', () => {
    const ours = askForKeys(asked);
    const theirs = new twilio.twiml.VoiceResponse();
    const gather = theirs.gather({
      input: ['dtmf'],
      numDigits: 3,
      finishOnKey: '',
      timeout: 10,
      method: 'POST',
      action: asked.pressed,
    });
    const greeting = phrasesFor('de').greeting(asked.organisation);
    gather.say(voice, greeting);
    gather.pause({ length: 2 });
    gather.say(voice, greeting);
    theirs.redirect({ method: 'POST' }, asked.silent);
    // Both may leave > as it is.
    const plain = (xml: string): string => xml.replaceAll('&gt;', '>');
    expect(plain(ours)).toBe(plain(theirs.toString()));
  });

  it('reads every digit by itself, and ends after the second time', () => {
    expect([...speakCode('de', '42', 'https://x.example').matchAll(/>(\d)<\/Say>/g)].map(([, digit]) => digit)).toEqual(
      ['4', '2'],
    );
    expect(speakAgain('de', '42')).toMatch(/<Hangup\/><\/Response>$/);
  });
});

it.each<[string, string, string, CallOutcome['is'] | undefined]>([
  ['dialling', 'busy', '486', 'busy'],
  ['dialling', 'busy', '603', 'declined'],
  ['dialling', 'no-answer', '', 'no-answer'],
  ['dialling', 'failed', '404', 'rejected'],
  ['dialling', 'failed', '503', 'retry'],
  ['dialling', 'ringing', '', undefined],
  ['asking', 'completed', '', 'declined'],
  ['reading', 'completed', '', 'answered'],
])('a call that was %s and is %s (SIP %s) ends as %s', (stage, status, sip, is) => {
  expect(outcomeOfEnd(stage, status, sip)?.is).toBe(is);
});
