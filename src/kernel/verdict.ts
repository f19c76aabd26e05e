/** What a method says of an answer. */
import type { Effect } from './effect.ts';
import type { Worth } from './gate.ts';
import type { JsonObject } from './json.ts';

export interface Unavailable {
  is: 'unavailable';
  cause: string;
}

export type Verdict =
  /**
   * Right. `effects` make the value unusable a second time; `show` is shown once (a replacement code); `tell` is the
   * notice that every confirmed address of the person gets.
   */
  | {
      is: 'verified';
      effects: Effect[];
      show?: { replacementCode: string };
      /** Where this very answer proves more or less than the method's usual one (a passkey without user verification). */
      worth?: Partial<Worth>;
      tell?: { template: string; values: JsonObject };
    }
  /**
   * `cause`: one sentence for audit and operators, where a wrong answer has more than one reason. `alarm`: the kind of
   * incident to open, where it is wrong in a way that somebody must look at and that nobody else could bring about.
   */
  | { is: 'mismatch'; cause?: string; alarm?: string }
  /** Nobody has answered yet (a contact): look again later. Costs no try. */
  | { is: 'waiting' }
  /** Broken off elsewhere, by the person or by whoever was asked. Costs no try; another challenge is needed. */
  | { is: 'declined'; cause?: string }
  /** Whoever has to say it can't be asked now. Costs no try; `cause` is for operators. */
  | Unavailable
  | { is: 'expired' };
