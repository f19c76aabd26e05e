/**
 * Searching the audit, newest first. One call looks at a bounded number of records, so no question is slow, however large the
 * audit and however rare what is looked for: it tells where to go on instead. Times are found by halving, persons by an index.
 */
import { hours } from '../kernel/clock.ts';
import type { Executor } from '../storage/storage.ts';
import { type AuditFilter, matches } from './filter.ts';
import type { AuditEntry } from './read.ts';

export interface AuditPage {
  entries: AuditEntry[];
  /** `before` of the next call; absent: that was all. */
  next: number | undefined;
}

const BATCH = 1_000;
/** Looked at by one call. */
const MOST_LOOKED_AT = 20_000;
/** Nodes whose clocks differ write moments that don't quite follow each other. */
const CLOCKS_DIFFER = hours(1);

const momentOf = (body: string): number => Date.parse((JSON.parse(body) as AuditEntry).at);

/** The first record that was written after that instant; behind the last one when there is none. */
async function seqAfter(executor: Executor, instant: number): Promise<number> {
  const { last } = await executor
    .selectFrom('audit')
    .select((eb) => eb.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  let [low, high] = [1, Number(last ?? 0) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await executor
      .selectFrom('audit')
      .select(['seq', 'body'])
      .where('seq', '>=', middle)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst();
    if (!row || momentOf(row.body) > instant) high = middle;
    else low = row.seq + 1;
  }
  return low;
}

const pageBefore = async (executor: Executor, before: number | undefined, subject: string | undefined) =>
  executor
    .selectFrom('audit')
    .select(['seq', 'body'])
    .$if(before !== undefined, (query) => query.where('seq', '<', before as number))
    .$if(subject !== undefined, (query) => query.where('subject', '=', subject as string))
    .orderBy('seq', 'desc')
    .limit(BATCH)
    .execute();

/** `before`: the `next` of the page before. */
export async function searchAudit(
  executor: Executor,
  filter: AuditFilter,
  { before, limit = 100, most = MOST_LOOKED_AT }: { before?: number; limit?: number; most?: number } = {},
): Promise<AuditPage> {
  const { since, until, subject } = filter;
  const end = until === undefined ? undefined : await seqAfter(executor, until + CLOCKS_DIFFER);
  let from = before === undefined ? end : Math.min(before, end ?? before);
  const entries: AuditEntry[] = [];
  for (let looked = 0; looked < most; ) {
    const rows = await pageBefore(executor, from, subject);
    for (const { seq, body } of rows) {
      const entry = JSON.parse(body) as AuditEntry;
      if (since !== undefined && Date.parse(entry.at) < since - CLOCKS_DIFFER) return { entries, next: undefined };
      if (matches(entry, filter)) entries.push(entry);
      from = seq;
      if (entries.length === limit) return { entries, next: seq };
    }
    looked += rows.length;
    if (rows.length < BATCH) return { entries, next: undefined };
  }
  return { entries, next: from };
}
