/** What the answer to a PATCH of a password means: RFC 7644 §3.5.2 and the errors of §3.12. */
import type { Delivered } from '../connector.ts';
import type { Answered } from '../http/api.ts';
import { asObject, asText } from '../http/json.ts';
import { quote } from '../http/quote.ts';
import { refused } from '../http/refused.ts';
import { asRetry } from '../http/trouble.ts';

/** scimTypes of a server that can't set a password in this way at all. */
const UNABLE = new Set(['invalidPath', 'invalidSyntax', 'mutability', 'noTarget', 'invalidVers']);
const NO_PATCH = 'This server can not set passwords by PATCH. Ask its maker, or take it out of connectors.';

export function judgeWrite(answer: Answered, password: string, mustChange: boolean, key: string): Delivered {
  const { status } = answer;
  const body = asObject(answer.body);
  if (status === 200 || status === 204) {
    const shown = body !== undefined && Object.hasOwn(body, 'password');
    const warnings = [
      ...(shown ? ['The server hands passwords out again, which RFC 7643 §4.1.1 forbids.'] : []),
      ...(mustChange ? ['SCIM can not ask for a new password at the next sign-in.'] : []),
    ];
    return warnings.length === 0 ? { is: 'delivered' } : { is: 'delivered', warning: warnings.join(' ') };
  }
  if (status === 404) return { is: 'no-account' };
  if (status === 403) {
    const cause = 'The server does not let us set a password (status 403).';
    return asRetry({ cause, fix: 'Give this client the right to write users.', key });
  }
  if (status === 409 || status === 412) {
    const cause = `Somebody else wrote the account at the same time (status ${status}).`;
    return asRetry({ cause, fix: 'Nothing to do: it is tried again.', key: 'url', single: true });
  }
  const kind = asText(body?.['scimType']);
  const unable = status === 405 || status === 501 || (kind !== undefined && UNABLE.has(kind));
  return refused(status, quote(body?.['detail'], [password]), unable ? NO_PATCH : undefined);
}
