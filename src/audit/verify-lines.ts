/** Proves an exported file (JSON lines) without a database: the keys are enough. */
import type { Json } from '../kernel/json.ts';
import type { KnownHead, Verification } from './audit.ts';
import { canonicalJson } from './canonical.ts';
import type { Chain } from './chain.ts';
import { type Checkpoint, isProven } from './checkpoint.ts';
import { MOST_FAULTS, step, type Walk } from './verify.ts';

export interface LinesOptions {
  /** An end of the chain that was noted elsewhere and must be in the file. */
  known?: KnownHead | undefined;
  /** Only some records were exported: gaps prove nothing. */
  filtered?: boolean;
}

interface Line {
  seq: number;
  body: string;
  previous: string;
  hash: string;
}

function read(text: string): Line | Checkpoint | undefined {
  try {
    const { record, previous, hash, checkpoint } = JSON.parse(text) as {
      record: { seq: number };
      previous: string;
      hash: string;
      checkpoint?: Checkpoint;
    };
    if (checkpoint) return checkpoint;
    if (!Number.isSafeInteger(record.seq) || typeof previous !== 'string' || typeof hash !== 'string') return undefined;
    return { seq: record.seq, body: canonicalJson(record as unknown as Json), previous, hash };
  } catch {
    return undefined;
  }
}

/** A whole export may begin in the middle of the chain; where it begins is `from`. */
export async function verifyLines(
  lines: AsyncIterable<string>,
  chain: Chain,
  { known, filtered = false }: LinesOptions = {},
): Promise<Verification> {
  const walk: Walk = { seq: 0, hash: chain.genesis, broken: false, records: 0, from: 1, faults: [] };
  let from = 0;
  let met = false;
  let pruned = false;
  for await (const text of lines) {
    if (text.trim() === '') continue;
    const line = read(text);
    if (!line) {
      if (walk.faults.length < MOST_FAULTS) walk.faults.push({ is: 'changed', seq: walk.seq + 1 });
      walk.broken = true;
      continue;
    }
    if ('seal' in line) {
      // What took the place of older records: it begins a file and stands nowhere else.
      if (from > 0 || walk.seq > 0 || !isProven(chain, line)) walk.faults.push({ is: 'changed', seq: line.seq });
      walk.seq = line.seq;
      walk.hash = line.hash;
      pruned = true;
      continue;
    }
    const begins = !pruned && from === 0 && !walk.broken && line.seq > 1;
    if (begins || (filtered && line.seq > walk.seq + 1)) {
      walk.seq = line.seq - 1;
      walk.hash = line.previous;
      walk.broken = false;
    }
    if (from === 0) from = line.seq;
    step(chain, walk, line);
    if (line.seq === known?.seq) {
      met = true;
      if (line.hash !== known.hash) walk.faults.push({ is: 'changed', seq: line.seq });
    }
  }
  if (known && !met) walk.faults.push({ is: 'truncated', seq: walk.seq + 1 });
  return { records: walk.records, head: walk.hash, seq: walk.seq, from, faults: walk.faults };
}
