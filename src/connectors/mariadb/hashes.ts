/**
 * What MariaDB keeps instead of a password, made here, so that no statement holds the password itself. Which of the two, the
 * account's own plugin says.
 */
import { createHash } from 'node:crypto';

const sha1 = (data: string | Buffer): Buffer => createHash('sha1').update(data).digest();

/** mysql_native_password: `*` and SHA-1 of SHA-1. */
export const nativeHash = (password: string): string => `*${sha1(sha1(password)).toString('hex').toUpperCase()}`;

/** The field of Curve25519 (RFC 8032 §5.1). */
const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202n;
const BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960n;

const mod = (n: bigint): bigint => ((n % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

/** Extended coordinates (RFC 8032 §5.1.4). */
type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint];

function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * D);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

/**
 * ed25519 of MariaDB: the public key whose secret is the password itself, of any length, where RFC 8032 has 32 bytes. That is
 * why node:crypto can't make it.
 */
export function ed25519Hash(password: string): string {
  const secret = createHash('sha512').update(password).digest().subarray(0, 32);
  secret[0] = (secret[0] ?? 0) & 248;
  secret[31] = ((secret[31] ?? 0) & 127) | 64;
  let sum: Point = [0n, 1n, 1n, 0n];
  let doubled: Point = [BASE_X, BASE_Y, 1n, mod(BASE_X * BASE_Y)];
  for (let left = littleEndian(secret); left > 0n; left >>= 1n) {
    if (left & 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  const inverse = power(sum[2], P - 2n);
  const [x, y] = [mod(sum[0] * inverse), mod(sum[1] * inverse)];
  const bytes = Buffer.from((y | ((x & 1n) << 255n)).toString(16).padStart(64, '0'), 'hex').reverse();
  return bytes.toString('base64').replace(/=+$/, '');
}
