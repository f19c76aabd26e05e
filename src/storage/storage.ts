/**
 * What the rest of Sparekey asks of its database. Two engines (embedded SQLite, PostgreSQL) give the same answers:
 * test/contract/storage.ts runs on both. Every function takes the executor (`db` or the `trx` of a transaction) first,
 * because on SQLite the outer `db` deadlocks inside a transaction.
 */
import type { Kysely, Transaction } from 'kysely';
import type { Finding } from '../kernel/plugin.ts';
import type { Schema } from './schema.ts';

/** `db`, or the `trx` inside `transaction()`. */
export type Executor = Kysely<Schema> | Transaction<Schema>;

/** Inside `transaction()`. */
export type Trx = Transaction<Schema>;

export interface Storage {
  readonly engine: 'sqlite' | 'postgres';
  readonly db: Kysely<Schema>;
  /** All or nothing, durable when it resolves. Retries serialisation failures and deadlocks of the engine. */
  transaction<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T>;
  check(): Promise<Finding[]>;
  /** False while it can't be used. Asked every second by load balancers: costs next to nothing, whatever lies in it. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
}
