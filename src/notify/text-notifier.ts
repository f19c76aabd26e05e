/** What Sparekey asks of a sender of text messages. */
import type { Clock } from '../kernel/clock.ts';
import type { Resource } from '../kernel/plugin.ts';
import type { Webhook } from '../kernel/webhook.ts';
import type { CallbackPorts } from './deliveries.ts';
import type { DeliveryOutcome } from './notifier.ts';

export interface TextMessage {
  /** Same for every attempt of one message, so that a second copy can be avoided or recognised. */
  idempotencyKey: string;
  /** E.164 with `+`. */
  to: string;
  /** Whole text. It holds a code: it may never reach a cause or a log. */
  text: string;
  /** BCP 47 */
  language: string;
}

/** What the network said later about a message that was delivered to the gateway. */
export type TextReceipt =
  | { is: 'received'; idempotencyKey: string }
  /** `cause`: the network's own word, for example `EXPIRED 000`. */
  | { is: 'lost'; idempotencyKey: string; cause: string };

export interface TextPorts {
  clock: Clock;
  /** Called at most once per message. Must not throw. */
  onReceipt?: (receipt: TextReceipt) => void;
  callbacks?: CallbackPorts;
}

export interface TextNotifier extends Resource {
  /** One attempt; retries belong to the outbox. `delivered` means that the gateway took it. */
  deliver(message: TextMessage): Promise<DeliveryOutcome>;
  webhooks?: readonly Webhook[];
}
