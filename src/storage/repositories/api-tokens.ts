/** Tokens of the API: known by their hash only. Each use counts, in the same statement that looks it up. */
import { type Selectable, sql } from 'kysely';
import type { ApiTokenTable } from '../schema.ts';
import type { Executor } from '../storage.ts';

export interface ApiToken {
  id: string;
  name: string;
  scopes: readonly string[];
  madeBy: string;
  createdAt: number;
  expiresAt: number;
  revokedAt: number | undefined;
  revokedBy: string | undefined;
  lastUsedAt: number | undefined;
}

const read = (row: Selectable<ApiTokenTable>): ApiToken => ({
  id: row.id,
  name: row.name,
  scopes: JSON.parse(row.scopes) as string[],
  madeBy: row.made_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at ?? undefined,
  revokedBy: row.revoked_by ?? undefined,
  lastUsedAt: row.last_used_at ?? undefined,
});

export async function create(
  ex: Executor,
  token: Pick<ApiToken, 'id' | 'name' | 'scopes' | 'madeBy' | 'createdAt' | 'expiresAt'> & { hash: string },
): Promise<void> {
  await ex
    .insertInto('api_tokens')
    .values({
      id: token.id,
      name: token.name,
      hash: token.hash,
      scopes: JSON.stringify(token.scopes),
      made_by: token.madeBy,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
      minute: 0,
      used: 0,
    })
    .execute();
}

/** Newest first. */
export async function list(ex: Executor): Promise<ApiToken[]> {
  const rows = await ex
    .selectFrom('api_tokens')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(500)
    .execute();
  return rows.map(read);
}

/** Counts a use. `used`: how often in this minute, this time included. */
export async function use(
  ex: Executor,
  hash: string,
  { now, minute }: { now: number; minute: number },
): Promise<{ token: ApiToken; used: number } | undefined> {
  const row = await ex
    .updateTable('api_tokens')
    .set({
      last_used_at: now,
      used: sql<number>`case when minute = ${minute} then used + 1 else 1 end`,
      minute,
    })
    .where('hash', '=', hash)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .returningAll()
    .executeTakeFirst();
  return row && { token: read(row), used: row.used };
}

/** @returns it, or nothing when there was none to revoke. */
export async function revoke(ex: Executor, id: string, by: string, now: number): Promise<ApiToken | undefined> {
  const row = await ex
    .updateTable('api_tokens')
    .set({ revoked_at: now, revoked_by: by })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row && read(row);
}

/** Of those that ended before. @returns how many. */
export async function sweep(ex: Executor, before: number): Promise<number> {
  const { numDeletedRows } = await ex.deleteFrom('api_tokens').where('expires_at', '<', before).executeTakeFirst();
  return Number(numDeletedRows);
}
