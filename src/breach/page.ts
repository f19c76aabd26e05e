/**
 * A corpus file is read in pages of 1 KiB, each with a checksum of its own, so that every look-up proves what it reads:
 * a damaged, torn or foreign page is noticed and never taken for an answer.
 */
import { crc32 } from 'node:zlib';

export const PAGE_BYTES = 1_024;
/** What a page holds besides its checksum. */
export const PAGE_DATA = PAGE_BYTES - 4;

/** The salt of the file and the page's number are in the sum: a page of another build or another place doesn't fit. */
const sumOf = (bytes: Buffer, start: number, salt: number, page: number): number =>
  crc32(bytes.subarray(start, start + PAGE_DATA), (salt ^ page) >>> 0);

/** Writes the checksum of the page that begins at `start`. `page`: its number in the file. */
export function sealPage(bytes: Buffer, start: number, salt: number, page: number): void {
  bytes.writeUInt32LE(sumOf(bytes, start, salt, page), start + PAGE_DATA);
}

export const isWhole = (bytes: Buffer, start: number, salt: number, page: number): boolean =>
  sumOf(bytes, start, salt, page) === bytes.readUInt32LE(start + PAGE_DATA);
