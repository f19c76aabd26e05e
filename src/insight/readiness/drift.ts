/** Tells when fewer people can recover than yesterday: one incident a day for all groups that fell, never twice for one of them. */
import { openIncident } from '../../flow/incident.ts';
import { days } from '../../kernel/clock.ts';
import * as store from '../../storage/repositories/readiness.ts';
import type { Trx } from '../../storage/storage.ts';
import type { ReadinessDeps, ReadinessSettings } from './deps.ts';

/** A share of a handful of people says nothing. */
const FEWEST = 5;
const NAMED = 5;

const shareOf = ({ ready, notReady }: { ready: number; notReady: number }): number =>
  ready + notReady === 0 ? 1 : ready / (ready + notReady);

export function hasFallen(
  { before, now }: Pick<store.Drift, 'before' | 'now'>,
  { alarmPeople, alarmShare }: Pick<ReadinessSettings, 'alarmPeople' | 'alarmShare'>,
): boolean {
  const more = now.notReady - before.notReady;
  return more >= alarmPeople || (more >= FEWEST && shareOf(before) - shareOf(now) >= alarmShare);
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;

const told = ({ group, name, before, now }: store.Drift): string =>
  `${group === store.EVERYBODY ? 'everybody' : store.shortName(name)}: ${now.notReady - before.notReady} more (${percent(shareOf(before))} → ${percent(shareOf(now))} ready)`;

/** @returns the groups that are told of now. */
export async function watchDrift(deps: ReadinessDeps, trx: Trx): Promise<string[]> {
  const { clock, settings, dayOf } = deps;
  const now = clock.now();
  const today = dayOf(now);
  const yesterday = dayOf(now - days(1));
  await store.beginDay(trx, today);
  await store.sweepDays(trx, dayOf(now - settings.keepDays));
  const since = (await store.days(trx, 2)).some(({ day }) => day === yesterday) ? yesterday : today;
  const least = Math.min(FEWEST, settings.alarmPeople);
  const fallen = (await store.drifts(trx, since, today, least)).filter((one) => hasFallen(one, settings));
  if (fallen.length === 0) return [];
  fallen.sort((a, b) => b.now.notReady - b.before.notReady - (a.now.notReady - a.before.notReady));
  const rest = fallen.length > NAMED ? `; and ${fallen.length - NAMED} more groups` : '';
  await store.alarmed(
    trx,
    today,
    fallen.map(({ group }) => group),
  );
  await openIncident(deps, trx, {
    accountId: '',
    kind: 'drift',
    says: `Fewer people could recover than ${since === today ? 'this morning' : 'yesterday'}. ${fallen.slice(0, NAMED).map(told).join('; ')}${rest}.`,
  });
  return fallen.map(({ group }) => group);
}
