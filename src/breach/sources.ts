/**
 * What a corpus is built from: ordered text files, or folders of per-prefix files (`21BD1.txt`), each plain or gzip. A source
 * that changes while it is read is noticed.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { markOf } from './corpus-file.ts';
import { codeOf, explainFile } from './file-fault.ts';
import { PREFIX_DIGITS } from './hash-lines.ts';
import { InputFault } from './input-fault.ts';

export interface Source {
  path: string;
  /** The first five digits of all its hashes, when its name tells them. */
  prefix: number | undefined;
}

export interface Sources {
  readonly length: number;
  at(nth: number): Source;
  /** Changes with the files themselves: tells whether an interrupted build can be taken up again. */
  readonly mark: string;
}

/** The downloader writes `21BD1.txt`, others leave the ending away or pack each file. */
const PREFIX_FILE = new RegExp(`^([0-9A-F]{${PREFIX_DIGITS}})(?:\\.txt)?(?:\\.gz)?$`, 'i');
const PREFIXES = 16 ** PREFIX_DIGITS;
const CHUNK = 2 ** 20;
const SMALL = 2 ** 18;
/** Gzip packs a thousand to one at most. */
const MOST_UNPACKED = 2 ** 28;

const prefixOf = (name: string): number | undefined => {
  const digits = PREFIX_FILE.exec(name)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
};

const written = (prefix: number): string => prefix.toString(16).toUpperCase().padStart(PREFIX_DIGITS, '0');

function namesIn(folder: string, partial: boolean): string[] {
  const names = readdirSync(folder)
    .filter((name) => prefixOf(name) !== undefined)
    .sort((one, other) => prefixOf(one)! - prefixOf(other)!);
  if (names.length === 0)
    throw new InputFault(`${folder} holds no per-prefix files such as 21BD1.txt.`, 'Name the folder of the download.');
  names.forEach((name, nth) => {
    const prefix = prefixOf(name)!;
    const expected = nth === 0 ? 0 : prefixOf(names[nth - 1]!)! + 1;
    if (nth > 0 && prefix < expected)
      throw new InputFault(`${folder} holds ${names[nth - 1]} and ${name}.`, 'Keep one of the two.');
    if (prefix > expected && !partial) throw missing(folder, expected, names.length);
  });
  if (names.length < PREFIXES && !partial) throw missing(folder, prefixOf(names.at(-1)!)! + 1, names.length);
  return names;
}

const missing = (folder: string, prefix: number, there: number): InputFault =>
  new InputFault(
    `${folder} is incomplete: ${written(prefix)}.txt is missing (${there.toLocaleString('en')} of ${PREFIXES.toLocaleString('en')} files are there).`,
    'Run the downloader again. If it is meant to be a part, say --partial.',
  );

/** @throws InputFault */
export function listSources(paths: readonly string[], partial: boolean): Sources {
  const marks: string[] = [];
  const groups: { folder: string | undefined; names: string[] }[] = [];
  for (const path of paths) {
    try {
      const stats = statSync(path);
      if (!stats.isDirectory() && !stats.isFile()) throw new InputFault(`${path} is neither a file nor a folder.`);
      const names = stats.isDirectory() ? namesIn(path, partial) : [path];
      groups.push({ folder: stats.isDirectory() ? path : undefined, names });
      marks.push(`${path} ${markOf(stats)} ${names.length}`);
    } catch (error) {
      if (error instanceof InputFault) throw error;
      throw new InputFault(`${path} can’t be read. ${explainFile(error)}`);
    }
  }
  return {
    length: groups.reduce((sum, { names }) => sum + names.length, 0),
    mark: marks.join('\n'),
    at(nth) {
      let left = nth;
      for (const { folder, names } of groups) {
        const name = names[left];
        if (name !== undefined)
          return { path: folder === undefined ? name : join(folder, name), prefix: prefixOf(basename(name)) };
        left -= names.length;
      }
      throw new RangeError(`There is no source ${nth}.`);
    },
  };
}

/** Of zlib and of streams. */
const PACKED: Record<string, string> = {
  Z_BUF_ERROR: 'the packed data ends too early: the file is cut off.',
  Z_DATA_ERROR: 'the packed data is damaged.',
  Z_NEED_DICT: 'the packed data is damaged.',
  ERR_BUFFER_TOO_LARGE: 'the packed data is longer than any download.',
};

/** Pieces of a file from byte `from` on. `shared`: each is the same memory, valid until the next one. */
function* rawChunks(fd: number, from: number, shared: boolean): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(CHUNK);
  for (let position = from; ; ) {
    const read = readSync(fd, chunk, 0, CHUNK, position);
    if (read === 0) return;
    position += read;
    yield chunk.subarray(0, read);
    if (!shared) chunk = Buffer.allocUnsafe(CHUNK);
  }
}

async function* unpackedChunks(fd: number, from: number, size: number, onRead: OnRead): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  // What fails arrives in the loop below.
  pipeline(Readable.from(rawChunks(fd, 0, false), { highWaterMark: 1 }), gunzip, () => {});
  let skip = from;
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    onRead(gunzip.bytesWritten / size);
    if (skip < chunk.length) yield chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.length);
  }
}

/** A small file at once: there may be a million of them. */
function wholeText(fd: number, size: number, from: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  const read = readSync(fd, bytes, 0, size, 0);
  const text = isPacked(bytes) ? gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED }) : bytes.subarray(0, read);
  return text.subarray(from);
}

function startOf(fd: number): Buffer {
  const bytes = Buffer.alloc(2);
  readSync(fd, bytes, 0, 2, 0);
  return bytes;
}

const isPacked = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

type OnRead = (share: number) => void;

/**
 * The text of a source, unpacked, from byte `from` on. `onRead`: the share of the file that was read, 0 to 1.
 * @throws InputFault when it can't be read, is damaged, or changed meanwhile.
 */
export async function* textOf(path: string, from: number, onRead: OnRead): AsyncGenerator<Buffer> {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const before = fstatSync(fd);
    if (before.size <= SMALL) yield wholeText(fd, before.size, from);
    else if (isPacked(startOf(fd))) yield* unpackedChunks(fd, from, before.size, onRead);
    else {
      let position = from;
      for (const chunk of rawChunks(fd, from, true)) {
        position += chunk.length;
        onRead(position / before.size);
        yield chunk;
      }
    }
    if (markOf(fstatSync(fd)) !== markOf(before))
      throw new InputFault(`${path} changed while it was read.`, 'Wait until its download is done, then build again.');
  } catch (error) {
    if (error instanceof InputFault) throw error;
    const what = PACKED[codeOf(error)];
    if (what) throw new InputFault(`${path}: ${what}`, 'Download it anew.');
    throw new InputFault(`${path} can’t be read. ${explainFile(error)}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
