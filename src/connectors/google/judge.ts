/** What errors of the Directory API mean: quotas come as 403 and are told by their reason. */
import type { Answered } from '../http/api.ts';
import { asObject, asObjects, asText } from '../http/json.ts';
import type { Trouble } from '../http/trouble.ts';

const QUOTA = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded', 'dailyLimitExceeded']);
const OURS = new Set(['insufficientPermissions', 'accessNotConfigured', 'domainCannotUseApis', 'authError']);

export function errorOf({ body }: Answered): { message: unknown; reasons: string[] } {
  const error = asObject(asObject(body)?.['error']);
  const reasons = asObjects(error?.['errors']).flatMap(({ reason }) => asText(reason) ?? []);
  return { message: error?.['message'], reasons };
}

/** Only what speaks for all of us. */
export function judgeGoogle(answer: Answered): Trouble | undefined {
  if (answer.status !== 403) return undefined;
  const { reasons } = errorOf(answer);
  const quota = reasons.find((reason) => QUOTA.has(reason));
  if (quota !== undefined) {
    const cause = `Google asks for fewer requests (${quota}).`;
    return { cause, fix: 'Lower concurrency, or ask for more quota in the Cloud console.', key: 'concurrency' };
  }
  const ours = reasons.find((reason) => OURS.has(reason));
  if (ours === undefined) return undefined;
  const fix = 'Enable the Admin SDK API, and delegate the scope admin.directory.user to the service account.';
  return { cause: `Google refuses our service account (${ours}).`, fix, key: 'serviceAccount' };
}
