import { randomFillSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  createSolver,
  FINGERPRINT_BITS,
  type Keys,
  place,
  shapeFor,
  slotsOf,
} from '../../../src/breach/binary-fuse.ts';

function randomKeys(count: number): Keys {
  const all = randomFillSync(new Uint32Array(count * 3));
  return { a: all.subarray(0, count), b: all.subarray(count, 2 * count), c: all.subarray(2 * count) };
}

function filterOf(keys: Keys, count: number) {
  const solved = createSolver(count).solve(keys, count);
  if (!solved) throw new Error('No seed worked.');
  const { shape, slots, tries } = solved;
  const places = new Int32Array(4);
  const has = ({ a, b, c }: Keys, key: number): boolean =>
    place(a[key]!, b[key]!, c[key]!, shape, places) ===
    (slots[places[0]!]! ^ slots[places[1]!]! ^ slots[places[2]!]! ^ slots[places[3]!]!);
  return { has, slots, tries };
}

const found = (has: (keys: Keys, key: number) => boolean, keys: Keys, count: number): number => {
  let hits = 0;
  for (let key = 0; key < count; key += 1) if (has(keys, key)) hits += 1;
  return hits;
};

describe('a binary fuse filter', () => {
  test.each([1, 2, 3, 4, 5, 7, 10, 33, 100, 999, 5_000, 70_000, 300_000])('finds every one of %i keys', (count) => {
    const keys = randomKeys(count);
    expect(found(filterOf(keys, count).has, keys, count)).toBe(count);
  });

  test.each([20_000, 524_288])('takes at most 1 in 1,000 others for one of its %i keys', (count) => {
    const { has } = filterOf(randomKeys(count), count);
    const probes = 4_000_000;
    // 2^-10 is 3,906 of them; three standard deviations are 187.
    const hits = found(has, randomKeys(probes), probes);
    expect(hits).toBeLessThan(3_906 + 250);
    expect(hits).toBeGreaterThan(3_906 - 250);
  });

  test.each([
    [100_000, 11.3],
    [524_288, 10.8],
    [528_384, 10.85],
  ])('of %i keys takes less than %d bits each', (count, most) => {
    expect((slotsOf(shapeFor(count)) * FINGERPRINT_BITS) / count).toBeLessThan(most);
  });

  test('peels with the first seed nearly always at the size that files use', () => {
    const tries = Array.from({ length: 12 }, () => filterOf(randomKeys(131_072), 131_072).tries);
    expect(tries.filter((one) => one === 1).length).toBeGreaterThanOrEqual(9);
  });

  test('tries another seed when the keys don’t peel', () => {
    // Small shards fail often enough to see it.
    const solver = createSolver(60);
    const tries = Array.from({ length: 400 }, (_, nth) => solver.solve(randomKeys(60), 60, nth * 64)?.tries ?? 99);
    expect(Math.max(...tries)).toBeGreaterThan(1);
    expect(Math.max(...tries)).toBeLessThan(64);
  });

  test('gives up on keys that are all alike, as no hashes are', () => {
    const same: Keys = { a: new Uint32Array(50), b: new Uint32Array(50), c: new Uint32Array(50) };
    expect(createSolver(50).solve(same, 50)).toBeUndefined();
  });

  test('uses its memory again for another size', () => {
    const solver = createSolver(10_000);
    for (const count of [10_000, 3, 1_700, 9_999]) {
      const keys = randomKeys(count);
      const solved = solver.solve(keys, count);
      expect(solved?.slots.length).toBe(slotsOf(shapeFor(count)));
    }
  });
});
