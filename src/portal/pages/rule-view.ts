/** A judged password rule as a sentence. Also for what a directory named when it refused. */
import type { TextKey, Translate } from '../../text/index.ts';
import type { RuleView } from '../../ui/rules-list.tsx';

const texts = {
  'min-length': 'rule.min-length',
  'max-length': 'rule.max-length',
  characters: 'rule.characters',
  common: 'rule.common',
  guessable: 'rule.guessable',
  context: 'rule.context',
  personal: 'rule.personal',
  contains: 'rule.contains',
  complexity: 'rule.complexity',
  'name-parts': 'rule.name-parts',
  'min-digits': 'rule.min-digits',
  'min-uppers': 'rule.min-uppers',
  'min-lowers': 'rule.min-lowers',
  'min-letters': 'rule.min-letters',
  'min-specials': 'rule.min-specials',
  'min-categories': 'rule.min-categories',
  'max-repeats': 'rule.max-repeats',
  'max-bytes': 'rule.max-bytes',
  further: 'rule.further',
  history: 'rule.history',
  breached: 'rule.breached',
  'breach-unknown': 'rule.breach-unknown',
} as const satisfies Record<string, TextKey>;

export interface JudgedRule {
  id: keyof typeof texts;
  state: RuleView['state'];
  fromDirectory: boolean;
  value?: number;
}

export const ruleView = (t: Translate, { id, state, fromDirectory, value = 0 }: JudgedRule): RuleView => ({
  id,
  text: t(texts[id], { n: value }),
  state,
  fromDirectory,
});

/** What was wrong with a password that was refused: ours or the directory's words. */
const refusals = {
  'min-length': 'refused.min-length',
  'max-length': 'refused.max-length',
  characters: 'refused.characters',
  common: 'refused.common',
  guessable: 'refused.guessable',
  context: 'refused.context',
  personal: 'refused.personal',
  contains: 'refused.contains',
  complexity: 'refused.complexity',
  'name-parts': 'refused.name-parts',
  'min-digits': 'refused.min-digits',
  'min-uppers': 'refused.min-uppers',
  'min-lowers': 'refused.min-lowers',
  'min-letters': 'refused.min-letters',
  'min-specials': 'refused.min-specials',
  'min-categories': 'refused.min-categories',
  'max-repeats': 'refused.max-repeats',
  'max-bytes': 'refused.max-bytes',
  further: 'refused.quality',
  history: 'refused.history',
  breached: 'refused.breached',
  'breach-unknown': 'refused.breach-unknown',
  'too-short': 'refused.too-short',
  'too-long': 'refused.too-long',
  'too-young': 'refused.too-young',
  unchanged: 'refused.unchanged',
  quality: 'refused.quality',
} as const satisfies Record<string, TextKey>;

export interface Refusal {
  id: keyof typeof refusals;
  value?: number;
}

export const refusalText = (t: Translate, { id, value = 0 }: Refusal): string => t(refusals[id], { n: value });
