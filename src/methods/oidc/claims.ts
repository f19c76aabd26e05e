/** What an ID token must say beyond what the library has checked (signature, iss, aud, nonce, exp, auth_time). */
import type { IDToken } from 'openid-client';
import { minutes } from '../../kernel/clock.ts';

export interface Wanted {
  /** One of them must be `acr` (OpenID Connect Core §2). Empty: no matter. */
  acr: readonly string[];
  /** One of them must be among `amr` (RFC 8176). Empty: no matter. */
  amr: readonly string[];
  /** ms; when the person was sent off. */
  since: number;
  /** ms */
  now: number;
}

/** How far the provider's clock may be from ours. */
export const TOLERANCE = minutes(1);

/** `undefined`: all is as it must be. */
export function claimFault(claims: IDToken, { acr, amr, since, now }: Wanted): string | undefined {
  const issued = claims.iat * 1_000;
  if (issued > now + TOLERANCE) return 'It was issued in the future (iat).';
  if (issued < since - TOLERANCE) return 'It was issued before the person was sent there (iat).';
  if ((claims.auth_time ?? 0) * 1_000 > now + TOLERANCE) return 'The sign-in there lies in the future (auth_time).';
  if (acr.length > 0 && !acr.some((one) => one === claims.acr)) return `Its acr is not one of ${acr.join(', ')}.`;
  const used: unknown[] = Array.isArray(claims.amr) ? claims.amr : [];
  if (amr.length > 0 && !amr.some((one) => used.includes(one))) return `Its amr has none of ${amr.join(', ')}.`;
  return undefined;
}
