/**
 * A date as people and directories write it, in ISO form. Where day and month can't be told apart (3/4/1990), both readings
 * are given: the directory's value decides.
 */
import { asciiDigits } from '../code.ts';

/** 1990-05-03, 19900503 and LDAP's GeneralizedTime 19900503000000Z. */
const YEAR_FIRST = /^(\d{4})[-./ ]?(\d{1,2})[-./ ]?(\d{1,2})(?:\d{4,6}(?:[.,]\d+)?Z?|[T ].*)?$/;
/** 3.5.1990, 03/05/1990, 5-3-1990. */
const YEAR_LAST = /^(\d{1,2})([-./ ]+)(\d{1,2})[-./ ]+(\d{4})$/;

function iso(year: string, month: string, day: string): string[] {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? [text] : [];
}

export function datesOf(written: string): string[] {
  const text = asciiDigits(written.normalize('NFKC'))
    .replace(/[\u200e\u200f]/g, '')
    .trim();
  const first = YEAR_FIRST.exec(text);
  if (first) return iso(first[1] as string, first[2] as string, first[3] as string);
  const last = YEAR_LAST.exec(text);
  if (!last) return [];
  const [, one = '', separator = '', two = '', year = ''] = last;
  // Dots are written day first everywhere; slashes and hyphens are not.
  return separator.includes('.') ? iso(year, two, one) : [...iso(year, two, one), ...iso(year, one, two)];
}
