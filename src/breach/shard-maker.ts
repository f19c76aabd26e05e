/** Collects the ordered hashes of one shard and turns them into sealed pages; its memory is used again for the next. */
import { createSolver, type Keys } from './binary-fuse.ts';
import {
  CorpusFault,
  type Header,
  type Layout,
  recordBytesOf,
  recordsPerPage,
  type Shard,
  SLOTS_PER_PAGE,
} from './format.ts';
import { PAGE_BYTES, sealPage } from './page.ts';

export interface ShardMaker {
  /** A shard ends as soon as it has so many and the next 32-bit prefix begins. */
  readonly target: number;
  /** Hashes are even, so more than this is never needed. */
  readonly capacity: number;
  readonly size: number;
  /** `words`: five of 32 bits, as hashWords() gives them. `count`: how often it was seen. */
  add(words: Uint32Array, count: number): void;
  /** Empties the maker. `bytes` are valid until the next call. @throws CorpusFault */
  make(page: number, salt: number): { shard: Shard; bytes: Buffer };
}

/** 2^19 keys: at 10.8 bits each within 2 % of the best that the shape can give, and 20 MB of working memory. */
const FILTER_TARGET = 2 ** 19;
/** 2^15 records: interpolation misses by less than one page in two thirds of all look-ups. */
const EXACT_TARGET = 2 ** 15;
const SLACK = 4_096;
/** 80 bits: one wrong answer in 10^14 look-ups at 2 billion hashes. */
export const EXACT_HASH_BYTES = 10;

const sealAll = (bytes: Buffer, page: number, salt: number): void => {
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) sealPage(bytes, at, salt, page + at / PAGE_BYTES);
};

/** Ten bits a slot: four slots are five bytes, so a page of 1,020 bytes holds 816 slots without a gap. */
function packSlots(slots: Uint16Array, bytes: Buffer): void {
  for (let slot = 0; slot < slots.length; slot += 1) {
    const bit = (slot % SLOTS_PER_PAGE) * 10;
    const at = Math.floor(slot / SLOTS_PER_PAGE) * PAGE_BYTES + (bit >>> 3);
    const shifted = slots[slot]! << (bit & 7);
    bytes[at]! |= shifted & 0xff;
    bytes[at + 1]! |= shifted >>> 8;
  }
}

function createFilterMaker(target: number): ShardMaker {
  const capacity = target + SLACK;
  const keys: Keys = {
    a: new Uint32Array(capacity),
    b: new Uint32Array(capacity),
    c: new Uint32Array(capacity),
  };
  const solver = createSolver(capacity);
  let bytes = Buffer.alloc(0);
  let size = 0;
  let first = 0;
  return {
    target,
    capacity,
    get size() {
      return size;
    },
    add(words) {
      if (size === 0) first = words[0]!;
      keys.a[size] = words[1]!;
      keys.b[size] = words[2]!;
      keys.c[size] = words[3]!;
      size += 1;
    },
    make(page, salt) {
      const solved = solver.solve(keys, size);
      if (!solved) throw new CorpusFault('These are not hashes: too many of them are alike.');
      const pages = Math.ceil(solved.slots.length / SLOTS_PER_PAGE);
      if (bytes.length < pages * PAGE_BYTES) bytes = Buffer.alloc(pages * PAGE_BYTES);
      const used = bytes.subarray(0, pages * PAGE_BYTES).fill(0);
      packSlots(solved.slots, used);
      sealAll(used, page, salt);
      const shard = { first, entries: size, page, pages, ...solved.shape };
      size = 0;
      return { shard, bytes: used };
    },
  };
}

function createExactMaker(target: number, format: Pick<Header, 'hashBytes' | 'counts'>): ShardMaker {
  const capacity = target + SLACK;
  const record = recordBytesOf(format);
  const perPage = recordsPerPage(format);
  const bytes = Buffer.alloc(Math.ceil(capacity / perPage) * PAGE_BYTES);
  const whole = Buffer.alloc(20);
  let size = 0;
  let first = 0;
  return {
    target,
    capacity,
    get size() {
      return size;
    },
    add(words, count) {
      if (size === 0) {
        first = words[0]!;
        bytes.fill(0);
      }
      for (let nth = 0; nth < 5; nth += 1) whole.writeUInt32BE(words[nth]!, nth * 4);
      const at = Math.floor(size / perPage) * PAGE_BYTES + (size % perPage) * record;
      whole.copy(bytes, at, 0, format.hashBytes);
      if (format.counts) bytes.writeUInt32LE(count, at + format.hashBytes);
      size += 1;
    },
    make(page, salt) {
      const pages = Math.ceil(size / perPage);
      const used = bytes.subarray(0, pages * PAGE_BYTES);
      sealAll(used, page, salt);
      const shard = { first, entries: size, page, pages, seed: 0, segmentBits: 0, segments: 0 };
      size = 0;
      return { shard, bytes: used };
    },
  };
}

/** `target`: hashes a shard; only tests and benchmarks give another. */
export const createShardMaker = (layout: Layout, counts: boolean, target?: number): ShardMaker =>
  layout === 'filter'
    ? createFilterMaker(target ?? FILTER_TARGET)
    : createExactMaker(target ?? EXACT_TARGET, { hashBytes: EXACT_HASH_BYTES, counts });
