/** The ways in which a client proves to a token endpoint who it is: RFC 6749 §2.3.1, RFC 7523 §2.2. */
import { type CryptoKey, importPKCS8, SignJWT } from 'jose';
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/random.ts';
import type { ClientProof } from './token.ts';

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
const formEncoded = (text: string): string => new URLSearchParams({ a: text }).toString().slice(2);

export function secretBasic(clientId: string, secret: string): () => Promise<ClientProof> {
  const pair = Buffer.from(`${formEncoded(clientId)}:${formEncoded(secret)}`).toString('base64');
  return async () => ({ headers: { Authorization: `Basic ${pair}` }, form: {} });
}

export const secretPost =
  (clientId: string, secret: string): (() => Promise<ClientProof>) =>
  async () => ({ form: { client_id: clientId, client_secret: secret } });

const ALGORITHMS = ['RS256', 'ES256'] as const;
export interface SigningKey {
  alg: string;
  key: CryptoKey;
}

/** PEM, PKCS #8, RSA or EC P-256. @throws Error that names the key of the configuration. */
export async function readSigningKey(name: string, pem: string): Promise<SigningKey> {
  for (const alg of ALGORITHMS) {
    try {
      return { alg, key: await importPKCS8(pem, alg) };
    } catch {
      // The next kind of key.
    }
  }
  throw new Error(`${name}: is no private key in PEM (PKCS #8: BEGIN PRIVATE KEY), RSA or EC P-256.`);
}

export interface AssertionParts {
  clientId: string;
  key: SigningKey;
  audience: string;
  clock: Clock;
  /** Further fields of the header: kid, x5t#S256. */
  header?: Readonly<Record<string, string>>;
}

/** private_key_jwt: good for five minutes and for one use. */
export const privateKeyJwt =
  ({ clientId, key, audience, clock, header = {} }: AssertionParts): (() => Promise<ClientProof>) =>
  async () => {
    const now = Math.floor(clock.now() / 1_000);
    const assertion = await new SignJWT({})
      .setProtectedHeader({ typ: 'JWT', ...header, alg: key.alg })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(audience)
      .setJti(newId())
      .setIssuedAt(now)
      // Clocks differ a little.
      .setNotBefore(now - 60)
      .setExpirationTime(now + 300)
      .sign(key.key);
    return {
      form: {
        client_id: clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      },
    };
  };
