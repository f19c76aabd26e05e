/**
 * A phone at the other end of the test Twilio: it picks up, carries out the TwiML that our webhooks answer, in quick motion, and
 * presses keys. What it asks of us is signed as Twilio signs it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { signed } from './twilio.ts';

const SAY = 60;
/** ms for a second of TwiML. */
const SECOND = 80;

interface Verb {
  name: string;
  attributes: Readonly<Record<string, string>>;
  inside: string;
}

const decode = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

const verbsIn = (xml: string): Verb[] =>
  [...xml.matchAll(/<(\w+)((?:\s+\w+="[^"]*")*)\s*(?:\/>|>([\s\S]*?)<\/\1>)/g)].map(
    ([, name = '', attributes = '', inside = '']) => ({
      name,
      attributes: Object.fromEntries(
        [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, decode(value)]),
      ),
      inside,
    }),
  );

export interface TwilioPhone {
  /** What Twilio does with a call that was asked for. */
  ring(sid: string, form: Readonly<Record<string, string>>): void;
  /** What was heard, in order. */
  heard: { text: string; language: string; voice: string }[];
  /** What our webhooks answered: status and TwiML. */
  answers: { url: string; form: Record<string, string>; status: number; body: string }[];
  listening(): Promise<void>;
  press(digit: string): void;
  hangUp(): void;
  /** Hangs up, and waits until we were told of it. */
  settle(): Promise<void>;
}

export interface PhoneHabits {
  picksUp?: boolean;
  answeredBy?: string;
  /** How a call ends that nobody picked up. */
  end?: Record<string, string>;
}

export function createTwilioPhone({ picksUp = true, answeredBy = 'human', end }: PhoneHabits = {}): TwilioPhone {
  const heard: TwilioPhone['heard'] = [];
  const answers: TwilioPhone['answers'] = [];
  const greeted = Promise.withResolvers<void>();
  let call: Promise<void> | undefined;
  const hung = new AbortController();
  let pressed = '';
  let key = Promise.withResolvers<void>();

  const pass = (ms: number): Promise<unknown> => sleep(ms, undefined, { signal: hung.signal });
  const post = async (url: string, form: Record<string, string>): Promise<string> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'X-Twilio-Signature': signed(url, form) },
      body: new URLSearchParams(form),
    });
    const body = await response.text();
    answers.push({ url, form, status: response.status, body });
    return body;
  };

  async function speak({ name, attributes, inside }: Verb): Promise<void> {
    if (name === 'Pause') return void (await pass(Number(attributes['length']) * SECOND));
    heard.push({
      text: decode(inside),
      language: attributes['language'] ?? '',
      voice: attributes['voice'] ?? '',
    });
    greeted.resolve();
    await pass(SAY);
  }

  /** @returns the keys, or nothing when it took too long. */
  async function gather({ attributes, inside }: Verb): Promise<string | undefined> {
    const wanted = Number(attributes['numDigits']);
    const wait = (async () => {
      for (const verb of verbsIn(inside)) await speak(verb);
      await pass(Number(attributes['timeout']) * SECOND);
    })();
    // Keys end the talking.
    wait.catch(() => {});
    for (;;) {
      if (pressed.length >= wanted) return pressed.slice(0, wanted);
      const next = await Promise.race([wait.then(() => 'timeout'), key.promise.then(() => 'key')]);
      if (next === 'timeout') return undefined;
    }
  }

  async function carryOut(xml: string, base: Record<string, string>): Promise<void> {
    const body = /<Response>([\s\S]*)<\/Response>/.exec(xml)?.[1] ?? '';
    for (const verb of verbsIn(body)) {
      hung.signal.throwIfAborted();
      if (verb.name === 'Hangup') return;
      if (verb.name === 'Redirect') return carryOut(await post(decode(verb.inside), base), base);
      if (verb.name !== 'Gather') await speak(verb);
      else {
        const keys = await gather(verb);
        if (keys !== undefined)
          return carryOut(await post(verb.attributes['action'] ?? '', { ...base, Digits: keys }), base);
      }
    }
  }

  async function run(sid: string, { Url = '', StatusCallback = '', To = '' }: Readonly<Record<string, string>>) {
    const base = { CallSid: sid, To, CallStatus: 'in-progress' };
    if (picksUp) {
      const first = await post(Url, { ...base, AnsweredBy: answeredBy });
      await carryOut(first, base).catch(() => {});
    }
    const last = picksUp ? { CallStatus: 'completed' } : (end ?? { CallStatus: 'no-answer' });
    await post(StatusCallback, { ...base, ...last });
  }

  return {
    ring(sid, form) {
      call = run(sid, form);
    },
    heard,
    answers,
    listening: () => greeted.promise,
    press(digit) {
      pressed += digit;
      key.resolve();
      key = Promise.withResolvers<void>();
    },
    hangUp: () => hung.abort(),
    async settle() {
      hung.abort();
      await call;
    },
  };
}
