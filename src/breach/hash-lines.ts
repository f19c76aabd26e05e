/**
 * Reads lines `HASH:COUNT` (LF or CRLF, any case), or `SUFFIX:COUNT` where the file's name tells the first five digits. Every
 * digit is looked at and hashes must ascend; whatever else a line holds is a fault with file and line.
 */
import { HASH_DIGITS, HASH_NAME, type HashKind } from './hash-kind.ts';
import { InputFault } from './input-fault.ts';

/** Digits that the name of a per-prefix file takes away. */
export const PREFIX_DIGITS = 5;
const LF = 10;
const CR = 13;
const COLON = 58;
const LONGEST_LINE = 4_096;
const MOST_COUNT = 2 ** 32 - 1;

const DIGIT = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value += 1) {
  DIGIT[value.toString(16).charCodeAt(0)] = value;
  DIGIT[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

export interface HashLines {
  /** Known from the first line on. */
  readonly kind: HashKind | undefined;
  /** Where the hash that is being taken began: byte of the uncompressed source, and line. */
  readonly at: { offset: number; line: number };
  /** The last hash taken. */
  readonly last: Uint32Array;
  begin(source: { name: string; prefix: number | undefined; offset: number; line: number }): void;
  /** @throws InputFault */
  read(chunk: Buffer): void;
  /** The source is at its end. Gives how many hashes it had. @throws InputFault */
  end(): number;
}

export interface HashLinesInput {
  /** What the operator said; otherwise the first line tells. */
  kind: HashKind | undefined;
  /** The last hash that was taken in an earlier run. */
  last?: readonly number[];
  /** `words` are valid until it returns. */
  take(words: Uint32Array, count: number): void;
}

export function createHashLines({ kind: wanted, last: before, take }: HashLinesInput): HashLines {
  const words = new Uint32Array(5);
  const last = new Uint32Array(5);
  last.set(before ?? []);
  let any = before !== undefined;
  let kind = wanted;
  let name = '';
  /** What the file's name tells, and whether its lines leave that away. */
  let named: number | undefined;
  let prefix: number | undefined;
  let sniffed = false;
  let rest: Buffer = Buffer.alloc(0);
  let joined: Buffer = Buffer.alloc(0);
  let taken = 0;
  const at = { offset: 0, line: 1 };

  const fault = (what: string, fix?: string) => new InputFault(`${name}, line ${at.line}: ${what}`, fix);

  const digitsIn = (bytes: Buffer, from: number): number => {
    let to = from;
    while (to < bytes.length && DIGIT[bytes[to]!]! >= 0) to += 1;
    return to - from;
  };

  /** Says what is wrong with a hash of `digits` where `expected` should be. */
  function wrongLength(digits: number, next: number | undefined): InputFault {
    const given = prefix === undefined ? digits : digits + PREFIX_DIGITS;
    const other = (Object.keys(HASH_DIGITS) as HashKind[]).find((one) => one !== kind && HASH_DIGITS[one] === given);
    const ends = next === COLON || next === LF || next === CR;
    if (kind && other && ends)
      return fault(
        `${HASH_NAME[other]} among ${HASH_NAME[kind]} hashes.`,
        'Build a file of its own from each kind of hash.',
      );
    if (next === undefined) return fault('the file ends in the middle of a line.', 'Download it anew.');
    const example = prefix === undefined ? 'HASH:COUNT' : 'SUFFIX:COUNT';
    return fault(`this is not ${example} (${digits} hexadecimal digits were found).`, 'Download the file anew.');
  }

  /** The first line of a source tells which hash it is, and whether it is whole. */
  function sniff(bytes: Buffer): void {
    const begin = bytes.findIndex((byte) => byte !== LF && byte !== CR);
    if (begin < 0) return;
    const digits = digitsIn(bytes, begin);
    const kinds = Object.keys(HASH_DIGITS) as HashKind[];
    const whole = kinds.find((one) => HASH_DIGITS[one] === digits);
    const cut = kinds.find((one) => HASH_DIGITS[one] === digits + PREFIX_DIGITS);
    const start = bytes.toString('latin1', begin, begin + 2);
    if (start === '7z' || start === 'PK')
      throw new InputFault(`${name} is a packed archive.`, 'Unpack it first; only plain text and gzip are read.');
    if (cut && named === undefined)
      throw fault(
        'the first digits of the hash are missing.',
        'Files with ends of hashes must be named like 21BD1.txt.',
      );
    prefix = cut ? named : undefined;
    kind ??= whole ?? cut;
    if (!whole && !cut) throw wrongLength(digits, bytes[begin + digits]);
    sniffed = true;
  }

  function accept(count: number): void {
    // The range API pads its answers with rows of count 0 (H-02).
    if (count === 0) return;
    for (let nth = 0; any && nth < 5; nth += 1) {
      if (words[nth]! > last[nth]!) break;
      if (words[nth]! < last[nth]!)
        throw fault('the hashes are not in order.', 'Use the download that is ordered by hash, not by prevalence.');
      if (nth === 4) throw fault('this hash was there already.', 'Download the file anew.');
    }
    any = true;
    taken += 1;
    take(words, Math.min(count < 0 ? 0 : count, MOST_COUNT));
    last.set(words);
  }

  /** Reads whole lines from `bytes`; gives how many bytes they had. */
  function readLines(bytes: Buffer, atEnd: boolean): number {
    const size = bytes.length;
    const wordCount = HASH_DIGITS[kind!] / 8;
    let here = 0;
    while (here < size) {
      const start = here;
      if (bytes[here] === LF || bytes[here] === CR) {
        if (bytes[here] === LF) at.line += 1;
        here += 1;
        at.offset += 1;
        continue;
      }
      let word = prefix ?? 0;
      let left = prefix === undefined ? 8 : 8 - PREFIX_DIGITS;
      for (let nth = 0; nth < wordCount; nth += 1) {
        for (; left > 0; left -= 1) {
          const value = here < size ? DIGIT[bytes[here]!]! : -1;
          if (value < 0) {
            if (here >= size && !atEnd) return start;
            throw wrongLength(here - start, bytes[here]);
          }
          word = (word << 4) | value;
          here += 1;
        }
        words[nth] = word;
        word = 0;
        left = 8;
      }
      let count = -1;
      if (here < size && bytes[here] === COLON) {
        here += 1;
        const first = here;
        count = 0;
        while (here < size && bytes[here]! >= 48 && bytes[here]! <= 57) {
          count = count * 10 + bytes[here]! - 48;
          here += 1;
        }
        if (here >= size && !atEnd) return start;
        if (here === first) throw fault('the count is missing.', 'Download the file anew.');
      }
      if (here >= size && !atEnd) return start;
      if (here < size && bytes[here] !== LF && bytes[here] !== CR) {
        if (count < 0) throw wrongLength(digitsIn(bytes, start), bytes[start + digitsIn(bytes, start)]);
        throw fault('there is more behind the count.', 'Download the file anew.');
      }
      accept(count);
      at.offset += here - start;
    }
    return here;
  }

  /** What was left and what comes now, in memory that is used again. */
  function joinedWith(chunk: Buffer): Buffer {
    const size = rest.length + chunk.length;
    if (joined.length < size) joined = Buffer.allocUnsafe(size + LONGEST_LINE);
    rest.copy(joined);
    chunk.copy(joined, rest.length);
    return joined.subarray(0, size);
  }

  function read(chunk: Buffer, atEnd: boolean): void {
    const bytes = rest.length > 0 ? joinedWith(chunk) : chunk;
    if (!sniffed && bytes.length > 0 && (atEnd || bytes.includes(LF))) sniff(bytes);
    rest = Buffer.from(bytes.subarray(sniffed ? readLines(bytes, atEnd) : 0));
    if (rest.length > LONGEST_LINE) throw fault('the line does not end.', 'Only text with one hash a line is read.');
  }

  return {
    get kind() {
      return kind;
    },
    at,
    last,
    begin(source) {
      name = source.name;
      named = source.prefix;
      sniffed = false;
      at.offset = source.offset;
      at.line = source.line;
      rest = Buffer.alloc(0);
      taken = 0;
    },
    read: (chunk) => read(chunk, false),
    end() {
      if (rest.length > 0) read(Buffer.alloc(0), true);
      return taken;
    },
  };
}
