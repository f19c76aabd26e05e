/**
 * Walks the chain in batches, from its first record or from the sealed checkpoint that took the place of deleted ones, and tells
 * every place where it does not hold.
 */
import type { Selectable } from 'kysely';
import type { AuditTable } from '../storage/schema.ts';
import type { Executor } from '../storage/storage.ts';
import type { ChainFault, KnownHead, Verification } from './audit.ts';
import type { Chain } from './chain.ts';
import { isProven, storedCheckpoint } from './checkpoint.ts';

const BATCH = 1_000;
/** Whoever sees so many needs no more; memory stays bounded. */
export const MOST_FAULTS = 100;

const seqOf = (body: string): unknown => {
  try {
    return (JSON.parse(body) as { seq?: unknown } | null)?.seq;
  } catch {
    return undefined;
  }
};

type Linked = Pick<Selectable<AuditTable>, 'seq' | 'body' | 'previous' | 'hash'>;

export interface Walk {
  /** Seq of the last record seen. */
  seq: number;
  /** Its hash as stored. */
  hash: string;
  /** It was faulty: its hash proves nothing about the next one. */
  broken: boolean;
  records: number;
  /** The first record that must be there. */
  from: number;
  faults: ChainFault[];
}

function faultOf(chain: Chain, walk: Walk, row: Linked): ChainFault | undefined {
  const { seq } = row;
  const said = seqOf(row.body);
  if (said !== undefined && said !== seq) return { is: 'swapped', seq };
  if (!chain.same(chain.hash(row.previous, row.body), row.hash)) return { is: 'changed', seq };
  if (seq !== walk.seq + 1) return { is: 'missing', seq: walk.seq + 1 };
  if (!walk.broken && row.previous !== walk.hash) return { is: 'missing', seq };
  return undefined;
}

export function step(chain: Chain, walk: Walk, row: Linked): void {
  const fault = faultOf(chain, walk, row);
  if (fault && walk.faults.length < MOST_FAULTS) walk.faults.push(fault);
  walk.broken = fault?.is === 'changed' || fault?.is === 'swapped';
  walk.seq = row.seq;
  walk.hash = row.hash;
  walk.records += 1;
}

/** Records before it were deleted rightly. A checkpoint that nobody of ours sealed proves nothing. */
async function passCheckpoint(executor: Executor, chain: Chain, walk: Walk): Promise<void> {
  const found = await storedCheckpoint(executor);
  if (!found || found.seq <= walk.seq || !isProven(chain, found)) return;
  walk.seq = found.seq;
  walk.hash = found.hash;
  walk.broken = false;
  walk.from = found.seq + 1;
}

async function walkOn(executor: Executor, chain: Chain, walk: Walk, known: KnownHead | undefined): Promise<void> {
  for (;;) {
    const found = await executor
      .selectFrom('audit')
      .select(['seq', 'body', 'previous', 'hash'])
      .where('seq', '>', walk.seq)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    // Old records may be deleted while this goes on.
    if (found[0] && found[0].seq > walk.seq + 1) await passCheckpoint(executor, chain, walk);
    const rows = found.filter(({ seq }) => seq > walk.seq);
    for (const row of rows) {
      step(chain, walk, row);
      if (row.seq === known?.seq && row.hash !== known.hash) walk.faults.push({ is: 'changed', seq: row.seq });
    }
    if (found.length < BATCH) return;
  }
}

/** `known`: an end of the chain that was noted elsewhere (a log server, paper); also finds a wholly replaced chain. */
export async function verify(executor: Executor, chain: Chain, known?: KnownHead): Promise<Verification> {
  const walk: Walk = { seq: 0, hash: chain.genesis, broken: false, records: 0, from: 1, faults: [] };
  await passCheckpoint(executor, chain, walk);
  const stray = await executor.selectFrom('audit').select('seq').orderBy('seq').limit(1).executeTakeFirst();
  if (stray && stray.seq < walk.from) walk.faults.push({ is: 'swapped', seq: stray.seq });
  await walkOn(executor, chain, walk, known);
  const head = await executor.selectFrom('audit_head').selectAll().executeTakeFirst();
  // Records that were committed between the last batch and reading the head.
  await walkOn(executor, chain, walk, known);

  const proven = await executor
    .selectFrom('audit')
    .select('hash')
    .where('seq', '=', head?.seq ?? 0)
    .executeTakeFirst();
  const empty = head?.seq === 0 && head.hash === '' && walk.records === 0;
  const sealed = proven !== undefined && chain.same(chain.seal(head?.seq ?? 0, proven.hash), head?.hash ?? '');
  if (!empty && !sealed) walk.faults.push({ is: 'truncated', seq: walk.seq + 1 });
  else if (known && walk.seq < known.seq) walk.faults.push({ is: 'truncated', seq: walk.seq + 1 });
  return { records: walk.records, from: walk.from, head: walk.hash, seq: walk.seq, faults: walk.faults };
}
