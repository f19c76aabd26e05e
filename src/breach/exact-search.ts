/**
 * Looks a hash up in one shard of an exact file by interpolation: hashes are even, so their position follows from their value.
 * The pages beside the estimate are read along, which is nearly always enough.
 */
import { CorpusFault, type Header, recordBytesOf, recordsPerPage, type Shard } from './format.ts';
import type { PageReader } from './page-reader.ts';

/** Pages on each side of the estimate. */
const AROUND = 1;
export const EXACT_WINDOW = 1 + 2 * AROUND;

export function createExactSearch(pages: PageReader, header: Header) {
  const { hashBytes, counts } = header;
  const record = recordBytesOf(header);
  const perPage = recordsPerPage(header);
  const wanted = Buffer.alloc(20);

  /** Position of `wanted` in a page of `records`, or where it would stand: as `-1 - position`. */
  function searchPage(start: number, records: number): number {
    let low = 0;
    let high = records;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = start + middle * record;
      const order = wanted.compare(pages.bytes, at, at + hashBytes, 0, hashBytes);
      if (order === 0) return middle;
      if (order > 0) low = middle + 1;
      else high = middle;
    }
    return -1 - low;
  }

  /**
   * `end`: first prefix of the next shard. `false`: it is not there; otherwise how often it was seen, 0 for unknown.
   * @throws CorpusFault
   */
  return (words: Uint32Array, shard: Shard, end: number): number | false => {
    for (let word = 0; word < 5; word += 1) wanted.writeUInt32BE(words[word]!, word * 4);
    const share = (words[0]! - shard.first + words[1]! / 2 ** 32) / (end - shard.first);
    let page = Math.min(shard.pages - 1, Math.floor((share * shard.entries) / perPage));
    let before = -1;
    let from = 0;
    let to = -1;
    for (let tries = 0; tries <= shard.pages; tries += 1) {
      if (page < from || page > to) {
        from = Math.max(0, page - AROUND);
        to = Math.min(shard.pages - 1, page + AROUND);
        pages.read(shard.page + from, to - from + 1);
      }
      const start = pages.trusted(shard.page + page);
      const records = Math.min(perPage, shard.entries - page * perPage);
      const at = searchPage(start, records);
      if (at >= 0) return counts ? pages.bytes.readUInt32LE(start + at * record + hashBytes) : 0;
      const lower = at === -1;
      const inside = !lower && at !== -1 - records;
      const next = lower ? page - 1 : page + 1;
      // Between the last record of one page and the first of the next it is in neither.
      if (inside || next < 0 || next >= shard.pages || next === before) return false;
      before = page;
      page = next;
    }
    throw new CorpusFault('Its records are not in order.');
  };
}
