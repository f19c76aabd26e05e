/** What gives records of the audit on to somebody outside: in order, each at least once. */
import type { Finding } from '../../kernel/plugin.ts';
import type { AuditEntry } from '../read.ts';

/** A record with its place in the chain. */
export interface FeedRecord {
  seq: number;
  /** Canonical JSON, as it was hashed. */
  body: string;
  previous: string;
  hash: string;
  entry: AuditEntry;
}

export type Sent =
  | { is: 'delivered' }
  /** Nothing, or not surely all of it, arrived; the same records come again. `key`: of the feed's configuration. */
  | { is: 'failed'; cause: string; fix: string; key: string };

/** A way to a receiver. */
export interface Carrier {
  /** Where to, for operators. Holds no secret. */
  readonly to: string;
  /** Resolves when the receiver has it, as far as the protocol can tell. Never throws. */
  carry(records: readonly FeedRecord[]): Promise<Sent>;
  check(): Promise<Finding[]>;
}

export interface Feed extends Carrier {
  readonly id: string;
  readonly type: 'syslog' | 'cef' | 'json' | 'webhook';
  readonly from: 'beginning' | 'now';
  /** ms; one delivery is over by then. */
  readonly longest: number;
  /** Whether it wants this event. */
  takes(event: string): boolean;
}

/** One record as it is written for a receiver. */
export type Format = (record: FeedRecord) => string;

/** Text of a foreign format must not end a line, hide or turn direction: such characters are written as their number. */
export const plain = (text: string, write: (code: number) => string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, (one) =>
    write(one.codePointAt(0) ?? 0),
  );

const LONGEST = 1_024;

/** What is long beyond use is cut between two characters. */
export const cut = (text: string): string => {
  const characters = text.length > LONGEST ? [...text] : [];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : text;
};
