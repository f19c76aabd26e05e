/**
 * The layout of a breached-password corpus file, version 1. All numbers are little-endian.
 *
 * | page       | holds                                                                                     |
 * | ---------- | ----------------------------------------------------------------------------------------- |
 * | 0          | header: magic, version, layout, hash kind, counts, where the index is, CRC-32 of all of it |
 * | 1 … n      | shards one after the other, in pages of 1,020 bytes and their CRC-32 (see page.ts)        |
 * | behind it  | index: 28 bytes for each shard, with one CRC-32 in the header                             |
 *
 * A shard holds all hashes from its first 32-bit prefix up to that of the next shard.
 * - `filter`: 816 slots of 10 bits a page, a binary fuse filter (see binary-fuse.ts).
 * - `exact`: ordered records, as many as fit a page: the hash cut to `hashBytes`, and a count of 4 bytes if `counts`.
 *
 * Whatever `decode…` gives back is consistent in itself, so that no look-up ever leaves the file.
 */
import { crc32 } from 'node:zlib';
import { FINGERPRINT_BITS, slotsOf } from './binary-fuse.ts';
import type { HashKind } from './hash-kind.ts';
import { PAGE_BYTES, PAGE_DATA } from './page.ts';

export type Layout = 'filter' | 'exact';

/** One shard, as the index tells it. */
export interface Shard {
  /** First 32 bits of its first hash. */
  first: number;
  entries: number;
  /** Number of its first page. */
  page: number;
  pages: number;
  /** The next three are 0 in exact files. */
  seed: number;
  segmentBits: number;
  segments: number;
}

export interface Header {
  layout: Layout;
  kind: HashKind;
  /** Bytes kept of each hash; 0 in filters. */
  hashBytes: number;
  counts: boolean;
  entries: number;
  shards: number;
  /** Page at which the index begins. */
  indexPage: number;
  indexSum: number;
  /** In every page checksum: tells pages of this build from those of another. */
  salt: number;
  /** ms since 1970. */
  builtAt: number;
}

/** A file that can't be used. `message` is a sentence for an operator. */
export class CorpusFault extends Error {
  override readonly name = 'CorpusFault';
}

const MAGIC = 'SKBREACH';
const VERSION = 1;
const LAYOUTS: readonly Layout[] = ['filter', 'exact'];
const KINDS: readonly HashKind[] = ['sha1', 'ntlm'];
const COUNT_BYTES = 4;
export const SHARD_BYTES = 28;
export const SLOTS_PER_PAGE = Math.floor((PAGE_DATA * 8) / FINGERPRINT_BITS);
/** Above this an index is nonsense: 4 million shards hold more than 100 billion hashes. */
const MOST_SHARDS = 2 ** 22;
/** A look-up reads four segments at most. */
const WIDEST_SEGMENT = 14;
/** Positions are 32-bit numbers. */
const MOST_SLOTS = 2 ** 31;

export const recordBytesOf = ({ hashBytes, counts }: Pick<Header, 'hashBytes' | 'counts'>): number =>
  hashBytes + (counts ? COUNT_BYTES : 0);
export const recordsPerPage = (header: Pick<Header, 'hashBytes' | 'counts'>): number =>
  Math.floor(PAGE_DATA / recordBytesOf(header));

export function encodeHeader(header: Header): Buffer {
  const bytes = Buffer.alloc(PAGE_BYTES);
  bytes.write(MAGIC, 'latin1');
  bytes[8] = VERSION;
  bytes[9] = LAYOUTS.indexOf(header.layout) + 1;
  bytes[10] = KINDS.indexOf(header.kind) + 1;
  bytes[11] = header.hashBytes;
  bytes[12] = header.counts ? COUNT_BYTES : 0;
  bytes[13] = header.layout === 'filter' ? FINGERPRINT_BITS : 0;
  bytes.writeUInt16LE(PAGE_BYTES, 14);
  bytes.writeDoubleLE(header.entries, 16);
  bytes.writeUInt32LE(header.shards, 24);
  bytes.writeUInt32LE(header.indexPage, 28);
  bytes.writeUInt32LE(header.indexSum, 32);
  bytes.writeUInt32LE(header.salt, 36);
  bytes.writeDoubleLE(header.builtAt, 40);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, PAGE_DATA)), PAGE_DATA);
  return bytes;
}

