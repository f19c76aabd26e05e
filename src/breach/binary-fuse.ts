/**
 * A 4-wise binary fuse filter with 10-bit fingerprints: Thomas Mueller Graf and Daniel Lemire, "Binary Fuse Filters: Fast and
 * Smaller Than Xor Filters", ACM Journal of Experimental Algorithmics 27 (2022), doi:10.1145/3510449. Every key that was put
 * in is found; any other is found with a chance of 1 in 1,024.
 */

/** 2^-10 = 1/1,024, the widest that is still below the promised 1 in 1,000. */
export const FINGERPRINT_BITS = 10;

/** Where the four slots of a key can lie: in four neighbouring segments of `2 ** segmentBits` slots. */
export interface Shape {
  seed: number;
  segmentBits: number;
  /** Segments in which the first slot can lie; three more follow. */
  segments: number;
}

export const slotsOf = ({ segmentBits, segments }: Omit<Shape, 'seed'>): number => (segments + 3) * 2 ** segmentBits;

/** Sizes of the paper's §4 for arity 4. */
export function shapeFor(keys: number): Omit<Shape, 'seed'> {
  const size = Math.max(2, keys);
  const exponent = Math.floor(Math.log(size) / Math.log(2.91) - 0.5);
  const segmentBits = Math.min(14, Math.max(2, exponent));
  const factor = Math.max(1.075, 0.77 + (0.305 * Math.log(600_000)) / Math.log(size));
  return { segmentBits, segments: Math.max(1, Math.ceil((size * factor) / 2 ** segmentBits) - 3) };
}

/** Finaliser of MurmurHash3: every bit of the result hangs on every bit of `word`. */
export function mix(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * Writes the four slots of a key to `places` and gives its fingerprint. The key is 96 bits of a cryptographic hash: even
 * already, so that only the seed has to be mixed in.
 */
export function place(a: number, b: number, c: number, shape: Shape, places: Int32Array): number {
  const { seed, segmentBits, segments } = shape;
  const size = 1 << segmentBits;
  const mask = size - 1;
  const x = mix(a ^ seed);
  const y = mix(b ^ Math.imul(seed, 0x9e3779b1));
  const z = mix(c + seed);
  const first = Math.floor((x * (segments * size)) / 2 ** 32);
  places[0] = first;
  places[1] = (first + size) ^ (y & mask);
  places[2] = (first + 2 * size) ^ ((y >>> 16) & mask);
  places[3] = (first + 3 * size) ^ (z & mask);
  return z >>> (32 - FINGERPRINT_BITS);
}

/** The keys of one shard: 96 bits each, as three columns. */
export interface Keys {
  a: Uint32Array;
  b: Uint32Array;
  c: Uint32Array;
}

/** A shard that doesn't peel is tried with another seed. For real hashes the first one nearly always does. */
const TRIES = 64;

/** Room for every shape of up to `capacity` keys; a smaller shard may have longer segments, hence the eight more. */
const roomFor = (capacity: number): number => slotsOf(shapeFor(capacity)) + 8 * 2 ** shapeFor(capacity).segmentBits;

/** Holds the working memory for shards of up to `capacity` keys, about 40 bytes each. */
export function createSolver(capacity: number) {
  const room = roomFor(capacity);
  const degree = new Uint32Array(room);
  const sum = new Uint32Array(room);
  const alone = new Uint32Array(room);
  const orderKey = new Uint32Array(capacity);
  const orderSlot = new Uint32Array(capacity);
  const slots = new Uint16Array(room);
  const places = new Int32Array(4);
  const sorted: Keys = {
    a: new Uint32Array(capacity),
    b: new Uint32Array(capacity),
    c: new Uint32Array(capacity),
  };
  const starts = new Uint32Array(room);

  /** Orders the keys by their first segment: what follows then stays inside of the processor's cache (§4 of the paper). */
  function sort(keys: Keys, count: number, { seed, segments }: Shape): void {
    starts.fill(0, 0, segments + 1);
    const segmentOf = (key: number) => Math.floor((mix(keys.a[key]! ^ seed) * segments) / 2 ** 32);
    for (let key = 0; key < count; key += 1) starts[segmentOf(key) + 1]! += 1;
    for (let segment = 1; segment <= segments; segment += 1) starts[segment]! += starts[segment - 1]!;
    for (let key = 0; key < count; key += 1) {
      const to = starts[segmentOf(key)]!++;
      sorted.a[to] = keys.a[key]!;
      sorted.b[to] = keys.b[key]!;
      sorted.c[to] = keys.c[key]!;
    }
  }

  /** Takes keys away that are alone in a slot, until none is left: the order backwards is one to fill the slots in. */
  function peel({ a, b, c }: Keys, keys: number, shape: Shape): boolean {
    const size = slotsOf(shape);
    degree.fill(0, 0, size);
    sum.fill(0, 0, size);
    for (let key = 0; key < keys; key += 1) {
      place(a[key]!, b[key]!, c[key]!, shape, places);
      for (let nth = 0; nth < 4; nth += 1) {
        const slot = places[nth]!;
        degree[slot]! += 1;
        sum[slot]! ^= key;
      }
    }
    let waiting = 0;
    for (let slot = 0; slot < size; slot += 1) if (degree[slot] === 1) alone[waiting++] = slot;
    let peeled = 0;
    while (waiting > 0) {
      const own = alone[--waiting]!;
      if (degree[own] !== 1) continue;
      const key = sum[own]!;
      orderKey[peeled] = key;
      orderSlot[peeled++] = own;
      place(a[key]!, b[key]!, c[key]!, shape, places);
      for (let nth = 0; nth < 4; nth += 1) {
        const slot = places[nth]!;
        sum[slot]! ^= key;
        degree[slot]! -= 1;
        if (degree[slot] === 1) alone[waiting++] = slot;
      }
    }
    return peeled === keys;
  }

  function fill({ a, b, c }: Keys, keys: number, shape: Shape): void {
    slots.fill(0, 0, slotsOf(shape));
    for (let nth = keys - 1; nth >= 0; nth -= 1) {
      const key = orderKey[nth]!;
      const fingerprint = place(a[key]!, b[key]!, c[key]!, shape, places);
      const others = slots[places[0]!]! ^ slots[places[1]!]! ^ slots[places[2]!]! ^ slots[places[3]!]!;
      slots[orderSlot[nth]!] = fingerprint ^ others;
    }
  }

  return {
    /**
     * The filled slots; valid until the next call. `undefined`: no seed works, so the keys are not those of a hash.
     * `firstTry` lets tests begin with a seed that fails.
     */
    solve(keys: Keys, count: number, firstTry = 0): { shape: Shape; slots: Uint16Array; tries: number } | undefined {
      const size = shapeFor(count);
      for (let tries = 1; tries <= TRIES; tries += 1) {
        const shape = { ...size, seed: mix(firstTry + tries) };
        sort(keys, count, shape);
        if (!peel(sorted, count, shape)) continue;
        fill(sorted, count, shape);
        return { shape, slots: slots.subarray(0, slotsOf(shape)), tries };
      }
      return undefined;
    },
  };
}
