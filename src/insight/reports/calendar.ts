/** Days and months as the organisation's clock shows them, over every change of summer time. Days are texts: `2026-11-24`. */
import { days } from '../../kernel/clock.ts';

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
/** No clock anywhere jumps in between. */
const QUARTER = 900_000;

const midnight = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const written = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** A day that there is, of this century or the next. */
export function isDay(text: string): boolean {
  const year = Number(DAY.exec(text)?.[1]);
  return year >= 2000 && year < 2200 && !Number.isNaN(midnight(text)) && written(midnight(text)) === text;
}

export const addDays = (day: string, n: number): string => written(midnight(day) + days(n));

/** How many days, both included. */
export const daysFrom = (from: string, to: string): number => Math.round((midnight(to) - midnight(from)) / days(1)) + 1;

export const monthOf = (day: string): string => day.slice(0, 7);

export function addMonths(month: string, n: number): string {
  const [year = 0, nth = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, nth - 1 + n)).toISOString().slice(0, 7);
}

/** The Monday of that day's week (ISO 8601). */
export const mondayOf = (day: string): string => addDays(day, -((new Date(midnight(day)).getUTCDay() + 6) % 7));

export interface Moment {
  day: string;
  /** 0 to 23. */
  hour: number;
}

export type Calendar = (at: number) => Moment;

export function createCalendar(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
    timeZone,
  });
  let known: { quarter: number; moment: Moment } | undefined;
  return (at) => {
    const quarter = Math.floor(at / QUARTER);
    // Records follow one another, so most of them belong to the same quarter of an hour.
    if (known?.quarter === quarter) return known.moment;
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const moment = { day: `${parts['year']}-${parts['month']}-${parts['day']}`, hour: Number(parts['hour']) % 24 };
    known = { quarter, moment };
    return moment;
  };
}
