/** A judged password rule as a sentence. Also for what a directory named when it refused. */
import type { TextKey, Translate } from '../../text/index.ts';
import type { RuleView } from '../../ui/rules-list.tsx';

const texts = {
  'min-length': 'rule.min-length',
  'max-length': 'rule.max-length',
  characters: 'rule.characters',
  common: 'rule.common',
  context: 'rule.context',
  personal: 'rule.personal',
  complexity: 'rule.complexity',
  history: 'rule.history',
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
  context: 'refused.context',
  personal: 'refused.personal',
  complexity: 'refused.complexity',
  history: 'refused.history',
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
