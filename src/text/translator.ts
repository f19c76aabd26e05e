/** Turns a key and values into a sentence of one language. Each message is parsed once; a missing one is a bug and throws. */
import { IntlMessageFormat } from 'intl-messageformat';
import { catalogues, type TextKey } from './catalogues.ts';
import { type Language, languageInfo } from './languages.ts';

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

function build(language: Language): Translate {
  const { locale, direction } = languageInfo(language);
  const messages = catalogues[language];
  const parsed = new Map<string, IntlMessageFormat>();
  return (key, values = {}) => {
    let message = parsed.get(key);
    if (!message) {
      const source = messages[key];
      if (source === undefined) throw new Error(`No text "${key}" in language "${language}".`);
      // Texts are plain: `<` is a character, never a tag.
      message = new IntlMessageFormat(source, locale, undefined, { ignoreTag: true });
      parsed.set(key, message);
    }
    return String(message.format(direction === 'rtl' ? isolateAll(values) : values));
  };
}

const built = new Map<Language, Translate>();

/** The same function for every caller of one language, so that parsing is shared. */
export function createTranslator(language: Language): Translate {
  const known = built.get(language);
  if (known) return known;
  const made = build(language);
  built.set(language, made);
  return made;
}
