/**
 * The order in which servers of a DNS SRV answer are tried (RFC 2782): by priority, and within one by weight. Where the RFC
 * throws dice, this goes by a hash: all nodes of one installation choose alike, while many installations share the load.
 */
import { createHash } from 'node:crypto';

export interface SrvRecord {
  name: string;
  port: number;
  priority: number;
  weight: number;
}

/** `seed`: the same for all nodes of an installation. */
export function turnOrder<T extends SrvRecord>(records: readonly T[], seed: string): T[] {
  const turns = new Map(records.map((record) => [record, turnOf(record, seed)]));
  const turn = (record: T) => turns.get(record) ?? 0;
  return records.toSorted(
    // A weight of 0 has "a very small chance": after all others.
    (a, b) =>
      a.priority - b.priority ||
      Number(a.weight === 0) - Number(b.weight === 0) ||
      turn(a) - turn(b) ||
      a.port - b.port,
  );
}

/** Exponentially distributed, so that being the lowest is as likely as the weight says. */
function turnOf({ name, port, weight }: SrvRecord, seed: string): number {
  const bytes = createHash('sha256').update(`${seed}\0${name.toLowerCase()}:${port}`).digest();
  const even = (bytes.readUIntBE(0, 6) + 1) / (2 ** 48 + 1);
  return -Math.log(even) / Math.max(weight, 1);
}
