/**
 * The outbox's `call` job: one call, and one more where nobody picked up. A box, a wrong key or somebody who hung up ends it:
 * nothing was spoken, and ringing again would only help whoever tries to get at the code (A15).
 */
import { seconds } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';
import { type Delivered, type PhoneReports, swapped } from './phone-delivery.ts';
import type { PhoneSignals } from './phone-signals.ts';
import type { CallOutcome, VoiceNotifier } from './voice-notifier.ts';

const RINGS_AGAIN_AFTER = seconds(20);

export interface CallHandlerDeps {
  /** Undefined: calls are not configured. */
  notifier: Pick<VoiceNotifier, 'call'> | undefined;
  /** Who is calling, as it is spoken. */
  organisation: string;
  reports: PhoneReports;
  signals?: PhoneSignals | undefined;
}

const HOW: Record<Exclude<CallOutcome['is'], 'answered' | 'retry' | 'rejected'>, string> = {
  'no-answer': 'Nobody picked up.',
  busy: 'The line was busy.',
  declined: 'It was refused, or hung up before a key was pressed.',
  machine: 'It was picked up and no key was pressed, as by a voicemail box.',
  'wrong-key': 'Another key was pressed than the page shows.',
};

export function createCallHandler({ notifier, organisation, reports, signals }: CallHandlerDeps) {
  return async ({ id, attempt, payload }: { id: string; attempt: number; payload: JsonObject }): Promise<Delivered> => {
    if (!notifier) return { is: 'dead', reason: 'No sender of calls is configured.' };
    const [to, language, key, code] = ['to', 'language', 'key', 'code'].map((name) => String(payload[name]));
    if (to === undefined || language === undefined || key === undefined || code === undefined)
      return { is: 'dead', reason: 'The call lacks something.' };
    const change = await swapped(signals, reports, id, to);
    if (change !== undefined) return { is: 'dead', reason: change };
    const outcome = await notifier.call({ idempotencyKey: id, to, language, organisation, key, code });
    switch (outcome.is) {
      case 'answered':
        return { is: 'done' };
      case 'retry':
        return outcome;
      case 'rejected':
        return { is: 'dead', reason: outcome.cause };
      case 'no-answer':
      case 'busy':
        if (attempt === 1) return { is: 'retry', after: RINGS_AGAIN_AFTER, cause: HOW[outcome.is] };
        break;
      default:
        break;
    }
    reports.unspoken(id, HOW[outcome.is]);
    return { is: 'done' };
  };
}
