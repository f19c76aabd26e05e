/** What a method says of an answer. */
import type { Effect } from './effect.ts';
import type { JsonObject } from './json.ts';

export type Verdict =
  /**
   * Right. `effects` make the value unusable a second time; `show` is shown once (a replacement code); `tell` is the
   * notice that every confirmed address of the person gets.
   */
  | {
      is: 'verified';
      effects: Effect[];
      show?: { replacementCode: string };
      tell?: { template: string; values: JsonObject };
    }
  | { is: 'mismatch' }
  | { is: 'expired' };
