/**
 * Damages sound corpus files and looks what the reader makes of them. Quick by default; FUZZ_RUNS says how many files
 * each property is tried on (bench/README.md).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCorpusFile } from '../../../src/breach/corpus-file.ts';
import { decodeHeader, SHARD_BYTES } from '../../../src/breach/format.ts';
import { hashWords } from '../../../src/breach/hash-kind.ts';
import { PAGE_BYTES, PAGE_DATA } from '../../../src/breach/page.ts';
import { corpusOf, leaked, scratch } from './kit.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 150);
const LONG = 60_000 + RUNS * 20;

const IN = leaked(1_500).map((password) => hashWords('sha1', password));
const OUT = Array.from({ length: 400 }, (_, nth) => hashWords('sha1', `stranger-${nth}`));

type Damage = (bytes: Buffer) => Buffer;

const flips: fc.Arbitrary<Damage> = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((all) => (bytes) => {
    for (const [share, bits] of all) bytes[Math.floor(share * bytes.length)]! ^= bits;
    return bytes;
  });
const cuts: fc.Arbitrary<Damage> = fc
  .double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  .map((share) => (bytes) => bytes.subarray(0, Math.floor(share * bytes.length)));
const zeroed: fc.Arbitrary<Damage> = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 5_000 }))
  .map(([share, length]) => (bytes) => {
    const from = Math.floor(share * bytes.length);
    return bytes.fill(0, from, Math.min(bytes.length, from + length));
  });
/** A page that lies where another should. */
const moved: fc.Arbitrary<Damage> = fc.tuple(fc.nat(), fc.nat()).map(([one, other]) => (bytes) => {
  const pages = Math.floor(bytes.length / PAGE_BYTES);
  const [from, to] = [(one % pages) * PAGE_BYTES, (other % pages) * PAGE_BYTES];
  bytes.copy(bytes, to, from, from + PAGE_BYTES);
  return bytes;
});

/** Nonsense in index and header, with checksums that fit: what only a malicious or mad writer makes. */
const forged: fc.Arbitrary<Damage> = fc
  .array(fc.tuple(fc.nat(), fc.nat(6), fc.oneof(fc.nat(40), fc.integer({ min: 0, max: 2 ** 32 - 1 }))), {
    minLength: 1,
    maxLength: 4,
  })
  .map((all) => (bytes) => {
    const { shards, indexPage } = decodeHeader(bytes);
    const index = indexPage * PAGE_BYTES;
    for (const [shard, column, value] of all)
      bytes.writeUInt32LE(value, index + (shard % shards) * SHARD_BYTES + column * 4);
    bytes.writeUInt32LE(crc32(bytes.subarray(index)), 32);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, PAGE_DATA)), PAGE_DATA);
    return bytes;
  });
const forgedHeader: fc.Arbitrary<Damage> = fc
  .array(fc.tuple(fc.integer({ min: 8, max: 60 }), fc.nat(255)), { minLength: 1, maxLength: 3 })
  .map((all) => (bytes) => {
    for (const [at, value] of all) bytes[at] = value;
    bytes.writeUInt32LE(crc32(bytes.subarray(0, PAGE_DATA)), PAGE_DATA);
    return bytes;
  });

interface Seen {
  opened: boolean;
  cause: string;
  /** Outcomes of hashes that were put in, and of others. */
  inside: Set<string>;
  outside: Set<string>;
  faults: string[];
}

function look(path: string): Seen {
  const found = openCorpusFile(path);
  if (found.is === 'unusable')
    return { opened: false, cause: found.cause, inside: new Set(), outside: new Set(), faults: [] };
  const { file } = found;
  const inside = new Set(IN.map((words) => file.lookUp(words).is));
  const outside = new Set(OUT.map((words) => file.lookUp(words).is));
  const faults = file.verify();
  file.close();
  return { opened: true, cause: '', inside, outside, faults };
}

describe.each([
  ['a filter', 'filter', 200],
  ['a filter of one shard', 'filter', 5_000],
  ['an exact file', 'exact', 150],
] as const)('%s', (_title, layout, target) => {
  async function tried(damage: fc.Arbitrary<Damage>, judge: (seen: Seen, same: boolean) => void): Promise<void> {
    const sound = readFileSync(await corpusOf(leaked(1_500), { layout, target }));
    const path = join(scratch(), 'damaged');
    fc.assert(
      fc.property(damage, (harm) => {
        const bytes = harm(Buffer.from(sound));
        writeFileSync(path, bytes);
        judge(look(path), bytes.equals(sound));
      }),
      { numRuns: RUNS },
    );
  }

  test.each([
    ['flipped bits', flips],
    ['truncation', cuts],
    ['zeros', zeroed],
    ['a page in another’s place', moved],
  ])(
    'never gives a wrong answer after %s, and verify sees it',
    async (_what, damage) => {
      await tried(damage, (seen, same) => {
        if (!seen.opened) {
          expect(seen.cause).toMatch(/can’t be used\. [A-Z].*\.$/);
          return;
        }
        // Everything that was put in is found or told to be unreadable, never "clean".
        expect(seen.inside.has('clean')).toBe(false);
        if (layout === 'exact') expect(seen.outside.has('breached')).toBe(false);
        expect(seen.faults.length > 0).toBe(!same);
      });
    },
    LONG,
  );

  test.each([
    ['an index', forged],
    ['a header', forgedHeader],
  ])(
    'neither crashes nor hangs nor leaves the file over %s that lies',
    async (_what, damage) => {
      await tried(damage, (seen) => {
        for (const outcome of [...seen.inside, ...seen.outside])
          expect(['breached', 'clean', 'corrupt']).toContain(outcome);
        if (!seen.opened) expect(seen.cause).toMatch(/can’t be used\. [A-Z].*\.$/);
      });
    },
    LONG,
  );
});

test('random bytes are never taken for a corpus', () => {
  const path = join(scratch(), 'random');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
      writeFileSync(path, bytes);
      expect(look(path).opened).toBe(false);
    }),
    { numRuns: RUNS },
  );
});
