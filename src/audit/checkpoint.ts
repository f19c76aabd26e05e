/** What takes the place of records that were deleted: who lacks the keys can neither make one nor move it. */
import type { Executor } from '../storage/storage.ts';
import type { Chain } from './chain.ts';

export interface Checkpoint {
  /** The last record that was deleted. */
  seq: number;
  /** Its hash: what the first record that is left must follow. */
  hash: string;
  /** ms */
  at: number;
  seal: string;
}

/** As it lies in the database, proven or not. */
export async function storedCheckpoint(executor: Executor): Promise<(Checkpoint & { toldSeq: number }) | undefined> {
  const row = await executor.selectFrom('audit_checkpoint').selectAll().where('id', '=', 1).executeTakeFirst();
  return row && { seq: row.seq, hash: row.hash, at: row.at, seal: row.seal, toldSeq: row.told_seq };
}

export const isProven = (chain: Chain, { seq, hash, at, seal }: Checkpoint): boolean =>
  chain.same(chain.checkpoint(seq, hash, at), seal);
