/**
 * What Sparekey asks of a way to verify. A method sends nothing, counts nothing and knows no HTTP: it returns data,
 * the flow commits it. Adding one: a file here, a line in index.ts, a contract-test call.
 */
import type { TObject } from 'typebox';
import type { Account, Authenticator } from '../kernel/account.ts';
import type { AddAuthenticator, Effect } from '../kernel/effect.ts';
import type { Worth } from '../kernel/gate.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { PhoneFault } from '../kernel/phone.ts';
import type { Finding, Plugin } from '../kernel/plugin.ts';
import type { GatePrompt, Prompt } from '../kernel/prompt.ts';
import type { Unavailable, Verdict } from '../kernel/verdict.ts';

/** What a method may know of whom it verifies. A decoy has an id and nothing else. */
export type Subject = Pick<Account, 'id' | 'username' | 'displayName' | 'mail' | 'attributes'>;

/** Where in which journey a challenge belongs: values made for one step are useless in any other. */
export interface Step {
  flow: string;
  /** New for every challenge, so a superseded code never matches again. */
  challenge: string;
  /** ms */
  now: number;
  /** Where it was asked for; `undefined` in tests and seeds. */
  ip?: string;
  language: string;
  account: Subject;
  purpose: 'recovery' | 'practice' | 'sign-in' | 'enrolment';
}

export interface Challenge<P extends Prompt = Prompt> {
  /** What `judge` will compare with. Sealed in the flow; never a clear code. */
  pending: JsonObject;
  prompt: P;
  effects: Effect[];
  /** While a way is added: what it will be found by (`phone:+49…`), so that a number of somebody else costs no message. */
  binds?: string;
}

/** Form fields by name, already known to be plain strings without control characters. */
export type Answer = Readonly<Record<string, string>>;

/** What the person is told about an authenticator of theirs, after the first gate only. */
export interface Offer {
  method: string;
  /** Masked address, name of the device … */
  hint: string | undefined;
  /** Where what this person has is worth more or less than the method usually is. */
  worth?: Partial<Worth>;
}

/** What is wrong with what was typed while adding a way; the person reads a sentence for each. */
export type InvalidInput = {
  is: 'invalid';
  why:
    | 'missing'
    | 'address'
    | 'same'
    /** A mailbox that needs the very password that is forgotten. */
    | 'locked-mailbox'
    | `phone-${PhoneFault}`
    /** A country that the operator does not write to. */
    | 'country'
    /** So many of it that every further one would only cost. */
    | 'too-many'
    /** The number belongs to another account. */
    | 'shared'
    | 'too-short'
    | 'answer-is-name'
    | 'answer-is-question'
    /** The first that anybody would try. */
    | 'answer-trivial'
    | 'answers-alike'
    | 'questions-alike'
    /** An address of one's own: nobody confirms for themself. */
    | 'contact';
  /** The form field that it is about. */
  field?: string;
  /** What else is wrong in the same form, so that nobody has to send it once for each. */
  rest?: readonly Pick<InvalidInput, 'why' | 'field'>[];
};

export interface Enrolment {
  /** First thing asked (an address), or `undefined` when the challenge needs no input. */
  ask?(account: Account): Prompt;
  /** Starts binding. `input` answers `ask`. */
  begin(
    step: Step,
    account: Account,
    input: Answer,
    existing: readonly Authenticator[],
  ): Promise<Challenge | InvalidInput | Unavailable>;
  /** The person proves that it works; the effects bind it. `invalid`: tell what is wrong, nothing is counted. */
  confirm(
    step: Step,
    pending: JsonObject,
    answer: Answer,
    existing: Authenticator[],
  ): Promise<Exclude<Verdict, { is: 'waiting' }> | { is: 'waiting' } | InvalidInput>;
  /**
   * Takes over what the organisation answers for, so that nobody is asked to prove it: an address or a number as `address`,
   * questions of another product as `own0`, `answer0` … Absent: what it keeps comes from the person only.
   */
  adopt?(account: Account, input: Answer): Promise<Adopted | InvalidInput>;
}

export interface Adopted {
  is: 'adopted';
  authenticator: AddAuthenticator['authenticator'];
}

