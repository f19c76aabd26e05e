/** What a call says and asks, as TwiML. The key is never spoken, and the code stands in no answer but the one to the right key. */
import { phrasesFor } from '../texts/phrases.ts';

/** Amazon's voices: of those that Twilio has, they speak all of our languages. */
const VOICES: Record<string, { voice: string; language: string }> = {
  en: { voice: 'Polly.Amy', language: 'en-GB' },
  de: { voice: 'Polly.Vicki', language: 'de-DE' },
  ar: { voice: 'Polly.Zeina', language: 'arb' },
};
const ENGLISH = { voice: 'Polly.Amy', language: 'en-GB' };

const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => SIGNS[sign] ?? sign);

type Attributes = Readonly<Record<string, string | number>>;
const element = (name: string, attributes: Attributes, inside = ''): string => {
  const listed = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('');
  return inside === '' ? `<${name}${listed}/>` : `<${name}${listed}>${inside}</${name}>`;
};

const say = (language: string, text: string): string =>
  element('Say', VOICES[language.toLowerCase().split('-')[0] ?? ''] ?? ENGLISH, escaped(text));
const pause = (length: number): string => element('Pause', { length });
const redirect = (url: string): string => element('Redirect', { method: 'POST' }, escaped(url));
const hangUp = element('Hangup', {});
const response = (...verbs: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${element('Response', {}, verbs.join(''))}`;

/** One digit at a time, with time to write it down. */
const digits = (language: string, code: string): string =>
  Array.from(code, (digit) => say(language, digit)).join(pause(1));

export interface Asking {
  language: string;
  organisation: string;
  /** How many keys are waited for. */
  keys: number;
  /** s after the greeting, or after a key. */
  timeout: number;
  /** Where keys go, and where it goes on when none was pressed. */
  pressed: string;
  silent: string;
}

/** The greeting twice, and an ear for keys all the while. */
export function askForKeys({ language, organisation, keys, timeout, pressed, silent }: Asking): string {
  const greeting = say(language, phrasesFor(language).greeting(organisation));
  const gather = { input: 'dtmf', numDigits: keys, finishOnKey: '', timeout, method: 'POST', action: pressed };
  return response(element('Gather', gather, `${greeting}${pause(2)}${greeting}`), redirect(silent));
}

/** The digits once; `next` tells that they were heard to the end. */
export function speakCode(language: string, code: string, next: string): string {
  return response(say(language, phrasesFor(language).code), pause(1), digits(language, code), pause(1), redirect(next));
}

export function speakAgain(language: string, code: string): string {
  const { again, goodbye } = phrasesFor(language);
  return response(say(language, again), pause(1), digits(language, code), say(language, goodbye), hangUp);
}

export const endCall = (): string => response(hangUp);
