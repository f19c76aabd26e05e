/**
 * Sends texts over SMPP 3.4 as a transceiver. One attempt per call: retries belong to the outbox. A part that the message
 * centre took is not sent again by this process, a throttling answer stops all sending for a while, and no cause holds what
 * was sent.
 */
import { seconds } from '../../kernel/clock.ts';
import { createLanes } from '../../kernel/lanes.ts';
import { isE164 } from '../../kernel/phone.ts';
import { definePlugin, type Finding } from '../../kernel/plugin.ts';
import { isLoopbackHost } from '../../outbound/addresses.ts';
import type { DeliveryOutcome } from '../notifier.ts';
import type { TextMessage, TextNotifier, TextPorts } from '../text-notifier.ts';
import { explainBind, meaningOf } from './smpp-explain.ts';
import { createKeeper } from './smpp-keeper.ts';
import { type Link, openLink } from './smpp-link.ts';
import { submitsOf } from './smpp-parts.ts';
import { createProgress } from './smpp-progress.ts';
import { createReceipts } from './smpp-receipts.ts';
import { type SmppConfig, smppConfig, smppConnection } from './smpp-settings.ts';

export type { SmppConfig } from './smpp-settings.ts';

const FIRST_PAUSE = seconds(1);
const LONGEST_PAUSE = seconds(60);
const MOST_PARTS = 10;
const VERSION_34 = 0x34;

function openSmpp(config: SmppConfig, { clock, onReceipt = () => {} }: TextPorts): TextNotifier {
  const connection = smppConnection(config);
  const lanes = createLanes(config.window);
  const progress = createProgress();
  const receipts = createReceipts(onReceipt);
  const inFlight = new Map<string, Promise<DeliveryOutcome>>();
  let pausedUntil = 0;
  let pause = FIRST_PAUSE;

  const keeper = createKeeper(
    () =>
      openLink({
        ...config,
        connection,
        bind: {
          system_id: config.systemId,
          password: config.password,
          system_type: config.systemType,
          interface_version: VERSION_34,
        },
        onDeliver: receipts.take,
        onLost: () => keeper.lost(),
      }),
    clock,
  );

  const retry = (cause: string, after?: number): DeliveryOutcome => ({
    is: 'retry',
    ...(after === undefined ? {} : { after }),
    cause,
  });

  function throttled(name: string): DeliveryOutcome {
    pausedUntil = clock.now() + pause;
    const outcome = retry(`The message centre asks us to slow down (${name}).`, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    return outcome;
  }

  function refused(status: number): DeliveryOutcome {
    const { meaning, name } = meaningOf(status);
    if (meaning === 'throttled') return throttled(name);
    if (meaning === 'message') return { is: 'rejected', cause: `The message centre refuses the message (${name}).` };
    if (meaning === 'ours')
      return retry(
        `The message centre refuses the sender or a setting (${name}). sender: use an allowed one.`,
        seconds(60),
      );
    return retry(`The message centre asks to try later (${name}).`);
  }

  /** Undefined: taken. */
  async function submit(
    link: Link,
    key: string,
    part: number,
    fields: Record<string, unknown>,
  ): Promise<DeliveryOutcome | undefined> {
    const took = (messageId: string | undefined): void => {
      progress.took(key, part);
      if (fields['registered_delivery'] === 1 && messageId) receipts.expect(messageId, key);
    };
    const answer = await link.request('submit_sm', fields, (pdu) => {
      if (pdu.command_status === 0) took(pdu.message_id);
    });
    if (answer.is === 'lost') return retry('The connection to the message centre broke in the middle of the message.');
    if (answer.is === 'late') return retry('The message centre did not answer within replyTimeout.');
    if (answer.pdu.command_status !== 0) return refused(answer.pdu.command_status);
    pause = FIRST_PAUSE;
    took(answer.pdu.message_id);
    return undefined;
  }

  async function attempt(message: TextMessage): Promise<DeliveryOutcome> {
    const submits = submitsOf(message, config);
    if (submits.length > MOST_PARTS) return { is: 'rejected', cause: 'The text is too long to be sent.' };
    for (const [part, fields] of submits.entries()) {
      if (progress.has(message.idempotencyKey, part)) continue;
      const outcome = await lanes(async () => {
        const wait = pausedUntil - clock.now();
        if (wait > 0) return retry('The message centre has asked us to slow down.', wait);
        const held = await keeper.hold();
        if (held.is === 'link') return submit(held.link, message.idempotencyKey, part, fields);
        const { cause, fix, key } = explainBind(held.error);
        return retry(`${cause} ${key}: ${fix}`, held.after);
      });
      if (outcome) return outcome;
    }
    return { is: 'delivered' };
  }

  return {
    deliver(message) {
      if (!isE164(message.to)) {
        return Promise.resolve({ is: 'rejected', cause: 'The number is not one that can be sent to.' });
      }
      const running = inFlight.get(message.idempotencyKey);
      if (running) return running;
      const started = attempt(message).finally(() => inFlight.delete(message.idempotencyKey));
      inFlight.set(message.idempotencyKey, started);
      return started;
    },
    async check() {
      const what = `bind to ${config.host}, port ${config.port}, as ${config.systemId}`;
      const held = await keeper.holdNow();
      if (held.is === 'down') return [{ is: 'failed', what, ...explainBind(held.error) }];
      const answer = await held.link.request('enquire_link', {});
      const findings: Finding[] = [
        answer.is === 'answer'
          ? { is: 'ok', what }
          : {
              is: 'failed',
              what,
              cause: 'Bound, but the message centre does not answer.',
              fix: 'Look at its log.',
              key: 'host',
            },
      ];
      if (config.security === 'none' && !isLoopbackHost(config.host)) {
        const cause = 'Codes leave this machine unencrypted.';
        findings.push({
          is: 'warning',
          what: 'encryption',
          cause,
          fix: 'Use TLS, or be sure that a tunnel lies in between.',
          key: 'security',
        });
      }
      return findings;
    },
    async close() {
      await Promise.allSettled(inFlight.values());
      await keeper.close();
    },
  };
}

export const smpp = definePlugin({
  id: 'smpp',
  summary: 'Sends texts straight to a message centre of a network or provider (SMPP 3.4).',
  configSchema: smppConfig,
  open: openSmpp,
});
