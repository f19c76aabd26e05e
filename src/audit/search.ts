/**
 * Searching the audit, newest first. What is rare is found by an index, times by halving; whatever is asked for, one call looks at
 * a bounded number of records and tells where to go on, so no question is slow, however large the audit is.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { sql } from 'kysely';
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
/** More names of events than this are looked for in all records. */
const MOST_NAMES = 25;
/** Nodes whose clocks differ write moments that don't quite follow each other. */
const CLOCKS_DIFFER = hours(1);

const momentOf = (body: string): number => Date.parse((JSON.parse(body) as AuditEntry).at);

/** The first record that was written after that instant; behind the last one when there is none. */
export async function seqAfter(executor: Executor, instant: number): Promise<number> {
  const end = (order: 'asc' | 'desc') =>
    executor.selectFrom('audit').select('seq').orderBy('seq', order).limit(1).executeTakeFirst();
  const [first, last] = [await end('asc'), await end('desc')];
  let [low, high] = [first?.seq ?? 1, (last?.seq ?? 0) + 1];
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

type By = 'subject' | 'flow' | 'ip' | 'actor' | 'event' | 'outcome';

/** Where to look: everywhere, or at one value of one indexed column. Most telling first. */
type Trail = { is: 'all' } | { is: 'by'; column: By; values: string[] };

/** Every event that begins so: by jumping from one name to the next in the index, because databases sort names in ways of their own. */
async function namesLike(executor: Executor, beginning: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with recursive names(name) as (
      select min(event) from audit where event is not null
      union all
      select (select min(event) from audit where event > names.name) from names where names.name is not null
    )
    select name from names where name is not null`.execute(executor);
  return rows.map(({ name }) => name).filter((name) => name.startsWith(beginning));
}

async function trailOf(executor: Executor, filter: AuditFilter): Promise<Trail> {
  if (filter.subject !== undefined) return { is: 'by', column: 'subject', values: [filter.subject] };
  const unfilled = await executor
    .selectFrom('audit')
    .select('seq')
    .where('event', 'is', null)
    .orderBy('seq')
    .limit(1)
    .execute();
  if (unfilled.length > 0) return { is: 'all' };
  for (const column of ['flow', 'ip', 'actor'] as const) {
    const value = filter[column];
    if (value !== undefined) return { is: 'by', column, values: [value] };
  }
  const names = filter.event === undefined ? undefined : await namesLike(executor, filter.event);
  if (names && names.length <= MOST_NAMES) return { is: 'by', column: 'event', values: names };
  // Of successes there is no index: they are nearly all.
  if (filter.outcome !== undefined && filter.outcome !== 'success')
    return { is: 'by', column: 'outcome', values: [filter.outcome] };
  return { is: 'all' };
}

interface Looked {
  seq: number;
  body: string;
}

/** The newest records before that one, of one value or of all. */
const newest = (
  executor: Executor,
  before: number | undefined,
  { limit = BATCH, column, value }: { limit?: number; column?: By; value?: string } = {},
): Promise<Looked[]> =>
  executor
    .selectFrom('audit')
    .select(['seq', 'body'])
    .$if(before !== undefined, (query) => query.where('seq', '<', before as number))
    .$if(column !== undefined, (query) => query.where(column as By, '=', value as string))
    // What the partial index says, in its own words: SQLite concludes nothing.
    .$if(column === 'outcome', (query) => query.where(sql<boolean>`outcome <> 'success'`))
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();

/** A batch of the trail, newest first, and whether there are more. */
async function batchOf(
  executor: Executor,
  trail: Trail,
  before: number | undefined,
): Promise<{ rows: Looked[]; more: boolean }> {
  if (trail.is === 'all') {
    const rows = await newest(executor, before);
    return { rows, more: rows.length === BATCH };
  }
  const { column, values } = trail;
  const limit = Math.max(50, Math.ceil(BATCH / Math.max(1, values.length)));
  const found: Looked[] = [];
  // Behind the last record of a value that has more, some of that value are still missing.
  let floor = 0;
  for (const value of values) {
    const rows = await newest(executor, before, { limit, column, value });
    found.push(...rows);
    if (rows.length === limit) floor = Math.max(floor, rows.at(-1)?.seq ?? 0);
  }
  return { rows: found.filter(({ seq }) => seq >= floor).sort((a, b) => b.seq - a.seq), more: floor > 0 };
}

/** `before`: the `next` of the page before. */
export async function searchAudit(
  executor: Executor,
  filter: AuditFilter,
  { before, limit = 100, most = MOST_LOOKED_AT }: { before?: number; limit?: number; most?: number } = {},
): Promise<AuditPage> {
  const { since, until } = filter;
  const end = until === undefined ? undefined : await seqAfter(executor, until + CLOCKS_DIFFER);
  const trail = await trailOf(executor, filter);
  let from = before === undefined ? end : Math.min(before, end ?? before);
  const entries: AuditEntry[] = [];
  for (let looked = 0; looked < most; ) {
    const { rows, more } = await batchOf(executor, trail, from);
    for (const { seq, body } of rows) {
      const entry = JSON.parse(body) as AuditEntry;
      if (since !== undefined && Date.parse(entry.at) < since - CLOCKS_DIFFER) return { entries, next: undefined };
      if (matches(entry, filter)) entries.push(entry);
      from = seq;
      if (entries.length === limit) return { entries, next: seq };
    }
    looked += rows.length;
    // The embedded engine answers without a pause: others get their turn.
    await breathe();
    if (!more) return { entries, next: undefined };
  }
  return { entries, next: from };
}
