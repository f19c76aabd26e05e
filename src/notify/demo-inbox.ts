/** Takes every mail and sends none: for the demo, where the newest messages are shown on a page. */
import { Type } from 'typebox';
import { definePlugin } from '../kernel/plugin.ts';
import type { MailMessage, MailNotifier } from './notifier.ts';

const NEWEST = 200;

export interface KeptMessage extends MailMessage {
  /** ms since 1970 */
  at: number;
}

/** What the demo page reads from and the sender writes to; compose.ts makes one per process. */
export interface DemoInbox {
  keep(message: KeptMessage): void;
  /** Newest first. */
  messages(): readonly KeptMessage[];
}

/** Bounded: the oldest message makes room. A second attempt of one message replaces the first. */
export function createDemoInbox(): DemoInbox {
  const kept = new Map<string, KeptMessage>();
  return {
    keep(message) {
      kept.delete(message.idempotencyKey);
      kept.set(message.idempotencyKey, message);
      for (const oldest of kept.keys()) {
        if (kept.size <= NEWEST) break;
        kept.delete(oldest);
      }
    },
    messages: () => [...kept.values()].reverse(),
  };
}

export interface DemoInboxPorts {
  inbox: Pick<DemoInbox, 'keep'>;
  clock: { now(): number };
}

export const demoInboxNotifier = definePlugin({
  id: 'demo-inbox',
  summary: 'Keeps mails in memory and shows them on the demo page. Sends nothing.',
  configSchema: Type.Object({}, { additionalProperties: false }),
  open: (_config, { inbox, clock }: DemoInboxPorts): MailNotifier => ({
    async deliver(message) {
      inbox.keep({ ...message, at: clock.now() });
      return { is: 'delivered' };
    },
    async check() {
      const cause = 'Mails stay in memory and are not sent.';
      return [{ is: 'warning', what: 'send mail', cause, fix: 'Set up smtp before real people use this.' }];
    },
    async close() {},
  }),
});
