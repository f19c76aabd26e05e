/** The same question asked in three usual ways, each over a file that holds the same hashes. */
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { mix } from '../src/breach/binary-fuse.ts';
import { syntheticHash } from './synthetic-hashes.ts';

export interface Way {
  name: string;
  bytes: number;
  buildSeconds: number;
  has(words: Uint32Array): boolean;
  close(): void;
}

const HASH = 20;

function toBytes(words: Uint32Array, into: Buffer, at = 0): void {
  for (let nth = 0; nth < 5; nth += 1) into.writeUInt32BE(words[nth]!, at + nth * 4);
}

const since = (startedAt: number): number => (performance.now() - startedAt) / 1_000;

/** Whole hashes in order, one positional read for each halving. */
export function sortedFile(path: string, count: number): Way {
  const startedAt = performance.now();
  const out = openSync(path, 'w');
  const words = new Uint32Array(5);
  const block = Buffer.alloc(HASH * 50_000);
  for (let nth = 0; nth < count; nth += 1) {
    syntheticHash(nth, count, words);
    const at = (nth % 50_000) * HASH;
    toBytes(words, block, at);
    if (at + HASH === block.length || nth === count - 1) writeSync(out, block, 0, at + HASH);
  }
  closeSync(out);
  const fd = openSync(path, 'r');
  const wanted = Buffer.alloc(HASH);
  const record = Buffer.alloc(HASH);
  return {
    name: 'sorted file, binary search',
    bytes: statSync(path).size,
    buildSeconds: since(startedAt),
    has(of) {
      toBytes(of, wanted);
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        readSync(fd, record, 0, HASH, middle * HASH);
        const order = wanted.compare(record);
        if (order === 0) return true;
        if (order > 0) low = middle + 1;
        else high = middle;
      }
      return false;
    },
    close: () => closeSync(fd),
  };
}

/** The hash as primary key of a table without row ids: the smallest index that SQLite can make. */
export function sqliteIndex(path: string, count: number): Way {
  const startedAt = performance.now();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
  db.exec('CREATE TABLE breached (hash BLOB PRIMARY KEY) WITHOUT ROWID; BEGIN');
  const insert = db.prepare('INSERT INTO breached VALUES (?)');
  const words = new Uint32Array(5);
  const hash = Buffer.alloc(HASH);
  for (let nth = 0; nth < count; nth += 1) {
    syntheticHash(nth, count, words);
    toBytes(words, hash);
    insert.run(hash);
  }
  db.exec('COMMIT');
  const select = db.prepare('SELECT 1 FROM breached WHERE hash = ?');
  return {
    name: 'SQLite index',
    bytes: statSync(path).size,
    buildSeconds: since(startedAt),
    has(of) {
      toBytes(of, hash);
      return select.get(hash) !== undefined;
    },
    close: () => db.close(),
  };
}

/** Ten bits set for each hash at 14.4 bits a hash: 1 in 1,000 wrong. Built in memory, asked by positional reads. */
export function bloomFilter(path: string, count: number): Way {
  const startedAt = performance.now();
  const functions = 10;
  const size = Math.ceil((count * 14.378) / 8);
  const bits = Buffer.alloc(size);
  const words = new Uint32Array(5);
  const bitOf = (of: Uint32Array, nth: number): number =>
    ((of[1]! + nth * ((of[2]! | 1) >>> 0) + mix(of[3]! + nth)) % 2 ** 32) * ((size * 8) / 2 ** 32);
  for (let key = 0; key < count; key += 1) {
    syntheticHash(key, count, words);
    for (let nth = 0; nth < functions; nth += 1) {
      const bit = Math.floor(bitOf(words, nth));
      bits[Math.floor(bit / 8)]! |= 1 << (bit & 7);
    }
  }
  const out = openSync(path, 'w');
  for (let at = 0; at < size; at += 2 ** 24) writeSync(out, bits, at, Math.min(2 ** 24, size - at));
  closeSync(out);
  const fd = openSync(path, 'r');
  const byte = Buffer.alloc(1);
  return {
    name: 'plain Bloom filter',
    bytes: size,
    buildSeconds: since(startedAt),
    has(of) {
      for (let nth = 0; nth < functions; nth += 1) {
        const bit = Math.floor(bitOf(of, nth));
        readSync(fd, byte, 0, 1, Math.floor(bit / 8));
        if ((byte[0]! & (1 << (bit & 7))) === 0) return false;
      }
      return true;
    },
    close: () => closeSync(fd),
  };
}
