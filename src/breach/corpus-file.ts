/**
 * An open corpus file. Node can't map files into memory, so pages are read where they lie: one positional read for a filter,
 * one or two for an exact file, from the page cache when it is warm. Only the index stays in memory (28 bytes a shard).
 * Header and index are checked when it is opened, each page when it is read: damage gives `corrupt`, never a wrong answer.
 */
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { createExactSearch, EXACT_WINDOW } from './exact-search.ts';
import { explainFile } from './file-fault.ts';
import { createFilterSearch, filterWindow } from './filter-search.ts';
import { CorpusFault, decodeHeader, decodeIndex, type Header, SHARD_BYTES, type Shard } from './format.ts';
import { isWhole, PAGE_BYTES } from './page.ts';
import { createPageReader, readAt } from './page-reader.ts';

export type Found =
  /** `count`: how often it was seen, when the file knows. */
  { is: 'breached'; count?: number } | { is: 'clean' } | { is: 'corrupt'; cause: string };

export interface CorpusFile {
  readonly path: string;
  readonly header: Header;
  readonly bytes: number;
  /** Inode, size and time of change: differs as soon as another file lies there. */
  readonly mark: string;
  /** `words`: the hash of `header.kind`, as hashWords() gives it. Never throws. */
  lookUp(words: Uint32Array): Found;
  /** Reads everything. Gives a sentence for each damaged shard. */
  verify(progress?: (pages: number, of: number) => void): string[];
  close(): void;
}

export type Opened = { is: 'opened'; file: CorpusFile } | { is: 'unusable'; cause: string };

export const markOf = ({ ino, size, mtimeMs }: { ino: number; size: number; mtimeMs: number }): string =>
  `${ino} ${size} ${mtimeMs}`;

export function openCorpusFile(path: string): Opened {
  let fd: number | undefined;
  try {
    // Opening a pipe would wait for somebody to write.
    if (!statSync(path).isFile()) throw new CorpusFault('It is not a file.');
    fd = openSync(path, 'r');
    const stats = fstatSync(fd);
    const page = Buffer.alloc(PAGE_BYTES);
    if (stats.size < PAGE_BYTES) throw new CorpusFault('It is too short to be a corpus file.');
    readAt(fd, page, PAGE_BYTES, 0);
    const header = decodeHeader(page);
    const start = header.indexPage * PAGE_BYTES;
    if (stats.size !== start + header.shards * SHARD_BYTES)
      throw new CorpusFault('Its length is wrong: it is cut off, or something was added.');
    const index = Buffer.alloc(header.shards * SHARD_BYTES);
    readAt(fd, index, index.length, start);
    return { is: 'opened', file: reader({ fd, path, header, shards: decodeIndex(index, header), stats }) };
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    return { is: 'unusable', cause: `${path} can’t be used. ${explainFile(error)}` };
  }
}

interface Parts {
  fd: number;
  path: string;
  header: Header;
  shards: Shard[];
  stats: { ino: number; size: number; mtimeMs: number };
}

function reader({ fd, path, header, shards, stats }: Parts): CorpusFile {
  const { layout, salt, counts } = header;
  const firsts = Uint32Array.from(shards, ({ first }) => first);
  const pages = createPageReader(fd, salt, layout === 'filter' ? filterWindow(shards) : EXACT_WINDOW);
  const inFilter = createFilterSearch(pages);
  const inExact = createExactSearch(pages, header);
  let open = true;

  /** Number of the shard whose range holds `prefix`; -1 before the first. */
  function shardOf(prefix: number): number {
    let low = 0;
    let high = firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (firsts[middle]! <= prefix) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  function search(words: Uint32Array): Found {
    const nth = shardOf(words[0]!);
    const shard = shards[nth];
    if (!shard) return { is: 'clean' };
    if (layout === 'filter') return { is: inFilter(words, shard) ? 'breached' : 'clean' };
    const count = inExact(words, shard, firsts[nth + 1] ?? 2 ** 32);
    if (count === false) return { is: 'clean' };
    return counts && count > 0 ? { is: 'breached', count } : { is: 'breached' };
  }

  return {
    path,
    header,
    bytes: stats.size,
    mark: markOf(stats),
    lookUp(words) {
      if (!open) return { is: 'corrupt', cause: `${path} is closed.` };
      try {
        return search(words);
      } catch (error) {
        return { is: 'corrupt', cause: `${path}: ${explainFile(error)}` };
      }
    },
    verify(progress) {
      const faults: string[] = [];
      const step = Buffer.alloc(1_024 * PAGE_BYTES);
      for (const [nth, { page, pages }] of shards.entries()) {
        const fault = verifyPages(fd, step, page, pages, salt);
        if (fault) faults.push(`Part ${nth + 1} of ${shards.length}: ${fault}`);
        progress?.(page + pages, header.indexPage);
      }
      return faults;
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

/** A sentence for the first page that is damaged. */
export function verifyPages(fd: number, step: Buffer, page: number, pages: number, salt: number): string | undefined {
  const most = step.length / PAGE_BYTES;
  for (let done = 0; done < pages; done += most) {
    const count = Math.min(most, pages - done);
    try {
      readAt(fd, step, count * PAGE_BYTES, (page + done) * PAGE_BYTES);
    } catch (error) {
      return explainFile(error);
    }
    for (let nth = 0; nth < count; nth += 1)
      if (!isWhole(step, nth * PAGE_BYTES, salt, page + done + nth)) return `page ${page + done + nth} is damaged.`;
  }
  return undefined;
}
