/** Ordered made-up hashes, as even as real ones: the same number always gives the same hash, so nothing has to be kept. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { mix } from '../src/breach/binary-fuse.ts';

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
const CODES = Uint16Array.from(DIGITS, (two) => two.charCodeAt(0) | (two.charCodeAt(1) << 8));
const LINE = 44;
const LINES_AT_ONCE = 100_000;

/** Writes the words of hash `nth` of `count` to `words`. */
export function syntheticHash(nth: number, count: number, words: Uint32Array): void {
  const step = 2 ** 32 / count;
  words[0] = Math.floor(nth * step) + Math.floor((mix(nth) / 2 ** 32) * (step - 1));
  for (let word = 1; word < 5; word += 1) words[word] = mix(nth + Math.imul(word, 0x9e3779b1));
}

/** `HASH:n` lines, as Pwned Passwords are downloaded. */
export function writeSyntheticText(path: string, count: number): void {
  const words = new Uint32Array(5);
  const bytes = Buffer.alloc(LINES_AT_ONCE * LINE);
  const fd = openSync(path, 'w');
  let used = 0;
  for (let nth = 0; nth < count; nth += 1) {
    syntheticHash(nth, count, words);
    for (let byte = 0; byte < 20; byte += 1) {
      const code = CODES[(words[byte >> 2]! >>> (24 - (byte & 3) * 8)) & 0xff]!;
      bytes[used++] = code & 0xff;
      bytes[used++] = code >> 8;
    }
    bytes[used++] = 58;
    bytes[used++] = 49 + (nth % 9);
    bytes[used++] = 13;
    bytes[used++] = 10;
    if (used < bytes.length) continue;
    writeSync(fd, bytes);
    used = 0;
  }
  writeSync(fd, bytes, 0, used);
  closeSync(fd);
}
