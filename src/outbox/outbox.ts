/**
 * Durable work after commit. `enqueue` writes in the caller's transaction; a handler runs at least once, on any node,
 * again after kill -9, with back-off, until it is done, dead (with a reason) or too late.
 */
import type { Transaction } from 'kysely';
import type { JsonObject } from '../kernel/json.ts';
import type { Finding } from '../kernel/plugin.ts';
import type { Schema } from '../storage/schema.ts';

export interface Job {
  /** Which handler: `mail`, `settle-password`. */
  kind: string;
  /** Sealed while it waits. */
  payload: JsonObject;
  /** ms; not before this instant. Now, when absent. */
  runAt?: number;
  /** ms; after it the job is dropped as `expired`. */
  expiresAt: number;
}

export interface Delivery {
  /** The job's id: the same at every attempt, so it serves as idempotency key. */
  id: string;
  /** 1, 2, 3 … */
  attempt: number;
  payload: JsonObject;
}

export type JobOutcome =
  | { is: 'done' }
  | { is: 'retry'; after?: number; cause: string }
  /** Never try again. */
  | { is: 'dead'; reason: string };

/** A throw counts as `retry`. */
export type JobHandler = (delivery: Delivery) => Promise<JobOutcome>;

export interface Outbox {
  enqueue(trx: Transaction<Schema>, job: Job): Promise<string>;
  /** What the job was for has happened in this transaction: nothing is left to do. A run that is under way counts for nothing. */
  finish(trx: Transaction<Schema>, id: string): Promise<void>;
  /** Starts to work off jobs. Handlers by kind. */
  start(handlers: Record<string, JobHandler>): Promise<void>;
  /** Called after a commit that enqueued: picks work up without waiting for the next poll. */
  nudge(): void;
  /** Resolves when nothing due is left (tests, gentle stop). */
  idle(): Promise<void>;
  /** Jobs that will never be done by themselves, newest first. */
  dead(limit: number): Promise<{ id: string; kind: string; reason: string; attempt: number; at: number }[]>;
  check(): Promise<Finding[]>;
  /** Lets running handlers finish (bounded), takes no new work. */
  stop(): Promise<void>;
}
