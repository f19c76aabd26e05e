/** Whom a campaign is for, portion by portion: read from what readiness keeps ready, by key, so that any size costs the same. */
import type { Campaign } from '../storage/repositories/campaigns.ts';
import * as readiness from '../storage/repositories/readiness.ts';
import type { Executor } from '../storage/storage.ts';

/** Where a round stands. */
export interface Turn {
  /** Which of the groups. */
  group: number;
  after?: readiness.Cursor;
}

export const writeCursor = (turn: Turn): string => JSON.stringify(turn);
export const readCursor = (text: string): Turn => (text === '' ? { group: 0 } : (JSON.parse(text) as Turn));

/** `next`: absent at the end of the round. Who is in several groups comes several times. */
export async function audienceOf(
  ex: Executor,
  { who, groups }: Pick<Campaign, 'who' | 'groups'>,
  { group, after }: Turn,
  limit: number,
): Promise<{ rows: readiness.ReadinessRow[]; next: Turn | undefined }> {
  const name = groups[group];
  const filter = { mark: who, after, limit, ...(name === undefined ? {} : { group: readiness.groupId(name) }) };
  const rows = await readiness.list(ex, filter);
  const last = rows.at(-1);
  if (rows.length === limit && last) return { rows, next: { group, after: readiness.cursorOf(last) } };
  return { rows, next: group + 1 < groups.length ? { group: group + 1 } : undefined };
}
