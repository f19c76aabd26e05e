/** What Sparekey asks of a sender that calls a phone and speaks a code. */
import type { Clock } from '../kernel/clock.ts';
import type { Resource } from '../kernel/plugin.ts';
import type { Webhook } from '../kernel/webhook.ts';
import type { CallbackPorts } from './deliveries.ts';

export interface VoiceCall {
  /** Same for every attempt of one call. */
  idempotencyKey: string;
  /** E.164 with `+`. */
  to: string;
  /** BCP 47; a language without a voice is spoken to in English. */
  language: string;
  /** Who is calling, as it is spoken. */
  organisation: string;
  /** 1 to 4 digits that the page shows and the person presses. Never spoken. */
  key: string;
  /** Digits, spoken only after the key. */
  code: string;
}

export type CallOutcome =
  /** The right key was pressed. `whole`: the digits were read out at least once before the call ended. */
  | { is: 'answered'; spoken: 'whole' | 'part' }
  | { is: 'no-answer' }
  | { is: 'busy' }
  /** Refused, or hung up before a key was pressed. */
  | { is: 'declined' }
  /** Picked up, and no key was pressed: a voicemail box, or somebody who only listened. Nothing was spoken. */
  | { is: 'machine' }
  /** Nothing was spoken. */
  | { is: 'wrong-key' }
  /** Not the phone's fault: another attempt may succeed, at the earliest after so many ms. */
  | { is: 'retry'; after?: number; cause: string }
  /** Will never work: no such number. */
  | { is: 'rejected'; cause: string };

export interface VoicePorts {
  clock: Clock;
  callbacks?: CallbackPorts;
}

export interface VoiceNotifier extends Resource {
  /** Ends when the call has ended. */
  call(call: VoiceCall): Promise<CallOutcome>;
  webhooks?: readonly Webhook[];
}
