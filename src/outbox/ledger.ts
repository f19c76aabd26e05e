/**
 * The rows of the outbox, which are the truth on both engines. Payloads lie sealed and are emptied the moment a job ends.
 * Every attempt has a number; whoever comes back with an older one changes nothing (fencing).
 */
import type { Insertable, Selectable, Transaction, Updateable } from 'kysely';
import type { Clock } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { newId } from '../kernel/random.ts';
import { prepared } from '../storage/prepared.ts';
import { deleteInBatches } from '../storage/repositories/sweep.ts';
import type { OutboxTable, Schema } from '../storage/schema.ts';
import type { Executor, Storage } from '../storage/storage.ts';
import { backOff } from './back-off.ts';
import type { Delivery, Job, JobOutcome } from './outbox.ts';
import type { OutboxSettings } from './settings.ts';

export interface LedgerDeps {
  storage: Storage;
  keyring: Keyring;
  clock: Clock;
  /** 0 to 1, for jitter. */
  random: () => number;
  settings: OutboxSettings;
  /** A job was given up for good. */
  onDead?: ((job: DeadJob) => void) | undefined;
}

export interface DeadJob {
  id: string;
  kind: string;
  reason: string;
}

export interface Claimed {
  id: string;
  kind: string;
  attempt: number;
  payload: string;
  /** ms */
  expiresAt: number;
}

export type ClaimResult =
  | { is: 'claimed'; job: Claimed }
  /** Another node is at it, or it is not due; worth looking again then (ms). */
  | { is: 'later'; at: number }
  /** Finished, also by this very call (expired, used up). */
  | { is: 'finished' };

export type Settled = { is: 'finished' } | { is: 'again'; at: number } | { is: 'fenced' };

/** Slow work has a lane of its own: a system that hangs must not hold up mails. */
export type Lane = 'swift' | 'slow';
export const lanes: readonly Lane[] = ['swift', 'slow'];

export interface Ledger {
  enqueue(trx: Transaction<Schema>, job: Job): Promise<{ id: string; runAt: number }>;
  /** Ids of what is due and free, oldest first. */
  due(lane: Lane, limit: number): Promise<string[]>;
  claim(id: string): Promise<ClaimResult>;
  renew(job: Claimed): Promise<boolean>;
  settle(ex: Executor, job: Claimed, outcome: JobOutcome): Promise<Settled>;
  /** Whatever the state of its attempts: it is done. */
  finish(trx: Transaction<Schema>, id: string): Promise<void>;
  open(job: Claimed): Delivery;
  dead(limit: number): Promise<{ id: string; kind: string; reason: string; attempt: number; at: number }[]>;
}

const REASON_LENGTH = 500;
const context = (id: string): string => `outbox:${id}`;

const insert = prepared((ex, row: Insertable<OutboxTable>) => ex.insertInto('outbox').values(row));

interface DueInput {
  now: number;
  limit: number;
  slow: string;
}

const dueOn = (kinds: '=' | '!=') =>
  prepared((ex, { now, limit, slow }: DueInput) =>
    ex
      .selectFrom('outbox')
      .select('id')
      .where('state', '=', 'waiting')
      .where('kind', kinds, slow)
      .where('run_at', '<=', now)
      .where('lease_until', '<=', now)
      .orderBy('run_at')
      .orderBy('created_at')
      .limit(limit),
  );

const dueBy: Record<Lane, ReturnType<typeof dueOn>> = { swift: dueOn('!='), slow: dueOn('=') };

interface ClaimInput {
  id: string;
  now: number;
  leaseUntil: number;
  mostAttempts: number;
}

/** Nearly always that is all a claim needs: one statement, and one of several nodes gets the row. */
const take = prepared((ex, { id, now, leaseUntil, mostAttempts }: ClaimInput) =>
  ex
    .updateTable('outbox')
    .set((eb) => ({ attempt: eb('attempt', '+', 1), lease_until: leaseUntil }))
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .where('run_at', '<=', now)
    .where('lease_until', '<=', now)
    .where('expires_at', '>', now)
    .where('attempt', '<', mostAttempts)
    .returning(['kind', 'attempt', 'payload', 'expires_at']),
);

const waiting = prepared((ex, { id }: { id: string }) =>
  ex.selectFrom('outbox').selectAll().where('id', '=', id).where('state', '=', 'waiting'),
);

const change = prepared((ex, { id, was, ...set }: { id: string; was: number } & Updateable<OutboxTable>) =>
  ex.updateTable('outbox').set(set).where('id', '=', id).where('state', '=', 'waiting').where('attempt', '=', was),
);

const conclude = prepared((ex, { id, ...set }: { id: string } & Updateable<OutboxTable>) =>
  ex.updateTable('outbox').set(set).where('id', '=', id).where('state', '=', 'waiting'),
);

