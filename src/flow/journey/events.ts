/** What can happen to a journey. The service makes events of requests, answers of the directory and the passing of time. */
import type { Effect } from '../../kernel/effect.ts';
import type { Gate } from '../../kernel/gate.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { GatePrompt } from '../../kernel/prompt.ts';
import type { NamedRule } from '../password-rules.ts';

export type JourneyEvent =
  | {
      is: 'challenged';
      method: string;
      challenge: string;
      pending: JsonObject;
      prompt: GatePrompt;
      resendAt: number;
      effects: Effect[];
    }
  | { is: 'went-back' }
  | {
      is: 'verified';
      gate: Gate;
      effects: Effect[];
      replacementCode: string | undefined;
      tell?: { template: string; values: JsonObject } | undefined;
      ip?: string;
    }
  | { is: 'mismatched'; triesLeft: number; cause?: string | undefined }
  | { is: 'still-waiting' }
  | { is: 'voided'; because: 'tries' | 'expired'; cause?: string | undefined }
  | { is: 'unanswered'; method: string; because: 'unavailable' | 'declined'; cause?: string | undefined }
  | { is: 'held'; until: number }
  /** The time that risk asked for is over. */
  | { is: 'waited' }
  | { is: 'unlocked' }
  /** The unlock could not be done; `final`: trying again is no use. */
  | { is: 'not-unlocked'; cause: string; final: boolean }
  | { is: 'factors-removed'; effects: Effect[]; methods: string[] }
  | { is: 'password-differs' }
  | { is: 'password-broke-rules'; rules: NamedRule[] }
  | { is: 'write-started'; marker: string }
  /** `warning`: in force, but something beside it failed (the unlock, for example). */
  | { is: 'applied'; warning?: string }
  | { is: 'refused'; rules: NamedRule[]; cause: string }
  | { is: 'failed'; cause: string }
  /** The directory was not reached: nothing was sent. */
  | { is: 'unreached'; cause: string }
  | { is: 'unknown'; cause: string }
  | { is: 'settled'; applied: boolean }
  | { is: 'cancelled' }
  | { is: 'expired' };

export type EventName = JourneyEvent['is'];
