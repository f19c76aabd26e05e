/** What a method says of an answer. */
import type { Effect } from './effect.ts';

export type Verdict =
  /** Right. `effects` make the value unusable a second time; `show` is shown once (a replacement code). */
  { is: 'verified'; effects: Effect[]; show?: { replacementCode: string } } | { is: 'mismatch' } | { is: 'expired' };
