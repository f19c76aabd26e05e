/** What the outbox's `text` and `call` jobs share: their outcomes, whom they tell, and the look at a SIM before a code leaves. */
import type { E164 } from '../kernel/phone.ts';
import type { PhoneSignals } from './phone-signals.ts';

/** As the outbox understands it; notify does not know the outbox. */
export type Delivered =
  | { is: 'done' }
  | { is: 'retry'; after?: number; cause: string }
  | { is: 'dead'; reason: string };

export interface PhoneReports {
  /** Nothing was sent, because it looked like fraud. For the audit. */
  withheld(job: string, cause: string): void;
  /** A call ended before the code was spoken. For the audit: the help desk is asked about it. */
  unspoken(job: string, how: string): void;
  warn(detail: object, message: string): void;
}

/** The reason to send nothing, if there is one. */
export async function swapped(
  signals: PhoneSignals | undefined,
  reports: PhoneReports,
  job: string,
  to: string,
): Promise<string | undefined> {
  if (!signals) return undefined;
  const found = await signals
    .recentChange(to as E164)
    .catch(() => ({ is: 'unknown' as const, cause: 'The question for a new SIM failed.' }));
  if (found.is === 'unknown')
    reports.warn({ job, cause: found.cause }, 'Nobody could tell whether the SIM of a number is new.');
  if (found.is !== 'changed') return undefined;
  reports.withheld(job, `The number changed hands or SIM lately: ${found.cause}`);
  return `The number changed hands or SIM lately: ${found.cause}`;
}
