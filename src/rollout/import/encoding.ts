/** Which encoding a file has, found out from its bytes and said in one sentence; and the file as lines, whatever its size. */
import { createReadStream } from 'node:fs';

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export interface Detected {
  encoding: Encoding;
  says: string;
}

type Bytes = AsyncIterable<Uint8Array>;

const BOMS: readonly [Encoding, string, readonly number[]][] = [
  ['utf-8', 'UTF-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', 'UTF-16 (little-endian)', [0xff, 0xfe]],
  ['utf-16be', 'UTF-16 (big-endian)', [0xfe, 0xff]],
];

/** Zeros in every second place: letters of Europe in UTF-16. */
function withoutMark(head: Uint8Array): Encoding | undefined {
  const zeros = [0, 0];
  for (const [index, byte] of head.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const half = head.length / 2;
  if ((zeros[1] ?? 0) > half * 0.4 && zeros[0] === 0) return 'utf-16le';
  if ((zeros[0] ?? 0) > half * 0.4 && zeros[1] === 0) return 'utf-16be';
  return undefined;
}

/** Reads everything once: a single byte far behind decides between UTF-8 and windows-1252. */
export async function detectEncoding(bytes: Bytes): Promise<Detected> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let head: Uint8Array | undefined;
  let line = 1;
  for await (const chunk of bytes) {
    if (head === undefined) {
      head = chunk.subarray(0, 4_096);
      const mark = BOMS.find(([, , bom]) => bom.every((byte, index) => chunk[index] === byte));
      if (mark) return { encoding: mark[0], says: `The file is ${mark[1]}, as its first bytes say.` };
      const wide = withoutMark(head);
      if (wide)
        return { encoding: wide, says: `The file looks like ${wide.toUpperCase()} without a mark, and is read so.` };
    }
    try {
      line += decoder.decode(chunk, { stream: true }).split('\n').length - 1;
    } catch {
      const says = `The file is no valid UTF-8 (about line ${line} on), so it is read as windows-1252. If letters look wrong, name the encoding.`;
      return { encoding: 'windows-1252', says };
    }
  }
  return { encoding: 'utf-8', says: 'The file is UTF-8.' };
}

const LONGEST_LINE = 200_000;

export interface TextLine {
  /** From 1 on. */
  number: number;
  text: string;
  /** Too long to be kept. */
  cut: boolean;
}

/** Line by line, with no more than one chunk and one line in memory. */
export async function* linesOf(bytes: Bytes, encoding: Encoding): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder(encoding);
  let number = 0;
  let rest = '';
  let cut = false;
  const line = (text: string): TextLine => {
    number += 1;
    const made = { number, text: cut ? '' : text.replace(/\r$/, ''), cut };
    cut = false;
    return made;
  };
  for await (const chunk of bytes) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield line(part);
    if (rest.length > LONGEST_LINE) [rest, cut] = ['', true];
  }
  rest += decoder.decode();
  if (rest !== '' || cut) yield line(rest);
}

export const fileBytes = (path: string): Bytes => createReadStream(path, { highWaterMark: 256 * 1_024 });

/** A text that came as one, as of a form. */
export async function* textBytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'utf8');
}
