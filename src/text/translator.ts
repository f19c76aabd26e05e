/** Turns a key and values into a sentence of one language. Each message is parsed once; a missing one is a bug and throws. */
import { IntlMessageFormat } from 'intl-messageformat';
import { catalogues, type TextKey } from './catalogues.ts';
import { type Language, languageInfo } from './languages.ts';
import type { Wording } from './wording.ts';

export type { TextKey };
export type TextValues = Record<string, string | number>;
export type Translate = (key: TextKey, values?: TextValues) => string;

/**
 * Keeps a Latin name or a masked address in one piece inside a right-to-left sentence (Unicode UAX 9, FSI … PDI).
 * Web addresses stay bare: mail programs would take the mark for a part of the link.
 */
const isolate = (value: string | number): string | number =>
  typeof value === 'string' && value !== '' && !value.includes('://') ? `\u2068${value}\u2069` : value;

const isolateAll = (values: TextValues): TextValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isolate(value)]));

function build(language: Language, wording: Wording | undefined): Translate {
  const { locale, direction } = languageInfo(language);
  const messages = catalogues[language];
  const parsed = new Map<string, { source: string; message: IntlMessageFormat }>();
  return (key, values = {}) => {
    const source = wording?.[language]?.[key] ?? messages[key];
    if (source === undefined) throw new Error(`No text "${key}" in language "${language}".`);
    let known = parsed.get(key);
    if (known?.source !== source) {
      // Texts are plain: `<` is a character, never a tag.
      known = { source, message: new IntlMessageFormat(source, locale, undefined, { ignoreTag: true }) };
      parsed.set(key, known);
    }
    return String(known.message.format(direction === 'rtl' ? isolateAll(values) : values));
  };
}

const ours: Wording = {};
const built = new WeakMap<Wording, Map<Language, Translate>>();

/**
 * The same function for every caller of one language and wording, so that parsing is shared. A text that changes in `wording` is
 * the new one from the next call on.
 */
export function createTranslator(language: Language, wording: Wording = ours): Translate {
  const made = built.get(wording) ?? new Map<Language, Translate>();
  built.set(wording, made);
  const t = made.get(language) ?? build(language, wording);
  made.set(language, t);
  return t;
}
