/**
 * Counting for the throttle, shared by all nodes. Each count is one statement, so parallel calls can't slip past a limit.
 * Count outside of the transaction that may roll back, or a refused request was never counted.
 */
import { sql } from 'kysely';
import { days, hours, seconds } from '../../kernel/clock.ts';
import { prepared } from '../prepared.ts';
import type { Executor } from '../storage.ts';
import { deleteInBatches } from './sweep.ts';

export interface Window {
  limit: number;
  windowMs: number;
}

export interface Hit {
  allowed: boolean;
  /** Within this window, this one included. */
  count: number;
  /** ms; when it is worth trying again. Now, when allowed. */
  retryAt: number;
}

/** NIST N-23/N-24: failures in a row, over all sessions, until a success. */
export interface Ladder {
  /** The first failure that brings a wait. */
  waitFrom: number;
  firstWaitMs: number;
  /** Doubling stops here. */
  longestWaitMs: number;
  /** At so many in a row the authenticator must be disabled until it is bound again. */
  disableAt: number;
  /** A ladder that nobody touched for so long is forgotten. */
  keepMs: number;
}

/** standards.md section 12, "Failure ladder". */
export const FAILURE_LADDER: Ladder = {
  waitFrom: 10,
  firstWaitMs: seconds(30),
  longestWaitMs: hours(1),
  disableAt: 50,
  keepMs: days(365),
};

export interface Rung {
  count: number;
  /** ms; 0 when nothing is blocked. */
  blockedUntil: number;
  /** True from `disableAt` failures on. */
  disable: boolean;
}

const countHit = prepared((ex, { key, now, endsAt }: { key: string; now: number; endsAt: number }) =>
  ex
    .insertInto('counters')
    .values({ key, count: 1, window_ends_at: endsAt, blocked_until: 0 })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql<number>`case when counters.window_ends_at <= ${now} then 1 else counters.count + 1 end`,
        window_ends_at: sql<number>`case when counters.window_ends_at <= ${now} then excluded.window_ends_at else counters.window_ends_at end`,
      }),
    )
    .returning(['count', 'window_ends_at']),
);

/** Atomic fixed window. */
export async function hit(ex: Executor, key: string, { limit, windowMs }: Window, now: number): Promise<Hit> {
  const { rows } = await countHit(ex, { key, now, endsAt: now + windowMs });
  const { count, window_ends_at } = rows[0] as { count: number; window_ends_at: number };
  const allowed = count <= limit;
  return { allowed, count, retryAt: allowed ? now : window_ends_at };
}

/** ms to wait after the given number of failures in a row. */
export function ladderWait(ladder: Ladder, count: number): number {
  if (count < ladder.waitFrom) return 0;
  return Math.min(ladder.longestWaitMs, ladder.firstWaitMs * 2 ** (count - ladder.waitFrom));
}

/** `blocked_until` after one more failure, as SQL: one branch per rung, so that counting and blocking are one statement. */
function blockedUntil(ladder: Ladder, now: number) {
  const rungs: number[] = [ladder.waitFrom];
  while (ladderWait(ladder, rungs[0] as number) < ladder.longestWaitMs) rungs.unshift((rungs[0] as number) + 1);
  const branches = rungs.map((count) => {
    return sql`when counters.count + 1 >= ${sql.lit(count)} then cast(${now} as bigint) + ${sql.lit(ladderWait(ladder, count))}`;
  });
  return sql<number>`case ${sql.join(branches, sql` `)} else 0 end`;
}

const rung = (ladder: Ladder, row: { count: number; blocked_until: number }): Rung => ({
  count: row.count,
  blockedUntil: row.blocked_until,
  disable: row.count >= ladder.disableAt,
});

interface Failure {
  key: string;
  now: number;
  keptUntil: number;
  /** Where the first failure blocks already. */
  blockedAtOnce: number;
}

const failureOn = (ladder: Ladder) =>
  prepared((ex, { key, now, keptUntil, blockedAtOnce }: Failure) =>
    ex
      .insertInto('counters')
      .values({ key, count: 1, window_ends_at: keptUntil, blocked_until: blockedAtOnce })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet({
            count: sql<number>`counters.count + 1`,
            window_ends_at: sql<number>`excluded.window_ends_at`,
            blocked_until: blockedUntil(ladder, now),
          })
          .where('counters.blocked_until', '<=', now),
      )
      .returning(['count', 'blocked_until']),
  );

/** One statement for each ladder: its rungs stand in the SQL. */
const countFailure = new WeakMap<Ladder, ReturnType<typeof failureOn>>();

/**
 * Counts one failure, unless the key is blocked right now (`counted: false`: refuse without judging). To be safe against
 * parallel guesses, count *before* judging the answer and `clear` when it was right.
 */
export async function fail(
  ex: Executor,
  key: string,
  ladder: Ladder,
  now: number,
): Promise<Rung & { counted: boolean }> {
  const first = ladderWait(ladder, 1);
  const count = countFailure.get(ladder) ?? failureOn(ladder);
  countFailure.set(ladder, count);
  const blockedAtOnce = first === 0 ? 0 : now + first;
  const [row] = (await count(ex, { key, now, keptUntil: now + ladder.keepMs, blockedAtOnce })).rows;
  return row ? { ...rung(ladder, row), counted: true } : { ...(await read(ex, key, ladder)), counted: false };
}

const readRung = prepared((ex, { key }: { key: string }) =>
  ex.selectFrom('counters').select(['count', 'blocked_until']).where('key', '=', key),
);

/** Where on the ladder a key stands. Zeroes, when nothing failed. */
export async function read(ex: Executor, key: string, ladder: Ladder): Promise<Rung> {
  const [row] = (await readRung(ex, { key })).rows;
  return rung(ladder, row ?? { count: 0, blocked_until: 0 });
}

/** Takes one count back. A block that it led to stays. */
export async function giveBack(ex: Executor, key: string): Promise<void> {
  await ex
    .updateTable('counters')
    .set({ count: sql<number>`counters.count - 1` })
    .where('key', '=', key)
    .where('count', '>', 0)
    .execute();
}

/** Hits within the window that is open now; 0 when none is. */
export async function count(ex: Executor, key: string, now: number): Promise<number> {
  const row = await ex
    .selectFrom('counters')
    .select('count')
    .where('key', '=', key)
    .where('window_ends_at', '>', now)
    .executeTakeFirst();
  return row?.count ?? 0;
}

const clearBoth = prepared((ex, { key, also }: { key: string; also: string }) =>
  ex.deleteFrom('counters').where((eb) => eb.or([eb('key', '=', key), eb('key', '=', also)])),
);

/** One or two of them, in one statement. */
export async function clear(ex: Executor, key: string, also = key): Promise<void> {
  await clearBoth(ex, { key, also });
}

/** Deletes counters whose window is over and whose block has run out. @returns how many. */
export const sweep = (ex: Executor, now: number): Promise<number> =>
  deleteInBatches((limit) =>
    ex
      .deleteFrom('counters')
      .where('key', 'in', (eb) =>
        eb
          .selectFrom('counters')
          .select('key')
          .where('window_ends_at', '<=', now)
          .where('blocked_until', '<=', now)
          .limit(limit),
      )
      .executeTakeFirst(),
  );
