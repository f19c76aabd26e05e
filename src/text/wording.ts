/**
 * Texts of an organisation's own in place of ours. One is taken only when it can be shown wherever ours could: it parses, asks for
 * no value that is not there, and keeps the code that the message is for.
 */
import { IntlMessageFormat } from 'intl-messageformat';
import { catalogues } from './catalogues.ts';
import { isLanguage, type Language, languageInfo } from './languages.ts';

/** By language, then by key. */
export type Wording = Partial<Record<Language, Readonly<Record<string, string>>>>;

/** Without it the message is worth nothing. */
const NEEDED = ['code', 'link'];
/** A plain `{name}`: fits every value. */
const PLAIN = 1;

interface Part {
  type: number;
  value: string;
  options?: Record<string, { value: Part[] }>;
  children?: Part[];
}

/** Which values a message asks for, and how. */
function asksFor(parts: readonly Part[], into = new Map<string, Set<number>>()): Map<string, Set<number>> {
  for (const { type, value, options, children } of parts) {
    if (type >= PLAIN && type <= 6) into.set(value, (into.get(value) ?? new Set()).add(type));
    for (const option of Object.values(options ?? {})) asksFor(option.value, into);
    if (children) asksFor(children, into);
  }
  return into;
}

const parse = (text: string, language: Language) =>
  asksFor(
    new IntlMessageFormat(text, languageInfo(language).locale, undefined, {
      ignoreTag: true,
    }).getAst() as unknown as Part[],
  );

/** @returns what is wrong with it, as a sentence without its key. */
export function wordingFault(language: string, key: string, text: string): string | undefined {
  const ours = isLanguage(language) ? catalogues[language][key] : undefined;
  if (ours === undefined || !isLanguage(language)) return 'is not the key of any text.';
  if (/\p{Cc}|\p{Cs}/u.test(text)) return 'holds line breaks or control characters.';
  let own: ReturnType<typeof parse>;
  try {
    own = parse(text, language);
  } catch {
    return 'is not ICU MessageFormat: look for a brace that is not closed.';
  }
  const known = parse(ours, language);
  for (const [name, kinds] of own)
    for (const kind of kinds)
      if (!known.has(name) || (kind !== PLAIN && !known.get(name)?.has(kind)))
        return `asks for {${name}}, which ${known.has(name) ? 'is used in another way' : 'is not there'}. There is ${[...known.keys()].map((one) => `{${one}}`).join(', ') || 'nothing'}.`;
  const lost = NEEDED.find((name) => known.has(name) && !own.has(name));
  return lost && `lacks {${lost}}, which the message is for.`;
}
