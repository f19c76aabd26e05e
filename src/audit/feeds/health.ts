/** How the feeds of the audit are: how far behind, since when they fail, and why. Counts nothing, so it is quick at any size. */
import * as store from '../../storage/repositories/audit-feeds.ts';
import type { Executor } from '../../storage/storage.ts';
import { readAudit } from '../read.ts';
import type { Feed } from './feed.ts';

export interface FeedHealth {
  id: string;
  type: Feed['type'];
  to: string;
  /** `new`: it has not begun. */
  state: 'new' | 'working' | 'failing';
  /** Records between it and the end of the audit, of whatever event. */
  behind: number;
  /** ms; when the oldest of them was written. */
  oldest: number | undefined;
  /** ms */
  deliveredAt: number | undefined;
  failingSince: number | undefined;
  nextAt: number | undefined;
  cause: string | undefined;
  fix: string | undefined;
}

async function healthOf(ex: Executor, feed: Pick<Feed, 'id' | 'type' | 'to'>, head: number): Promise<FeedHealth> {
  const { id, type, to } = feed;
  const row = await store.find(ex, id);
  const behind = row ? Math.max(0, head - row.seq) : head;
  const [oldest] = row && behind > 0 ? await readAudit(ex, { before: row.seq + 2, limit: 1 }) : [];
  return {
    id,
    type,
    to,
    state: !row ? 'new' : row.failing_since === null ? 'working' : 'failing',
    behind,
    oldest: oldest && Date.parse(oldest.at),
    deliveredAt: row?.delivered_at ?? undefined,
    failingSince: row?.failing_since ?? undefined,
    nextAt: row?.failing_since == null ? undefined : row.next_at,
    cause: row?.cause ?? undefined,
    fix: row?.fix ?? undefined,
  };
}

export async function feedHealth(
  ex: Executor,
  feeds: readonly Pick<Feed, 'id' | 'type' | 'to'>[],
): Promise<FeedHealth[]> {
  const head = await ex.selectFrom('audit_head').select('seq').executeTakeFirst();
  const found: FeedHealth[] = [];
  for (const feed of feeds) found.push(await healthOf(ex, feed, head?.seq ?? 0));
  return found;
}

/** The last record that every one of these feeds has delivered; undefined: no feed holds anything up. */
export async function deliveredUpTo(ex: Executor, ids: readonly string[]): Promise<number | undefined> {
  if (ids.length === 0) return undefined;
  const rows = await store.all(ex);
  return Math.min(...ids.map((id) => rows.find((row) => row.id === id)?.seq ?? 0));
}
