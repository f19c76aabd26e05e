import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHashLines } from '../../../src/breach/hash-lines.ts';
import { InputFault } from '../../../src/breach/input-fault.ts';
import { leaked, linesOf } from './kit.ts';

const LINES = linesOf(leaked(300));

function read(chunks: readonly Buffer[]): { hashes: string[]; offsets: number[] } {
  const hashes: string[] = [];
  const offsets: number[] = [];
  const lines = createHashLines({
    kind: undefined,
    take(words, count) {
      const hash = [...words].map((word) => word.toString(16).padStart(8, '0')).join('');
      hashes.push(`${hash.toUpperCase()}:${count}`);
      offsets.push(lines.at.offset);
    },
  });
  lines.begin({ name: 'in', prefix: undefined, offset: 0, line: 1 });
  for (const chunk of chunks) lines.read(chunk);
  lines.end();
  return { hashes, offsets };
}

/** Cut at the given places, as a disk or gzip would hand it over. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const ends = [...new Set(places.map((place) => place % bytes.length)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, nth) => Buffer.from(bytes.subarray(ends[nth - 1] ?? 0, end)));
}

test('it does not matter where the pieces of a file end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(), { maxLength: 60 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      (places, newline, end) => {
        const text = LINES.join(newline) + (end ? newline : '');
        const { hashes, offsets } = read(cut(text, places));
        expect(hashes).toEqual(LINES);
        for (const [nth, offset] of offsets.entries()) expect(text.startsWith(LINES[nth] ?? '', offset)).toBe(true);
      },
    ),
  );
});

test('whatever the bytes are, they are read or refused with file and line', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 3_000 }),
    fc
      .array(fc.constantFrom('0', 'F', 'a', ':', '\r', '\n', '1', 'g', '\0', LINES[0] ?? '', LINES[1] ?? ''), {
        maxLength: 90,
      })
      .map((parts) => Buffer.from(parts.join(''))),
  );
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(), { maxLength: 5 }), (text, places) => {
      try {
        for (const hash of read(cut(Buffer.from(text).toString('latin1') || '\n', places)).hashes)
          expect(hash).toMatch(/^[0-9A-F]{40}:\d+$/);
      } catch (error) {
        expect(error).toBeInstanceOf(InputFault);
        expect((error as InputFault).message).toMatch(/^in, line \d+: |^in is a packed archive/);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a count beyond 32 bits is kept as the highest that fits', () => {
  const hash = createHash('sha1').update('x').digest('hex').toUpperCase();
  expect(read([Buffer.from(`${hash}:99999999999`)]).hashes).toEqual([`${hash}:4294967295`]);
});
