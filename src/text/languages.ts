/** The languages we speak, and which one a request gets: asked for, remembered, sent by the browser, else the fallback. */
export const languages = [
  { code: 'en', name: 'English', direction: 'ltr', locale: 'en-GB' },
  { code: 'de', name: 'Deutsch', direction: 'ltr', locale: 'de' },
  // Western digits: the codes that people copy have them too, and one page should not mix two kinds.
  { code: 'ar', name: 'العربية', direction: 'rtl', locale: 'ar-u-nu-latn' },
] as const;

export type Language = (typeof languages)[number]['code'];
export type Direction = 'ltr' | 'rtl';

export const isLanguage = (code: string): code is Language => languages.some((language) => language.code === code);

export const languageInfo = (code: Language) => languages.find((language) => language.code === code) ?? languages[0];

/** `de-AT` and `de` both mean `de`. */
const known = (tag: string | undefined): Language | undefined => {
  const primary = tag?.trim().toLowerCase().split(/[-_]/)[0] ?? '';
  return isLanguage(primary) ? primary : undefined;
};

/** RFC 9110 §12.5.4: highest q first, order breaks ties, q=0 means never. */
function fromHeader(header: string | undefined): Language | undefined {
  const wishes = (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part, order) => {
      const [tag = '', ...parameters] = part.split(';');
      const q = parameters.map((p) => /^\s*q=([\d.]+)\s*$/i.exec(p)?.[1]).find((value) => value !== undefined);
      return { language: known(tag), weight: q === undefined ? 1 : Number(q), order };
    })
    .filter((wish) => wish.language !== undefined && wish.weight > 0);
  wishes.sort((a, b) => b.weight - a.weight || a.order - b.order);
  return wishes[0]?.language;
}

export const pickLanguage = (
  acceptLanguage: string | undefined,
  cookie?: string,
  query?: string,
  fallback: Language = 'en',
): Language => known(query) ?? known(cookie) ?? fromHeader(acceptLanguage) ?? fallback;
