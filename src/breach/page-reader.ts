/** Reads neighbouring pages of an open corpus file into memory that is used again and again. */
import { readSync } from 'node:fs';
import { CorpusFault } from './format.ts';
import { isWhole, PAGE_BYTES } from './page.ts';

export interface PageReader {
  /** What was read last. */
  readonly bytes: Buffer;
  /** Reads `count` pages from page `first` on. @throws CorpusFault when the file ends before. */
  read(first: number, count: number): void;
  /** Where page `page` of those that were read begins in `bytes`. @throws CorpusFault when its checksum doesn't fit. */
  trusted(page: number): number;
}

/** Reads all of `length`, or throws: a file that became shorter is damaged. */
export function readAt(fd: number, into: Buffer, length: number, position: number): void {
  let done = 0;
  while (done < length) {
    const read = readSync(fd, into, done, length - done, position + done);
    if (read === 0) throw new CorpusFault('It is cut off.');
    done += read;
  }
}

/** `most`: pages that are read at once at most. */
export function createPageReader(fd: number, salt: number, most: number): PageReader {
  const bytes = Buffer.alloc(most * PAGE_BYTES);
  let from = 0;
  return {
    bytes,
    read(first, count) {
      from = first;
      readAt(fd, bytes, count * PAGE_BYTES, first * PAGE_BYTES);
    },
    trusted(page) {
      const at = (page - from) * PAGE_BYTES;
      if (!isWhole(bytes, at, salt, page)) throw new CorpusFault(`Page ${page} is damaged.`);
      return at;
    },
  };
}