export interface Issuance {
  /** How many a day for one account. */
  perDay: number;
  /** `code` is shown once, to whoever asked for it. The effects put it in the place of what was issued before. */
  issue(
    account: Subject,
    helper: string,
    now: number,
    existing: readonly Authenticator[],
  ): Promise<{ code: string; expiresAt: number; effects: Effect[] }>;
}

export interface VerificationMethod {
  readonly id: string;
  /** NIST SP 800-63B-4 §4.2: what passing it usually proves. */
  readonly worth: Worth;
  /** False: only behind a gate that proves possession, never asked of a stranger. */
  readonly first: boolean;
  /** Whether it may be the second factor of a portal sign-in (N-14: e-mail may not). */
  readonly signIn: boolean;
  /** `undefined`: not usable with these authenticators (all of this method, none disabled). */
  offer(authenticators: readonly Authenticator[], account: Subject): Offer | undefined;
  /** A stand-in for accounts that have none, or don't exist: same work, can never match. `seed` gives stable text per purpose. */
  decoy(seed: (purpose: string) => string): JsonObject;
  /** `unavailable`: somebody else is needed for it (an identity provider) who does not answer. */
  challenge(step: Step, authenticators: readonly Authenticator[]): Promise<Challenge<GatePrompt> | Unavailable>;
  judge(step: Step, authenticators: readonly Authenticator[], pending: JsonObject, answer: Answer): Promise<Verdict>;
  /** Absent: nothing that a person adds (facts of the directory, a helper's pass). */
  readonly enrolment?: Enrolment;
  /** Present where somebody else makes it, for one journey: it is never practised with, nor counts as something a person has. */
  readonly issuance?: Issuance;
  /** Wrong answers to one challenge, where it is less than the limit for codes. */
  readonly tries?: number;
  /** Several of it make sense (addresses, keys), so it is offered again after the first. */
  readonly several: boolean;
  /**
   * Where an answer says itself whose it is (a discoverable credential): what its authenticator is found by, or `undefined`
   * when it can't be read. People may begin with such a method without typing a name.
   */
  lookupOf?(answer: Answer): string | undefined;
  /** Methods whose authenticators it can use, too: a number that gets texts can be called. */
  readonly serves?: readonly string[];
  /** Attributes of the directory that it looks at, by name. */
  readonly attributes?: readonly string[];
  /** Tries what can be tried without harm (an identity provider's metadata), for `sparekey check`. */
  check?(): Promise<Finding[]>;
}

export interface MethodPorts {
  /** HMAC-SHA-256 with a server key, bound to a purpose. */
  mac(purpose: string, ...parts: string[]): string;
  /** Key for argon2id, kept outside the database. */
  pepper: Buffer;
  /** Shown as issuer in authenticator apps. */
  organisation: string;
  /** Where people reach the portal. */
  publicUrl: URL;
  tickets: TicketReader;
  people: PeopleFinder;
  /** ISO 3166-1 codes whose numbers may be used; numbers without + are read with the first. Empty: none at all. */
  phoneCountries: readonly string[];
  /** A text of ours in every language, by its key. */
  texts(key: string): readonly string[];
  /** Whether mail for `domain` is delivered to the same servers as mail for one of `others` (DNS MX). False when nobody can tell. */
  sameMailServers(domain: string, others: readonly string[]): Promise<boolean>;
}

/** What became of a ticket that a method issued by an effect. */
export interface TicketReader {
  /** `undefined`: none of that id, or expired. `answer` is there once somebody answered. */
  read(id: string): Promise<{ data: JsonObject; answer: JsonObject | undefined; used: boolean } | undefined>;
}

/** Somebody of the directory who may vouch for somebody else. */
export interface KnownContact {
  accountId: string;
  displayName: string;
  /** BCP 47 */
  language: string | undefined;
  /** Confirmed ones; those of the directory where none is. */
  addresses: readonly string[];
}

export interface PeopleFinder {
  /** By what the directory holds in an attribute that points to somebody (`manager`): a DN or a username. `undefined`: nobody. */
  find(reference: string): Promise<KnownContact | undefined>;
  /** Confirmed addresses of an account. */
  addressesOf(accountId: string): Promise<readonly string[]>;
}

export type MethodPlugin = Plugin<TObject, MethodPorts, VerificationMethod>;
