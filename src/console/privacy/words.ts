/** Keep times in words. */
import type { DataClass, KeepKey } from '../../privacy/data-classes.ts';
import type { TextKey, Translate } from '../../text/index.ts';

export const PATH = '/console/privacy';

export interface KeepSettings {
  /** ms */
  keep: Readonly<Record<KeepKey, number>>;
  leaving: { erase: boolean; after: number };
  audit: number;
}

const HOUR = 3_600_000;

/** Whole days, or hours where it is less. */
const span = (t: Translate, ms: number): string =>
  ms % (24 * HOUR) === 0 ? t('privacy.days', { n: ms / (24 * HOUR) }) : t('privacy.hours', { n: Math.ceil(ms / HOUR) });

export function keepWords(t: Translate, { id, keep }: DataClass, settings: KeepSettings): string {
  if (keep.is === 'setting') return span(t, settings.keep[keep.key]);
  if (keep.is === 'audit') return span(t, settings.audit);
  if (keep.is === 'own') return t(`privacy.keep.${id}` as TextKey);
  if (keep.is === 'no-person') return t('privacy.keep.no-person');
  return settings.leaving.erase
    ? t('privacy.keep.leaving', { time: span(t, settings.leaving.after) })
    : t('privacy.keep.known');
}
