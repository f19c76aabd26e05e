/**
 * Turns ordered hashes into one corpus file, a shard at a time: memory stays small however long the input is. The file is
 * written beside its place and moved there at the end, whole and on disk; until then the old one stays untouched. What a
 * killed build had finished is used by the next run.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Clock } from '../kernel/clock.ts';
import { openCorpusFile, verifyPages } from './corpus-file.ts';
import { codeOf, explainFile } from './file-fault.ts';
import { CorpusFault, encodeHeader, encodeIndex, type Layout, type Shard } from './format.ts';
import type { HashKind } from './hash-kind.ts';
import { createHashLines, type HashLines } from './hash-lines.ts';
import { createHoleWatch } from './holes.ts';
import { InputFault } from './input-fault.ts';
import { type BuildIdentity, type Journal, type Note, openJournal } from './journal.ts';
import { PAGE_BYTES } from './page.ts';
import { createShardMaker, EXACT_HASH_BYTES, type ShardMaker } from './shard-maker.ts';
import { listSources, type Sources, textOf } from './sources.ts';

export interface BuildOptions {
  /** Files and folders, in the order of their hashes. */
  sources: readonly string[];
  out: string;
  layout: Layout;
  /** Keeps how often each password was seen; only in exact files. */
  counts: boolean;
  /** Otherwise the first line tells. */
  kind?: HashKind;
  /** The sources are a part of a corpus on purpose: holes are fine. */
  partial?: boolean;
  /** Hashes a shard, for tests. */
  target?: number;
}

export interface Progress {
  hashes: number;
  /** 0 to 1. */
  share: number;
}

export interface BuildDeps {
  clock: Clock;
  /** 32 random bits. */
  newSalt(): number;
  progress?(now: Progress): void;
  /** Told once, when finished shards of an earlier run are used. */
  resumed?(hashes: number): void;
}

export type Built =
  | { is: 'built'; kind: HashKind; entries: number; shards: number; bytes: number; resumedAt: number }
  /** The old file, if there was one, stays. */
  | { is: 'refused'; cause: string; fix?: string };

const FULL = ['ENOSPC', 'EDQUOT'];

export async function buildCorpus(options: BuildOptions, deps: BuildDeps): Promise<Built> {
  if (options.counts && options.layout === 'filter')
    return { is: 'refused', cause: 'A filter can’t keep counts.', fix: 'Say --exact as well, or leave --counts away.' };
  try {
    return await build(options, deps);
  } catch (error) {
    if (error instanceof InputFault)
      return { is: 'refused', cause: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) };
    return { is: 'refused', ...outputFault(options.out, error) };
  }
}

function outputFault(out: string, error: unknown): { cause: string; fix?: string } {
  const code = codeOf(error);
  if (!(error instanceof CorpusFault) && (code === '' || code.startsWith('ERR_'))) throw error;
  const fix = `Make room and run the same command again: it goes on where it stopped. To give up, delete ${out}.part.`;
  return { cause: `${out} was not written. ${explainFile(error)}`, ...(FULL.includes(code) ? { fix } : {}) };
}

async function build(options: BuildOptions, deps: BuildDeps): Promise<Built> {
  const { out, layout, counts, target, partial = false } = options;
  const sources = listSources(options.sources, partial);
  if (existsSync(out) && statSync(out).isDirectory()) throw new CorpusFault('It is a folder: name a file in it.');
  const maker = createShardMaker(layout, counts, target);
  const part = `${out}.part`;
  const identity: BuildIdentity = {
    version: 1,
    layout,
    counts,
    kind: options.kind,
    sources: sources.mark,
    target: maker.target,
  };
  const opened = openJournal(`${part}.notes`, identity, deps.newSalt, (notes, salt) => wholeNotes(part, notes, salt));
  if (opened.is === 'busy')
    return {
      is: 'refused',
      cause: `Another build (process ${opened.pid}) is writing ${out}.`,
      fix: `Wait for it. If there is none, delete ${part}.notes.`,
    };
  const { journal } = opened;
  let keep = true;
  const fd = openSync(part, existsSync(part) ? 'r+' : 'w+');
  try {
    const resumedAt = journal.notes.reduce((sum, { shard }) => sum + shard.entries, 0);
    if (resumedAt > 0) deps.resumed?.(resumedAt);
    const { kind, holes } = await readAll({ sources, maker, journal, fd, options, deps });
    const shards = journal.notes.map(({ shard }) => shard);
    const entries = shards.reduce((sum, shard) => sum + shard.entries, 0);
    if (!partial) holes.refuseHole(entries);
    const bytes = finish(fd, { kind, shards, entries, options, salt: journal.salt, now: deps.clock.now() });
    const check = openCorpusFile(part);
    if (check.is === 'unusable') throw new CorpusFault(check.cause);
    check.file.close();
    renameSync(part, out);
    syncFolder(dirname(out));
    keep = false;
    return { is: 'built', kind, entries, shards: shards.length, bytes, resumedAt };
  } catch (error) {
    // A source that can't be used will be another one next time.
    keep = !(error instanceof InputFault || error instanceof CorpusFault);
    if (!keep) rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(fd);
    journal.close(keep);
  }
}

