/** A question in the language of the page: a text of ours, or words of the organisation or the person. */
import type { Words } from '../../kernel/prompt.ts';
import type { TextKey, Translate } from '../../text/index.ts';

export interface Asked {
  /** Key of a text of ours. */
  text?: string;
  says?: Words;
}

export function wording(t: Translate, language: string, { text, says }: Asked): string {
  if (text !== undefined) return t(text as TextKey);
  if (says === undefined || typeof says === 'string') return says ?? '';
  return says[language] ?? says['en'] ?? Object.values(says)[0] ?? '';
}
