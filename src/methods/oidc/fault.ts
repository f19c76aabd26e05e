/** What went wrong between us and the identity provider, as one of three: not proven, broken off, or not reachable. */
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';

export type Fault = { is: 'mismatch' | 'declined' | 'unavailable'; cause: string };

/** RFC 6749 §4.1.2.1: the provider itself has trouble. */
const TROUBLE = ['server_error', 'temporarily_unavailable'];

/** What the library says of an answer that was read, but proves nothing. Everything else is no answer at all. */
const UNPROVEN = [
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
];

/** A name from outside, fit for a log line. */
const named = (error: string): string => error.replace(/[^\w-]/g, '').slice(0, 60);

export function faultOf(error: unknown): Fault {
  if (error instanceof AuthorizationResponseError) {
    const cause = `The provider sent the person back with ${named(error.error)}.`;
    return { is: TROUBLE.includes(error.error) ? 'unavailable' : 'declined', cause };
  }
  if (error instanceof ResponseBodyError) {
    const cause = `The provider refused the code: ${named(error.error)} (${error.status}).`;
    // invalid_grant: used, too old, or not for us. Anything else is our registration, which nobody mends by trying again.
    return { is: error.error === 'invalid_grant' ? 'mismatch' : 'unavailable', cause };
  }
  if (error instanceof ClientError && UNPROVEN.includes(error.code ?? ''))
    return { is: 'mismatch', cause: `The answer of the provider proves nothing: ${reasonsOf(error)}.` };
  return { is: 'unavailable', cause: `The provider did not answer as it should: ${reasonsOf(error)}.` };
}

/** Messages only: what stands in `cause` of the library holds tokens and claims. */
function reasonsOf(error: unknown): string {
  const reasons: string[] = [];
  for (let one = error; one instanceof Error && reasons.length < 4; one = one.cause)
    reasons.push(one.message || String((one as { code?: unknown }).code ?? one.name));
  return reasons.join(': ') || 'no reason given';
}