/** The notes up to the first whose pages are not whole on disk. */
function wholeNotes(part: string, notes: Note[], salt: number): Note[] {
  if (notes.length === 0 || !existsSync(part)) return [];
  const fd = openSync(part, 'r');
  try {
    const step = Buffer.alloc(1_024 * PAGE_BYTES);
    const torn = notes.findIndex(({ shard }) => verifyPages(fd, step, shard.page, shard.pages, salt) !== undefined);
    return torn < 0 ? notes : notes.slice(0, torn);
  } finally {
    closeSync(fd);
  }
}

interface Work {
  sources: Sources;
  maker: ShardMaker;
  journal: Journal;
  fd: number;
  options: BuildOptions;
  deps: BuildDeps;
}

/** Reads every source and writes every shard. */
async function readAll({ sources, maker, journal, fd, options, deps }: Work) {
  const from = journal.notes.at(-1);
  const holes = createHoleWatch(from && { gap: from.gap, last: from.last[0]! });
  let before = from?.last[0];
  let nth = from?.source ?? 0;
  let page = from ? from.shard.page + from.shard.pages : 1;
  let hashes = journal.notes.reduce((sum, { shard }) => sum + shard.entries, 0);
  let share = 0;

  const writeShard = (lines: HashLines): void => {
    const { shard, bytes } = maker.make(page, journal.salt);
    writeAll(fd, bytes, page * PAGE_BYTES);
    page += shard.pages;
    hashes += shard.entries;
    const last = [...lines.last];
    journal.add({ shard, source: nth, ...lines.at, kind: lines.kind ?? '', last, gap: holes.gap });
  };

  const lines: HashLines = createHashLines({
    kind: options.kind ?? (from?.kind as HashKind | undefined),
    ...(from ? { last: from.last } : {}),
    take(words, count) {
      const prefix = words[0]!;
      if (prefix !== before) {
        if (maker.size >= maker.target) writeShard(lines);
        holes.pass(prefix);
        before = prefix;
      }
      if (maker.size >= maker.capacity)
        throw new InputFault(
          `${sources.at(nth).path}: these are not hashes: thousands of them begin alike.`,
          'Name the download of Pwned Passwords.',
        );
      maker.add(words, count);
    },
  });

  const tell = () => deps.progress?.({ hashes: hashes + maker.size, share });

  for (let first = true; nth < sources.length; nth += 1, first = false) {
    const { path, prefix } = sources.at(nth);
    const start = first && from ? { offset: from.offset, line: from.line } : { offset: 0, line: 1 };
    lines.begin({ name: path, prefix, ...start });
    const onRead = (ofThis: number) => {
      share = (nth + ofThis) / sources.length;
    };
    for await (const chunk of textOf(path, start.offset, onRead)) {
      lines.read(chunk);
      tell();
    }
    if (lines.end() === 0 && start.offset === 0)
      throw new InputFault(`${path} is empty: it holds no hash.`, 'Download it anew.');
  }
  if (maker.size > 0) writeShard(lines);
  tell();
  return { kind: lines.kind!, holes };
}

interface End {
  kind: HashKind;
  shards: Shard[];
  entries: number;
  options: BuildOptions;
  salt: number;
  now: number;
}

/** The header comes last and after everything else is on disk: before that the file can't be mistaken for a whole one. */
function finish(fd: number, { kind, shards, entries, options, salt, now }: End): number {
  const { layout, counts } = options;
  const index = encodeIndex(shards);
  const last = shards.at(-1);
  const indexPage = last ? last.page + last.pages : 1;
  writeAll(fd, index, indexPage * PAGE_BYTES);
  const bytes = indexPage * PAGE_BYTES + index.length;
  ftruncateSync(fd, bytes);
  fsyncSync(fd);
  const header = encodeHeader({
    layout,
    kind,
    hashBytes: layout === 'exact' ? EXACT_HASH_BYTES : 0,
    counts,
    entries,
    shards: shards.length,
    indexPage,
    indexSum: crc32(index),
    salt,
    builtAt: now,
  });
  writeAll(fd, header, 0);
  fsyncSync(fd);
  return bytes;
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

/** Makes the new name survive a power cut. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
