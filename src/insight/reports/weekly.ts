/** The figures of the week before, by mail, on Monday at six: handed over once, whatever node does it and whatever dies. */
import * as store from '../../storage/repositories/reports.ts';
import { addDays, mondayOf } from './calendar.ts';
import type { ReportDeps } from './deps.ts';
import { reportOf } from './report.ts';

const HOUR = 6;

type Deps = Pick<ReportDeps, 'storage' | 'audit' | 'outbox' | 'clock' | 'calendar' | 'settings' | 'language'>;

/** `mailed`: the Monday on which it was last looked after. @returns whether mails wait. */
export async function mailWeek(
  { storage, audit, outbox, clock, calendar, settings, language }: Deps,
  lease: { id: string; until: number },
  mailed: string | null,
): Promise<boolean> {
  const now = clock.now();
  const { day, hour } = calendar(now);
  const monday = mondayOf(day);
  if (mailed === monday || (day === monday && hour < HOUR)) return false;
  const [from, to] = [addDays(monday, -7), addDays(monday, -1)];
  // Whoever sets it up in the middle of a week waits for the next one.
  const sends = settings.weekly.length > 0 && (mailed !== null || day === monday);
  const report = sends ? await reportOf(storage.db, { from, to }, settings) : undefined;
  return storage.transaction(async (trx) => {
    if (!(await store.hold(trx, lease, { mailed: monday }, { mailed }))) return false;
    if (!report) return false;
    const { resets, unlocks, savings, adoption, time, rating } = report;
    const values = {
      name: '',
      at: now,
      from,
      to,
      resets,
      unlocks,
      calls: Math.round(savings.callsAvoided),
      currency: savings.currency,
      ...(savings.money ? { saved: Math.round(savings.money.net) } : {}),
      ...(adoption && adoption.eligible > 0 ? { adoption: adoption.enrolled / adoption.eligible } : {}),
      ...(time ? { median: Math.round(time.median / 1_000) } : {}),
      ...(rating ? { rating: Math.round(rating.average * 10) / 10 } : {}),
    };
    const payload = { template: 'weekly-report', language, values };
    for (const to of settings.weekly)
      await outbox.enqueue(trx, { kind: 'mail', payload: { ...payload, to }, expiresAt: now + 3 * 86_400_000 });
    await audit.append(trx, {
      event: 'report.mailed',
      outcome: 'success',
      actor: 'system',
      detail: { from, to, addresses: settings.weekly.length },
    });
    return true;
  });
}
