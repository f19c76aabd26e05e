/** MD4 (RFC 1320), which OpenSSL 3 no longer offers. Only for looking up NTLM hashes that are known already. */

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

const ROUNDS = [
  { add: 0, bits: [3, 7, 11, 19], order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] },
  { add: 0x5a827999, bits: [3, 5, 9, 13], order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15] },
  { add: 0x6ed9eba1, bits: [3, 9, 11, 15], order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15] },
];
const CHOOSE = [
  (x: number, y: number, z: number) => (x & y) | (~x & z),
  (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
  (x: number, y: number, z: number) => x ^ y ^ z,
];

export function md4(message: Buffer): Buffer {
  const padded = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  message.copy(padded);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, padded.length - 8);
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < padded.length; block += 64) {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    ROUNDS.forEach(({ add, bits, order }, round) => {
      order.forEach((word, step) => {
        const chosen = CHOOSE[round]?.(b, c, d) ?? 0;
        const turned = rotate((a + chosen + padded.readUInt32LE(block + word * 4) + add) | 0, bits[step % 4] ?? 0);
        [a, b, c, d] = [d, turned, b, c];
      });
    });
    state = [a, b, c, d].map((word, nth) => (word + (state[nth] ?? 0)) >>> 0);
  }
  const result = Buffer.alloc(16);
  state.forEach((word, nth) => {
    result.writeUInt32LE(word >>> 0, nth * 4);
  });
  return result;
}