/** @throws CorpusFault */
export function decodeHeader(bytes: Buffer): Header {
  if (bytes.length < PAGE_BYTES) throw new CorpusFault('It is too short to be a corpus file.');
  if (bytes.toString('latin1', 0, 8) !== MAGIC)
    throw new CorpusFault('It is not a corpus file; make one with sparekey breach build.');
  if (bytes[8] !== VERSION)
    throw new CorpusFault(`It has version ${bytes[8]} of the format, this Sparekey reads version ${VERSION}.`);
  if (crc32(bytes.subarray(0, PAGE_DATA)) !== bytes.readUInt32LE(PAGE_DATA))
    throw new CorpusFault('Its header is damaged.');
  const layout = LAYOUTS[bytes[9]! - 1];
  const kind = KINDS[bytes[10]! - 1];
  const header = {
    hashBytes: bytes[11]!,
    counts: bytes[12] === COUNT_BYTES,
    entries: bytes.readDoubleLE(16),
    shards: bytes.readUInt32LE(24),
    indexPage: bytes.readUInt32LE(28),
    indexSum: bytes.readUInt32LE(32),
    salt: bytes.readUInt32LE(36),
    builtAt: bytes.readDoubleLE(40),
  };
  const sound =
    bytes.readUInt16LE(14) === PAGE_BYTES &&
    (layout === 'filter'
      ? bytes[13] === FINGERPRINT_BITS && header.hashBytes === 0 && !header.counts
      : bytes[13] === 0 && header.hashBytes >= 8 && header.hashBytes <= 20) &&
    Number.isSafeInteger(header.entries) &&
    header.shards >= 1 &&
    header.shards <= MOST_SHARDS;
  if (!layout || !kind || !sound) throw new CorpusFault('Its header contradicts itself.');
  return { layout, kind, ...header };
}

export function encodeIndex(shards: readonly Shard[]): Buffer {
  const bytes = Buffer.alloc(shards.length * SHARD_BYTES);
  shards.forEach(({ first, entries, page, pages, seed, segmentBits, segments }, nth) => {
    [first, entries, page, pages, seed, segmentBits, segments].forEach((value, column) => {
      bytes.writeUInt32LE(value, nth * SHARD_BYTES + column * 4);
    });
  });
  return bytes;
}

function shardAt(bytes: Buffer, nth: number): Shard {
  const column = (n: number) => bytes.readUInt32LE(nth * SHARD_BYTES + n * 4);
  return {
    first: column(0),
    entries: column(1),
    page: column(2),
    pages: column(3),
    seed: column(4),
    segmentBits: column(5),
    segments: column(6),
  };
}

function pagesFor(header: Header, shard: Shard): number {
  const { seed, segmentBits, segments } = shard;
  if (header.layout === 'exact')
    return seed + segmentBits + segments === 0 ? Math.ceil(shard.entries / recordsPerPage(header)) : -1;
  const fits = segmentBits <= WIDEST_SEGMENT && slotsOf(shard) < MOST_SLOTS;
  return fits ? Math.ceil(slotsOf(shard) / SLOTS_PER_PAGE) : -1;
}

/** @throws CorpusFault */
export function decodeIndex(bytes: Buffer, header: Header): Shard[] {
  if (bytes.length !== header.shards * SHARD_BYTES) throw new CorpusFault('It is cut off: its index is incomplete.');
  if (crc32(bytes) !== header.indexSum) throw new CorpusFault('Its index is damaged.');
  const shards = Array.from({ length: header.shards }, (_, nth) => shardAt(bytes, nth));
  let page = 1;
  let entries = 0;
  let before = -1;
  for (const shard of shards) {
    const fits = shard.page === page && shard.first > before && shard.entries > 0;
    if (!fits || shard.pages !== pagesFor(header, shard)) throw new CorpusFault('Its index contradicts itself.');
    page += shard.pages;
    entries += shard.entries;
    before = shard.first;
  }
  if (page !== header.indexPage || entries !== header.entries)
    throw new CorpusFault('Its index contradicts its header.');
  return shards;
}
