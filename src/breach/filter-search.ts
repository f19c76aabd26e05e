/** Looks a hash up in one shard of a filter: one read of the pages that its four slots lie in. */
import { FINGERPRINT_BITS, place } from './binary-fuse.ts';
import { type Shard, SLOTS_PER_PAGE } from './format.ts';
import type { PageReader } from './page-reader.ts';

const MASK = 2 ** FINGERPRINT_BITS - 1;

/** Pages that a look-up reads at most. */
export const filterWindow = (shards: readonly Shard[]): number =>
  Math.ceil((4 * 2 ** shards.reduce((most, { segmentBits }) => Math.max(most, segmentBits), 0)) / SLOTS_PER_PAGE) + 1;

export function createFilterSearch(pages: PageReader) {
  const places = new Int32Array(4);

  /** @throws CorpusFault */
  return (words: Uint32Array, shard: Shard): boolean => {
    let sum = place(words[1]!, words[2]!, words[3]!, shard, places);
    const from = Math.floor(places[0]! / SLOTS_PER_PAGE);
    const to = Math.floor(places[3]! / SLOTS_PER_PAGE);
    pages.read(shard.page + from, to - from + 1);
    let page = -1;
    let start = 0;
    for (let nth = 0; nth < 4; nth += 1) {
      const slot = places[nth]!;
      const own = Math.floor(slot / SLOTS_PER_PAGE);
      if (own !== page) start = pages.trusted(shard.page + own);
      page = own;
      const bit = (slot % SLOTS_PER_PAGE) * FINGERPRINT_BITS;
      const at = start + (bit >>> 3);
      sum ^= ((pages.bytes[at]! | (pages.bytes[at + 1]! << 8)) >>> (bit & 7)) & MASK;
    }
    return sum === 0;
  };
}
