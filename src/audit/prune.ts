/**
 * Deletes records that are older than they are kept, oldest first, in small steps. Each step moves the sealed checkpoint in the
 * same transaction, so that the chain proves what is left at every instant, also after a crash. The newest record always stays.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Storage, Trx } from '../storage/storage.ts';
import type { Audit } from './audit.ts';
import type { Chain } from './chain.ts';
import { storedCheckpoint } from './checkpoint.ts';
import { seqAfter } from './search.ts';

/** About thirty milliseconds on the embedded engine, in which nobody else is served. */
const STEP = 500;

export interface PruneDeps {
  storage: Storage;
  audit: Pick<Audit, 'append'>;
  chain: Chain;
  clock: Clock;
}

export interface PruneOptions {
  /** ms; what was written before may go. */
  before: number;
  /** Nothing behind this record may go, whatever its age: a feed has not delivered it. */
  upTo?: number;
  onProgress?(deleted: number, all: number): void;
}

/** One step. @returns false when another node took it. */
async function step({ audit, chain, clock }: PruneDeps, trx: Trx, last: number, final: boolean): Promise<boolean> {
  const found = await trx.selectFrom('audit').select('hash').where('seq', '=', last).executeTakeFirst();
  const before = await storedCheckpoint(trx);
  if (!found || (before && before.seq >= last)) return false;
  const at = clock.now();
  const from = (before?.toldSeq ?? 0) + 1;
  const values = {
    seq: last,
    hash: found.hash,
    at,
    seal: chain.checkpoint(last, found.hash, at),
    told_seq: final ? last : from - 1,
  };
  const moved = before
    ? await trx
        .updateTable('audit_checkpoint')
        .set(values)
        .where('id', '=', 1)
        .where('seq', '=', before.seq)
        .executeTakeFirst()
        .then(({ numUpdatedRows }) => numUpdatedRows)
    : await trx
        .insertInto('audit_checkpoint')
        .values({ id: 1, ...values })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
        .then(({ numInsertedOrUpdatedRows }) => numInsertedOrUpdatedRows ?? 0n);
  if (moved !== 1n) return false;
  await trx.deleteFrom('audit').where('seq', '<=', last).execute();
  if (final)
    await audit.append(trx, {
      event: 'audit.pruned',
      outcome: 'success',
      actor: 'system',
      detail: { from, to: last, hash: found.hash },
    });
  return true;
}

/** @returns how many records went. */
export async function pruneAudit(deps: PruneDeps, { before, upTo, onProgress }: PruneOptions): Promise<number> {
  const { db } = deps.storage;
  const head = await db.selectFrom('audit_head').select('seq').executeTakeFirst();
  const first = await db.selectFrom('audit').select('seq').orderBy('seq').limit(1).executeTakeFirst();
  if (!head || !first) return 0;
  const last = Math.min((await seqAfter(db, before)) - 1, head.seq - 1, upTo ?? head.seq);
  const all = last - first.seq + 1;
  for (let done = first.seq - 1; done < last; ) {
    const to = Math.min(done + STEP, last);
    const went = await deps.storage.transaction((trx) => step(deps, trx, to, to === last));
    if (!went) return done - first.seq + 1;
    done = to;
    onProgress?.(done - first.seq + 1, all);
  }
  return Math.max(0, all);
}
