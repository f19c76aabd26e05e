/** The JSON key of a Google service account, and the assertion that it signs for an administrator (RFC 7523 §2.1). */
import { SignJWT } from 'jose';
import type { Clock } from '../../kernel/clock.ts';
import { readSigningKey } from '../http/client-proof.ts';
import { asObject, asText, parse } from '../http/json.ts';
import type { ClientProof } from '../http/token.ts';

export const SCOPE = 'https://www.googleapis.com/auth/admin.directory.user';

export interface AssertionFor {
  /** Content of the key file. */
  serviceAccount: string;
  subject: string;
  audience: string;
  clock: Clock;
}

/** @throws Error that names the key of the configuration. */
export async function googleProof(wanted: AssertionFor): Promise<() => Promise<ClientProof>> {
  const file = asObject(parse(wanted.serviceAccount));
  const issuer = asText(file?.['client_email']);
  const pem = asText(file?.['private_key']);
  const kid = asText(file?.['private_key_id']);
  if (issuer === undefined || pem === undefined)
    throw new Error('serviceAccount: is not the JSON key of a service account (client_email, private_key).');
  const { key, alg } = await readSigningKey('serviceAccount', pem);
  if (alg !== 'RS256') throw new Error('serviceAccount: Google takes RSA keys only.');
  return async () => {
    const now = Math.floor(wanted.clock.now() / 1_000);
    const assertion = await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) })
      .setIssuer(issuer)
      .setSubject(wanted.subject)
      .setAudience(wanted.audience)
      .setIssuedAt(now)
      .setExpirationTime(now + 3_600)
      .sign(key);
    return { form: { assertion } };
  };
}
