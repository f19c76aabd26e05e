/** Takes every text and call and sends none: for the demo and for tests, where the newest ones are shown or looked at. */
import { Type } from 'typebox';
import { definePlugin } from '../kernel/plugin.ts';
import type { TextMessage, TextNotifier } from './text-notifier.ts';
import type { VoiceCall, VoiceNotifier } from './voice-notifier.ts';

const NEWEST = 200;

export type KeptText = TextMessage & { at: number };
export type KeptCall = VoiceCall & { at: number };

/** What the demo page reads from and the senders write to; compose.ts makes one per process. */
export interface DemoPhone {
  text(message: KeptText): void;
  ring(call: KeptCall): void;
  /** Newest first. */
  texts(): readonly KeptText[];
  /** Newest first. `key` must be pressed before `code` may be heard. */
  calls(): readonly KeptCall[];
}

/** Bounded: the oldest makes room. A second attempt of one message replaces the first. */
function createShelf<Kept extends { idempotencyKey: string }>() {
  const kept = new Map<string, Kept>();
  return {
    keep(one: Kept) {
      kept.delete(one.idempotencyKey);
      kept.set(one.idempotencyKey, one);
      for (const oldest of kept.keys()) {
        if (kept.size <= NEWEST) break;
        kept.delete(oldest);
      }
    },
    newest: () => [...kept.values()].reverse(),
  };
}

export function createDemoPhone(): DemoPhone {
  const texts = createShelf<KeptText>();
  const calls = createShelf<KeptCall>();
  return { text: texts.keep, ring: calls.keep, texts: texts.newest, calls: calls.newest };
}

export interface DemoPhonePorts {
  phone: Pick<DemoPhone, 'text' | 'ring'>;
  clock: { now(): number };
}

const configSchema = Type.Object({}, { additionalProperties: false });

export const demoPhoneTexts = definePlugin({
  id: 'demo-phone',
  summary: 'Keeps texts in memory and shows them on the demo page. Sends nothing.',
  configSchema,
  open: (_config, { phone, clock }: DemoPhonePorts): TextNotifier => ({
    async deliver(message) {
      phone.text({ ...message, at: clock.now() });
      return { is: 'delivered' };
    },
    async check() {
      const cause = 'Texts stay in memory and are not sent.';
      return [
        { is: 'warning', what: 'send texts', cause, fix: 'Set up http-gateway or smpp before real people use this.' },
      ];
    },
    async close() {},
  }),
});

export const demoPhoneCalls = definePlugin({
  id: 'demo-phone',
  summary: 'Keeps calls in memory and shows them on the demo page. Calls nobody.',
  configSchema,
  open: (_config, { phone, clock }: DemoPhonePorts): VoiceNotifier => ({
    async call(call) {
      phone.ring({ ...call, at: clock.now() });
      return { is: 'answered', spoken: 'whole' };
    },
    async check() {
      const cause = 'Calls stay in memory and nobody is called.';
      return [{ is: 'warning', what: 'place calls', cause, fix: 'Set up sip before real people use this.' }];
    },
    async close() {},
  }),
});
