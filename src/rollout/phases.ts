/** Which phases are open, and for whom. No phases: everybody, now. Pure; a day begins at midnight where the organisation is. */
import type { Account } from '../kernel/account.ts';
import { hours, minutes } from '../kernel/clock.ts';
import { sameDn } from '../kernel/dn.ts';

export interface Phase {
  name: string;
  /** DNs or names; empty: everybody. */
  groups: readonly string[];
  /** `2026-12-01` */
  opens: string;
}

/** `2026-11-24` there, as days of phases are written. */
export function dayIn(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone });
  return (at) => format.format(at);
}

const QUARTER = minutes(15);
const HOURS_AHEAD = hours(14);

/** ms: the first instant of that day there; undefined where the calendar has no such day. */
export function beginOf(day: string, dayOf: (at: number) => string): number | undefined {
  const utc = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(utc)) return undefined;
  // No clock is further from UTC, and none begins its day between quarters of an hour.
  for (let at = utc - HOURS_AHEAD; at <= utc + HOURS_AHEAD; at += QUARTER) if (dayOf(at) === day) return at;
  return undefined;
}

const meant = ({ groups }: Pick<Phase, 'groups'>, { groups: own }: Pick<Account, 'groups'>): boolean =>
  groups.length === 0 || own.some((one) => groups.some((group) => sameDn(one, group)));

export const isOpenOn = (phases: readonly Phase[], account: Pick<Account, 'groups'>, day: string): boolean =>
  phases.length === 0 || phases.some((phase) => phase.opens <= day && meant(phase, account));

/** Groups that phases name: the directory looks up nested membership of these. */
export const groupsOfPhases = (phases: readonly Phase[]): string[] => [
  ...new Set(phases.flatMap(({ groups }) => groups)),
];
