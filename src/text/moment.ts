/** Instants and waiting times in words. */
import { type Language, languageInfo } from './languages.ts';
import type { Translate } from './translator.ts';

/** "Tuesday 3 June, 14:05" in the organisation's time zone. */
export const formatMoment = (language: Language, at: number, timeZone = 'UTC'): string =>
  new Intl.DateTimeFormat(languageInfo(language).locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  }).format(at);

/** "3 June 2026" */
export const formatDay = (language: Language, at: number, timeZone = 'UTC'): string =>
  new Intl.DateTimeFormat(languageInfo(language).locale, { dateStyle: 'long', timeZone }).format(at);

/** "42 seconds", "10 minutes", "1 hour": always rounded up, so that waiting that long is enough. */
export function formatWait(t: Translate, seconds: number): string {
  if (seconds < 90) return t('time.seconds', { n: Math.max(1, Math.ceil(seconds)) });
  if (seconds < 90 * 60) return t('time.minutes', { n: Math.ceil(seconds / 60) });
  return t('time.hours', { n: Math.ceil(seconds / 3600) });
}
