/** When reminders rest, on the clock of the organisation: right across midnight and through changes of the clock. Pure. */
import { minutes } from '../kernel/clock.ts';

export interface QuietHours {
  /** Full hours, 0 to 23. The same: none. */
  from: number;
  until: number;
}

const STEP = minutes(15);
/** More than a day has with a clock put back. */
const MOST_STEPS = 104;

export function createQuiet({ from, until }: QuietHours, timeZone: string) {
  const format = new Intl.DateTimeFormat('en-GB', { hour: 'numeric', hourCycle: 'h23', timeZone });
  const isQuiet = (at: number): boolean => {
    const hour = Number(format.format(at)) % 24;
    if (from === until) return false;
    return from < until ? hour >= from && hour < until : hour >= from || hour < until;
  };
  /** The first quarter of an hour after `at` in which it is so. */
  const next = (at: number, quiet: boolean): number => {
    const first = Math.floor(at / STEP) * STEP + STEP;
    const found = Array.from({ length: MOST_STEPS }, (_, n) => first + n * STEP).find((one) => isQuiet(one) === quiet);
    return found ?? first + MOST_STEPS * STEP;
  };
  return {
    isQuiet,
    /** When it may go on. */
    endsAt: (at: number): number => (isQuiet(at) ? next(at, false) : at),
    /** Until when what is sent now must have left. */
    beginsAt: (at: number): number => (isQuiet(at) ? at : next(at, true)),
  };
}
