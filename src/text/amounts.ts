/** Amounts, shares, money and time spans as a language writes them. */
import type { Language } from './languages.ts';

export interface Amounts {
  number(n: number): string;
  /** – of nothing. */
  share(part: number, whole: number): string;
  /** `of`: 0 to 1. */
  percent(of: number): string;
  /** One digit behind the point. */
  rating(stars: number): string;
  /** `currency`: ISO 4217. */
  money(amount: number, currency: string): string;
  /** Seconds, minutes or hours, whatever is short. */
  span(ms: number): string;
  /** `2026-11-24` or `2026-11`. */
  day(text: string): string;
  /** Without the year. */
  shortDay(text: string): string;
}

const made = new Map<Language, Amounts>();

export function amountsIn(language: Language): Amounts {
  const known = made.get(language) ?? makeAmounts(language);
  made.set(language, known);
  return known;
}

function makeAmounts(language: Language): Amounts {
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const one = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const unit = (name: string, n: number, digits: number): string =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, maximumFractionDigits: digits }).format(n);
  const date = (text: string, year: 'numeric' | undefined): string =>
    new Intl.DateTimeFormat(language, {
      timeZone: 'UTC',
      month: 'short',
      ...(text.length > 7 ? { day: 'numeric' } : {}),
      ...(year ? { year } : {}),
    }).format(new Date(text.length > 7 ? text : `${text}-01`));
  return {
    number: (n) => plain.format(n),
    share: (part, whole) => (whole === 0 ? '–' : share.format(part / whole)),
    percent: (of) => share.format(of),
    rating: (stars) => one.format(stars),
    money: (amount, currency) => new Intl.NumberFormat(language, { style: 'currency', currency }).format(amount),
    span(ms) {
      const s = ms / 1_000;
      if (s < 90) return unit('second', s, 0);
      return s < 5_400 ? unit('minute', s / 60, 1) : unit('hour', s / 3_600, 1);
    },
    day: (text) => date(text, 'numeric'),
    shortDay: (text) => date(text, undefined),
  };
}
