/**
 * The outbox's `text` job: words a template in the reader's language and hands it to the first sender that is well. A sender
 * that fails is left alone for a while and the next one takes over within the same attempt; a number or text that a sender
 * refuses is refused by all.
 */
import type { Clock } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { DeliveryOutcome } from './notifier.ts';
import { type Delivered, type PhoneReports, swapped } from './phone-delivery.ts';
import type { PhoneSignals } from './phone-signals.ts';
import { createSenderHealth } from './sender-health.ts';
import type { Brand } from './templates/index.ts';
import type { TextNotifier } from './text-notifier.ts';
import { isNotice, renderStoredText } from './texts/index.ts';

export interface TextSender {
  /** For log and health page: `smpp`, or `smpp 2` where several are alike. */
  name: string;
  notifier: Pick<TextNotifier, 'deliver'>;
}

export interface TextHandlerDeps {
  /** The preferred one first. */
  senders: readonly TextSender[];
  brand: Brand;
  clock: Clock;
  reports: PhoneReports;
  /** Whether one more notice may be paid for. Codes were counted when they were asked for. */
  mayNotify(): Promise<boolean>;
  signals?: PhoneSignals | undefined;
}

type Failed = Extract<DeliveryOutcome, { is: 'retry' }>;

export function createTextHandler({ senders, brand, clock, reports, mayNotify, signals }: TextHandlerDeps) {
  const health = createSenderHealth(clock);

  const send = async (message: Parameters<TextNotifier['deliver']>[0]): Promise<Delivered> => {
    const failures: (Failed & { name: string })[] = [];
    for (const { name, notifier } of health.inOrder(senders)) {
      const outcome = await notifier.deliver(message);
      if (outcome.is !== 'retry') {
        // It answered about this message, so it works.
        health.well(name);
        return outcome.is === 'delivered' ? { is: 'done' } : { is: 'dead', reason: outcome.cause };
      }
      health.failed(name, outcome.after);
      reports.warn({ job: message.idempotencyKey, sender: name, cause: outcome.cause }, 'A sender of texts failed.');
      failures.push({ ...outcome, name });
    }
    const soonest = Math.min(...failures.map(({ after }) => after ?? Number.POSITIVE_INFINITY));
    return {
      is: 'retry',
      ...(Number.isFinite(soonest) ? { after: soonest } : {}),
      cause: failures.map(({ name, cause }) => `${name}: ${cause}`).join(' '),
    };
  };

  return async ({ id, attempt, payload }: { id: string; attempt: number; payload: JsonObject }): Promise<Delivered> => {
    const template = String(payload['template']);
    const to = String(payload['to']);
    const language = String(payload['language']);
    if (senders.length === 0)
      return isNotice(template) ? { is: 'done' } : { is: 'dead', reason: 'No sender of texts is configured.' };
    let text: string;
    try {
      text = renderStoredText({ template, language, values: payload['values'] as JsonObject }, brand);
    } catch (error) {
      // A bug of ours, which no retry repairs. The message never repeats the values.
      return { is: 'dead', reason: error instanceof Error ? error.message : 'The text could not be worded.' };
    }
    // The person gets the same notice by mail, so nothing is lost when no more texts may be sent today.
    if (isNotice(template) && attempt === 1 && !(await mayNotify())) return { is: 'done' };
    const change = template === 'code' ? await swapped(signals, reports, id, to) : undefined;
    if (change !== undefined) return { is: 'dead', reason: change };
    return send({ idempotencyKey: id, to, text, language });
  };
}
