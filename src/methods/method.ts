/**
 * What Sparekey asks of a way to verify. A method sends nothing, counts nothing and knows no HTTP: it returns data,
 * the flow commits it. Adding one: a file here, a line in index.ts, a contract-test call.
 */
import type { TObject } from 'typebox';
import type { Account, Authenticator } from '../kernel/account.ts';
import type { Effect } from '../kernel/effect.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Plugin } from '../kernel/plugin.ts';
import type { Prompt } from '../kernel/prompt.ts';
import type { Verdict } from '../kernel/verdict.ts';

/** Where in which journey a challenge belongs: values made for one step are useless in any other. */
export interface Step {
  flow: string;
  /** New for every challenge, so a superseded code never matches again. */
  challenge: string;
  /** ms */
  now: number;
  language: string;
  account: Pick<Account, 'id' | 'username' | 'displayName'>;
  purpose: 'recovery' | 'practice' | 'sign-in' | 'enrolment';
}

export interface Challenge {
  /** What `judge` will compare with. Sealed in the flow; never a clear code. */
  pending: JsonObject;
  prompt: Prompt;
  effects: Effect[];
}

/** Form fields by name, already known to be plain strings without control characters. */
export type Answer = Readonly<Record<string, string>>;

/** What the person is told about an authenticator of theirs, after the first gate only. */
export interface Offer {
  method: string;
  /** Masked address, name of the device … */
  hint: string | undefined;
}

export interface Enrolment {
  /** First thing asked (an address), or `undefined` when the challenge needs no input. */
  ask?(account: Account): Prompt;
  /** Starts binding. `input` answers `ask`. `invalid` names what is wrong with the input. */
  begin(step: Step, account: Account, input: Answer): Promise<Challenge | { is: 'invalid'; why: 'address' | 'same' }>;
  /** The person proves that it works; the effects bind it. */
  confirm(step: Step, pending: JsonObject, answer: Answer, existing: Authenticator[]): Promise<Verdict>;
}

export interface VerificationMethod {
  readonly id: string;
  /** NIST SP 800-63B-4 §4.2: what passing it proves. `issued` and `saved` are recovery codes, `bound` is an authenticator. */
  readonly evidence: 'issued' | 'saved' | 'bound';
  /** Whether it may be the second factor of a portal sign-in (N-14: e-mail may not). */
  readonly signIn: boolean;
  /** `undefined`: not usable with these authenticators (all of this method, none disabled). */
  offer(authenticators: Authenticator[]): Offer | undefined;
  /** A stand-in for accounts that have none, or don't exist: same work, can never match. `seed` gives stable text per purpose. */
  decoy(seed: (purpose: string) => string): JsonObject;
  challenge(step: Step, authenticators: Authenticator[]): Promise<Challenge>;
  judge(step: Step, authenticators: Authenticator[], pending: JsonObject, answer: Answer): Promise<Verdict>;
  readonly enrolment: Enrolment;
}

export interface MethodPorts {
  /** HMAC-SHA-256 with a server key, bound to a purpose. */
  mac(purpose: string, ...parts: string[]): string;
  /** Key for argon2id, kept outside the database. */
  pepper: Buffer;
  /** Shown as issuer in authenticator apps. */
  organisation: string;
}

export type MethodPlugin = Plugin<TObject, MethodPorts, VerificationMethod>;
