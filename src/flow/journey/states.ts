/**
 * What a journey remembers between two requests. One machine serves recovery, practice run, the second factor of a
 * sign-in, the password write of a change, unlocking and a lost factor: they differ in how they begin and end, not in the gates
 * between.
 */

import type { Account } from '../../kernel/account.ts';
import type { Gate } from '../../kernel/gate.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { GatePrompt } from '../../kernel/prompt.ts';
import type { NamedRule } from '../password-rules.ts';

export type JourneyKind = 'recovery' | 'practice' | 'sign-in' | 'change' | 'unlock' | 'lost-factor';

/** Why a journey ended without reaching its goal. The person reads a sentence for each. */
export type StopReason =
  | 'expired'
  | 'cancelled'
  | 'not-enough-ways'
  | 'blocked'
  /** The directory refused for a reason that no other password mends. */
  | 'failed'
  /** Stopped by the person or an operator until somebody has looked at it. */
  | 'frozen'
  /** Too many signs that it is somebody else. */
  | 'risk';

/** Shown above the title of the page that comes next. */
export type Problem =
  | { is: 'mismatch'; triesLeft: number }
  /** The code was wrong too often or too late; a new one is needed. */
  | { is: 'void'; method?: string }
  | { is: 'wait'; until: number }
  | { is: 'refused'; rules: NamedRule[] }
  | { is: 'differs' }
  | { is: 'not-applied' }
  /** A way to verify could not be used just now, or was broken off elsewhere. Nothing was counted. */
  | { is: 'unanswered'; because: 'unavailable' | 'declined' }
  /** Nobody has confirmed yet. */
  | { is: 'waiting' };

export type JourneyState =
  | { at: 'choosing'; problem?: Problem }
  | {
      at: 'answering';
      method: string;
      /** Names this challenge; part of every MAC made for it. */
      challenge: string;
      /** What the method compares with. Never a clear code. */
      pending: JsonObject;
      prompt: GatePrompt;
      sends: number;
      /** ms; when a new code may be asked for. */
      resendAt: number;
      problem?: Problem;
    }
  /** Everything is proven, but risk asks for patience: everybody is told meanwhile. */
  | { at: 'waiting-out'; until: number; told: string[] }
  | { at: 'choosing-password'; since: number; problem?: Problem }
  /** All gates of an unlock are passed; one button is left. */
  | { at: 'confirming-unlock'; problem?: Problem }
  /** All gates of a lost factor are passed: which one is it? */
  | { at: 'choosing-lost' }
  /** `marker`: what the directory said of the password before the write. */
  | { at: 'applying'; since: number; marker: string }
  /** The directory's answer is not known; the reconciler settles it. */
  | { at: 'unsettled'; since: number; marker: string }
  | { at: 'done'; told: string[]; what?: 'unlocked' }
  | { at: 'practised' }
  | { at: 'signed-in' }
  | { at: 'stopped'; why: StopReason; block?: string; until?: number };

/** The account as it was when the journey began; `undefined` for decoys. */
export type JourneyAccount = Pick<
  Account,
  'id' | 'directory' | 'key' | 'username' | 'displayName' | 'givenName' | 'mail' | 'attributes'
>;

/** What a journey keeps of an account: what the gates look at. */
export const journeyAccount = (account: Account): JourneyAccount => ({
  id: account.id,
  directory: account.directory,
  key: account.key,
  username: account.username,
  displayName: account.displayName,
  givenName: account.givenName,
  mail: account.mail,
  attributes: account.attributes,
});

/** What the risk signs asked for; told and done after the first gate only. */
export interface JourneyRisk {
  is: 'extra-gate' | 'wait' | 'stop';
  /** One sentence for audit and operators. */
  says: string;
  /** ms to wait, for `wait`. */
  wait?: number;
}

export interface Journey {
  kind: JourneyKind;
  account: JourneyAccount | undefined;
  /** Counts as who this is, for limits and audit, whether or not the account exists. */
  subject: string;
  /** HMAC of what was typed: limits that a stranger can see hang on it, never on the account. */
  identifierKey: string;
  /** Of mails: the account's own where the directory knows it. Pages speak the visitor's. */
  language: string;
  /** Found before the first gate, told after it. */
  blocked: { why: string; cause: string; until?: number } | undefined;
  /** Name of the rule that holds for this person. */
  rule: string;
  risk?: JourneyRisk;
  /** Gates passed, in order. */
  passed: Gate[];
  /** Codes sent, by method. Going another way and back does not start the count anew. */
  sent: Record<string, { times: number; againAt: number }>;
  /** The first gate that a stranger passed: told to the person unless the journey ends well. */
  attempt?: { method: string; at: number; ip?: string /** The job that tells it. */; job?: string };
  /** Replacements of saved codes that were used on the way; shown at the end. */
  replacements: string[];
  /** The question how it was is answered: once for each journey. */
  rated?: true;
  /** A gate was passed, and nobody has come with the new cookie yet. */
  heir?: true;
  /** Binds a form to exactly this state: new at every transition. */
  step: string;
  state: JourneyState;
}

/** Strangers must not learn anything about an account before its first gate. */
export const isAnonymous = (journey: Pick<Journey, 'kind' | 'passed'>): boolean =>
  (journey.kind === 'recovery' || journey.kind === 'unlock') && journey.passed.length === 0;

export const isOver = (state: JourneyState): boolean =>
  state.at === 'done' || state.at === 'practised' || state.at === 'signed-in' || state.at === 'stopped';
