/** A range of days as the fewest periods that are kept: whole months as months, what is left at both ends as days. */
import type { PeriodRange } from '../../storage/repositories/reports.ts';
import { addDays, addMonths, monthOf } from './calendar.ts';

export const dayPeriod = (day: string): string => `d${day}`;
export const monthPeriod = (month: string): string => `m${month}`;

/** The day, or the month, that a period is shown as. */
export const shownAs = (period: string, step: 'day' | 'month'): string => period.slice(1, step === 'day' ? 11 : 8);

const first = (month: string): string => `${month}-01`;
const last = (month: string): string => addDays(first(addMonths(month, 1)), -1);

const daysRange = (from: string, to: string): PeriodRange => ({ from: dayPeriod(from), to: dayPeriod(to) });

export function periodsOf(from: string, to: string): PeriodRange[] {
  const begins = from === first(monthOf(from)) ? monthOf(from) : addMonths(monthOf(from), 1);
  const ends = to === last(monthOf(to)) ? monthOf(to) : addMonths(monthOf(to), -1);
  if (begins > ends) return [daysRange(from, to)];
  return [
    ...(from < first(begins) ? [daysRange(from, addDays(first(begins), -1))] : []),
    { from: monthPeriod(begins), to: monthPeriod(ends) },
    ...(to > last(ends) ? [daysRange(addDays(last(ends), 1), to)] : []),
  ];
}
