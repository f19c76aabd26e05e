/** What Sparekey asks of a sender of messages. */
import type { Resource } from '../kernel/plugin.ts';

export interface MailMessage {
  /** Same for every attempt of one message; becomes the Message-ID, so that a receiver can drop a second copy. */
  idempotencyKey: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  language: string;
}

export type DeliveryOutcome =
  | { is: 'delivered' }
  /** Try again, at the earliest after so many ms (the outbox adds its own back-off). */
  | { is: 'retry'; after?: number; cause: string }
  /** Will never work (no such mailbox, message refused). */
  | { is: 'rejected'; cause: string };

export interface MailNotifier extends Resource {
  deliver(message: MailMessage): Promise<DeliveryOutcome>;
}