/** Deletes finished rows (done, dead, expired) older than that instant. @returns how many. */
export const sweepOutbox = (ex: Executor, before: number): Promise<number> =>
  deleteInBatches((limit) =>
    ex
      .deleteFrom('outbox')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('outbox')
          .select('id')
          .where('state', 'in', ['done', 'dead', 'expired'])
          .where('finished_at', '<', before)
          .limit(limit),
      )
      .executeTakeFirst(),
  );

export function createLedger({ storage, keyring, clock, random, settings, onDead }: LedgerDeps): Ledger {
  const { retry, leaseMs } = settings;

  /** True when that attempt was still the latest one. */
  const update = async (ex: Executor, id: string, attempt: number, set: Partial<OutboxTable>): Promise<boolean> => {
    const { numAffectedRows } = await change(ex, { id, was: attempt, ...set });
    return numAffectedRows === 1n;
  };

  const tell = (id: string, kind: string, set: Partial<OutboxTable>): void => {
    if (set.state === 'dead') onDead?.({ id, kind, reason: set.reason ?? '' });
  };

  const ending = (state: 'done' | 'dead' | 'expired', reason: string | null): Partial<OutboxTable> => ({
    state,
    reason: reason?.slice(0, REASON_LENGTH) ?? null,
    payload: '',
    finished_at: clock.now(),
  });

  /** What must happen to a row instead of another attempt. */
  const overdue = (row: Selectable<OutboxTable>): Partial<OutboxTable> | undefined => {
    if (row.expires_at <= clock.now()) return ending('expired', row.reason ?? 'It was too late to start it.');
    if (row.attempt < retry.attempts) return undefined;
    return ending('dead', `Given up after ${row.attempt} attempts; the last one never ended.`);
  };

  const next = (job: Claimed, outcome: JobOutcome): Partial<OutboxTable> => {
    if (outcome.is === 'done') return ending('done', null);
    if (outcome.is === 'dead') return ending('dead', outcome.reason);
    if (job.attempt >= retry.attempts)
      return ending('dead', `Given up after ${job.attempt} attempts: ${outcome.cause}`);
    const at = clock.now() + (outcome.after ?? backOff(retry, job.attempt, random()));
    if (at >= job.expiresAt) return ending('expired', outcome.cause);
    return { run_at: at, lease_until: 0, reason: outcome.cause.slice(0, REASON_LENGTH) };
  };

  /** Why a row could not be taken. */
  async function notTaken(id: string, now: number): Promise<ClaimResult> {
    const [row] = (await waiting(storage.db, { id })).rows;
    if (!row) return { is: 'finished' };
    const free = Math.max(row.run_at, row.lease_until);
    if (free > now) return { is: 'later', at: free };
    const end = overdue(row);
    if (!end || !(await update(storage.db, id, row.attempt, end))) return { is: 'later', at: now };
    tell(id, row.kind, end);
    return { is: 'finished' };
  }

  return {
    async enqueue(trx, job) {
      const id = newId();
      const now = clock.now();
      const runAt = job.runAt ?? now;
      await insert(trx, {
        id,
        kind: job.kind,
        payload: keyring.seal(JSON.stringify(job.payload), context(id)),
        state: 'waiting',
        attempt: 0,
        run_at: runAt,
        lease_until: 0,
        expires_at: job.expiresAt,
        created_at: now,
      });
      return { id, runAt };
    },
    async due(lane, limit) {
      const { rows } = await dueBy[lane](storage.db, { now: clock.now(), limit, slow: settings.slow.kind });
      return rows.map((row) => row.id);
    },
    async claim(id) {
      const now = clock.now();
      const input = { id, now, leaseUntil: now + leaseMs, mostAttempts: retry.attempts };
      const [row] = (await take(storage.db, input)).rows;
      if (!row) return notTaken(id, now);
      const { kind, attempt, payload, expires_at: expiresAt } = row;
      return { is: 'claimed', job: { id, kind, attempt, payload, expiresAt } };
    },
    renew: (job) => update(storage.db, job.id, job.attempt, { lease_until: clock.now() + leaseMs }),
    async settle(ex, job, outcome) {
      const set = next(job, outcome);
      if (!(await update(ex, job.id, job.attempt, set))) return { is: 'fenced' };
      tell(job.id, job.kind, set);
      return set.run_at === undefined ? { is: 'finished' } : { is: 'again', at: set.run_at };
    },
    async finish(trx, id) {
      await conclude(trx, { id, ...ending('done', null) });
    },
    open: (job) => ({
      id: job.id,
      attempt: job.attempt,
      payload: JSON.parse(keyring.open(job.payload, context(job.id))) as JsonObject,
    }),
    async dead(limit) {
      const rows = await storage.db
        .selectFrom('outbox')
        .selectAll()
        .where('state', '=', 'dead')
        .orderBy('finished_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        kind: row.kind,
        reason: row.reason ?? '',
        attempt: row.attempt,
        at: row.finished_at ?? row.created_at,
      }));
    },
  };
}
