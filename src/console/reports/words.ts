/** Measures, reasons and amounts of reports in words; what has no word of ours yet is shown as it is called inside. */
import { catalogues, type TextKey, type Translate } from '../../text/index.ts';

export const PATH = '/console/reports';

const has = (key: string): key is TextKey => Object.hasOwn(catalogues.en, key);
const or = (t: Translate, key: string, name: string): string => (has(key) ? t(key) : name);

export const methodText = (t: Translate, method: string): string => or(t, `mail.way.${method}`, method);
export const endText = (t: Translate, name: string): string => or(t, `reports.end.${name.replace(':', '-')}`, name);
export const hurdleText = (t: Translate, name: string): string => or(t, `reports.hurdle.${name}`, name);
/** Rules of passwords have sentences of their own; some of them need a number that no report has. */
export const ruleText = (t: Translate, name: string): string =>
  has(`reports.rule.${name}`) ? t(`reports.rule.${name}` as TextKey) : or(t, `rule.${name}`, name);
export const turnedText = (t: Translate, name: string): string => or(t, `reports.turned.${name}`, name);

export function stepText(t: Translate, name: string): string {
  const gate = /^gate-(\d)$/.exec(name)?.[1];
  return gate === undefined ? t(`reports.step.${name}` as TextKey) : t('reports.step.gate', { n: Number(gate) });
}
