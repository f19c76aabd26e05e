/** What Okta's error codes mean: which are about us all, and which about one account or password. */
import { seconds } from '../../kernel/clock.ts';
import type { Answered } from '../http/api.ts';
import { asObject, asObjects, asText } from '../http/json.ts';
import { quote } from '../http/quote.ts';
import type { Trouble } from '../http/trouble.ts';

const LONGEST_PAUSE = seconds(3_600);

export const codeOf = ({ body }: Answered): string | undefined => {
  const code = asText(asObject(body)?.['errorCode']);
  return code !== undefined && /^E\d{7}$/.test(code) ? code : undefined;
};

/** The causes are what helps; the summary repeats which call it was. */
export function reasonOf({ body }: Answered, hidden: readonly string[]): string | undefined {
  const error = asObject(body);
  const causes = asObjects(error?.['errorCauses']).flatMap(({ errorSummary }) => quote(errorSummary, hidden) ?? []);
  return causes.length > 0 ? causes.join(' ').slice(0, 300) : quote(error?.['errorSummary'], hidden);
}

/** Okta tells when its limit begins anew in X-Rate-Limit-Reset, in seconds since 1970. */
function pauseUntilReset(header: string | undefined, now: number): { after: number } | undefined {
  if (header === undefined || !/^\d{9,11}$/.test(header)) return undefined;
  return { after: Math.min(Math.max(Number(header) * 1_000 - now, seconds(1)), LONGEST_PAUSE) };
}

/** `key`: of the credentials. */
export function judgeOkta(key: string) {
  return (answer: Answered, now: number): Trouble | undefined => {
    const code = codeOf(answer);
    if (answer.status === 429 || code === 'E0000047') {
      const cause = `Okta asks for fewer requests (${code ?? 'status 429'}).`;
      const pause = pauseUntilReset(answer.header('x-rate-limit-reset'), now);
      if (pause === undefined && answer.header('retry-after') !== undefined) return undefined;
      return { cause, fix: 'Lower concurrency when it happens often.', key: 'concurrency', ...pause };
    }
    if (code === 'E0000004' || code === 'E0000005' || code === 'E0000011') {
      const cause = `Okta does not accept our credentials (${code}).`;
      return { cause, fix: 'Make a new token, or check the service app and its key.', key };
    }
    return undefined;
  };
}
