/** Encrypts a password to a receiver (RFC 7516, compact): RSA-OAEP-256 or ECDH-ES, with A256GCM. Only its private key opens it. */
import { readFileSync } from 'node:fs';
import {
  CompactEncrypt,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  importJWK,
  importSPKI,
  type JWK,
} from 'jose';

export type Seal = (text: string) => Promise<string>;

const RSA = 'RSA-OAEP-256';
const CURVES = new Set(['P-256', 'P-384', 'P-521', 'X25519']);

async function readKey(text: string): Promise<{ alg: string; key: CryptoKey } | undefined> {
  if (text.trimStart().startsWith('{')) {
    const jwk = JSON.parse(text) as JWK;
    if (jwk.d !== undefined || jwk.kty === 'oct') return undefined;
    const alg = jwk.kty === 'RSA' ? RSA : 'ECDH-ES';
    if (alg !== RSA && !CURVES.has(jwk.crv ?? '')) return undefined;
    return { alg, key: (await importJWK(jwk, alg)) as CryptoKey };
  }
  for (const alg of [RSA, 'ECDH-ES']) {
    try {
      return { alg, key: await importSPKI(text, alg, { extractable: true }) };
    } catch {
      // The next kind of key.
    }
  }
  return undefined;
}

/** A file with a PEM (BEGIN PUBLIC KEY) or a JWK. @throws Error that names the key of the configuration. */
export async function readSeal(file: string): Promise<Seal> {
  const wrong = `publicKeyFile: ${file} holds no public key (PEM or JWK; RSA, EC or X25519).`;
  let read: Awaited<ReturnType<typeof readKey>>;
  try {
    read = await readKey(readFileSync(file, 'utf8'));
  } catch {
    throw new Error(wrong);
  }
  if (!read) throw new Error(wrong);
  const { alg, key } = read;
  const bits = (key.algorithm as { modulusLength?: number }).modulusLength;
  if (bits !== undefined && bits < 2_048) throw new Error('publicKeyFile: an RSA key needs at least 2048 bits.');
  const kid = await calculateJwkThumbprint(await exportJWK(key));
  return (text) =>
    new CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({ alg, enc: 'A256GCM', kid, cty: 'text/plain' })
      .encrypt(key);
}
