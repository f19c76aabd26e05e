/**
 * What Sparekey asks of a connected system: something beside the directory that keeps a password of its own. Outcomes are
 * data; a connector throws only for bugs. One call is one attempt: retries, order and the circuit breaker belong to the
 * spread engine.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Resource } from '../kernel/plugin.ts';
import type { Secret } from '../kernel/secret.ts';

export interface ConnectorPorts {
  /** Of this system in the configuration. */
  id: string;
  clock: Clock;
}

export interface ConnectorAbilities {
  /** Opens a lock without a new password. */
  unlock: boolean;
  /** Asks for a new password at the next sign-in. */
  mustChange: boolean;
  /** Tells whether an account is there. False: a webhook or a command, which takes every link on trust. */
  find: boolean;
  /** Tells whether a password works (`verify`). */
  verify: boolean;
}

/** Who it is about. Plain text out of the directory: a connector escapes it for its own language (A24). */
export interface Person {
  /** What the linking rule made of the account: a login, a mail address, a role. Never empty. */
  link: string;
  username: string;
  displayName: string;
  mail: string | undefined;
}

/** What must happen there. The password is in NFC, 1 to 128 code points. */
export type Order =
  /** A new password; it opens a lock too where the system keeps one. `mustChange`: good for one sign-in. */
  { is: 'password'; password: Secret; mustChange: boolean } | { is: 'unlock' } | { is: 'must-change' };

export interface Attempt {
  /** The same for every attempt at one order. */
  idempotencyKey: string;
  /** 1, 2, 3 … */
  number: number;
}

/** What must never be written from here: superusers, administrators, what the operator listed. */
interface Protected {
  is: 'protected';
  cause: string;
}

interface Unreached {
  is: 'retry';
  /** ms; the least that the system asked for. Absent: back-off. */
  after?: number;
  /** For operators. Never a secret, nor what was sent. */
  cause: string;
  /** True: the system as a whole (down, our credentials refused, too many requests), so nobody else need try now. */
  whole: boolean;
}

export type Found =
  /** `name`: as the system's own operators know it (DN, role, user principal name). */
  | { is: 'found'; name: string }
  | { is: 'none' }
  /** The link names more than one: nothing is written. */
  | { is: 'several' }
  | Protected
  | Unreached;

export type Delivered =
  /** `warning`: in force, but something beside it could not be done, and why. */
  | { is: 'delivered'; warning?: string }
  /** Not an error: not everybody has an account everywhere. */
  | { is: 'no-account' }
  | Unreached
  /** The system said no and will say so again. `hint`: what an operator can do. */
  | { is: 'rejected'; cause: string; hint?: string };

export type Verified = 'right' | 'wrong' | 'unknown';

export interface Connector extends Resource {
  readonly can: ConnectorAbilities;
  /** Changes nothing. Where `can.find` is false: always `found`. */
  find(person: Person): Promise<Found>;
  /** One attempt, over within the configured timeout. Never called with an order that `can` excludes. */
  deliver(person: Person, order: Order, attempt: Attempt): Promise<Delivered>;
  /** A sign-in as that person, for the canary of `connectors check`. Only where `can.verify`. */
  verify?(person: Person, password: Secret): Promise<Verified>;
}
