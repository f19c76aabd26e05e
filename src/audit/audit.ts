/** The audit: an append-only hash chain, written in the same transaction as what it tells. */
import type { Transaction } from 'kysely';
import type { JsonObject } from '../kernel/json.ts';
import type { Schema } from '../storage/schema.ts';
import type { Executor, Storage } from '../storage/storage.ts';
import type { AuditEvent } from './events.ts';
import type { PruneOptions } from './prune.ts';
import type { LinesOptions } from './verify-lines.ts';

export interface AuditRecord {
  /** From the catalogue in audit/events.ts, for example `recovery.password-reset`. */
  event: AuditEvent;
  outcome: 'success' | 'failure' | 'refused' | 'unknown';
  /** Who did it: an account id, `helper:<name>`, `system`, or `anonymous`. */
  actor: string;
  /** Account id, or for decoys the derived subject. */
  subject?: string;
  /** Source address, IPv6 as it came. */
  ip?: string;
  flow?: string;
  method?: string;
  /** The exact cause, for operators. Never a secret, never what was typed into a secret field. */
  reason?: string;
  detail?: JsonObject;
}

export type ChainFault =
  | { is: 'changed'; seq: number }
  | { is: 'missing'; seq: number }
  | { is: 'swapped'; seq: number }
  /** The chain ends before its recorded head: records were cut off. */
  | { is: 'truncated'; seq: number };

/** An end of the chain that was noted outside of the database. */
export interface KnownHead {
  seq: number;
  hash: string;
}

export interface Verification {
  records: number;
  /** The first record that is there; more than 1 when a sealed checkpoint takes the place of older ones. */
  from: number;
  /** Hash of the last record, and its number: note both elsewhere to prove later that nothing was cut off or replaced. */
  head: string;
  seq: number;
  /** The first hundred or so. */
  faults: ChainFault[];
}

export interface Audit {
  append(trx: Transaction<Schema>, ...records: AuditRecord[]): Promise<void>;
  /** Walks the chain in batches; bounded memory. `known`: an end that was noted elsewhere and must still be in it. */
  verify(executor: Executor, known?: KnownHead): Promise<Verification>;
  /** The same for the lines of an exported file, with no database. */
  verifyLines(lines: AsyncIterable<string>, options?: LinesOptions): Promise<Verification>;
  /** Deletes old records; a sealed checkpoint takes their place. @returns how many went. */
  prune(storage: Storage, options: PruneOptions): Promise<number>;
}
