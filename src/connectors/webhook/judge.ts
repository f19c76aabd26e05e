/** What a receiver's answer means; the how-to tells its makers the same. */
import type { Delivered } from '../connector.ts';
import type { Answered } from '../http/api.ts';
import { asObject } from '../http/json.ts';
import { quote } from '../http/quote.ts';
import { refused } from '../http/refused.ts';
import { asRetry } from '../http/trouble.ts';

export function judgeReceiver(answer: Answered, hidden: readonly string[]): Delivered {
  const { status } = answer;
  if (status >= 200 && status < 300) return { is: 'delivered' };
  const body = asObject(answer.body);
  const error = body?.['error'];
  if (status === 404 && error === 'no-account') return { is: 'no-account' };
  if (status === 410)
    return {
      is: 'rejected',
      cause: 'The receiver is gone for good (status 410).',
      hint: 'Take this system out of connectors, or give its new url.',
    };
  if (status === 403) {
    const cause = 'The receiver does not accept our signature (status 403).';
    return asRetry({ cause, fix: 'Compare it with the secret there.', key: 'secret' });
  }
  if (status === 404 || status === 405 || status === 415) {
    const cause = `Nothing there takes webhooks (status ${status}).`;
    return asRetry({ cause, fix: 'Correct the address.', key: 'url' });
  }
  return refused(status, quote(body?.['message'], hidden) ?? quote(error, hidden));
}
