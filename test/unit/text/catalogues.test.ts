/** Every language says everything English says, with the same values, in valid ICU. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { describe, expect, test } from 'vitest';
import { catalogues } from '../../../src/text/catalogues.ts';
import { createTranslator, languages, type TextKey } from '../../../src/text/index.ts';

type Element = ReturnType<typeof parse>[number];

/** `name:kind` of every argument, so that a plural in one language is not plain text in another. */
function argumentsOf(elements: readonly Element[]): string[] {
  return elements.flatMap((element): string[] => {
    if (element.type === TYPE.argument || element.type === TYPE.number) return [element.value];
    if (element.type === TYPE.plural || element.type === TYPE.select)
      return [element.value, ...Object.values(element.options).flatMap((option) => argumentsOf(option.value))];
    return [];
  });
}
const names = (message: string): string[] =>
  [...new Set(argumentsOf(parse(message, { ignoreTag: true, requiresOtherClause: true })))].sort();

const plurals = (elements: readonly Element[]): Element[] =>
  elements.flatMap((element): Element[] => {
    if (element.type !== TYPE.plural && element.type !== TYPE.select) return [];
    const inside = Object.values(element.options).flatMap((option) => plurals(option.value));
    return element.type === TYPE.plural ? [element, ...inside] : inside;
  });

const english = catalogues.en;
const folder = new URL('../../../src/text/', import.meta.url);
const read = (language: string, area: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`${language}/${area}`, folder), 'utf8'));

describe.each(languages.map(({ code }) => code))('%s', (code) => {
  const catalogue = catalogues[code];

  test('has every key and no other, area by area', () => {
    for (const area of readdirSync(new URL('en/', folder)))
      expect(Object.keys(read(code, area)).sort(), area).toEqual(Object.keys(read('en', area)).sort());
  });

  test('every file is loaded', () => {
    const files = readdirSync(new URL(`${code}/`, folder)).map((area) => Object.keys(read(code, area)));
    expect(Object.keys(catalogue).sort()).toEqual(files.flat().sort());
  });

  test('is valid ICU with the values that English has', () => {
    for (const [key, message] of Object.entries(catalogue))
      expect(names(message), key).toEqual(names(english[key] ?? ''));
  });

  test('plurals name every form of the language', () => {
    const { locale } = languages.find((one) => one.code === code)!;
    // "zero" may be left to "other": most counts can't be 0.
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.filter((form) => form !== 'zero');
    for (const [key, message] of Object.entries(catalogue))
      for (const plural of plurals(parse(message, { ignoreTag: true })))
        if (plural.type === TYPE.plural)
          for (const form of forms) expect(Object.keys(plural.options), key).toContain(form);
  });

  test('no sentence is empty, padded or left in English', () => {
    const same = new Set<string>();
    for (const [key, message] of Object.entries(catalogue)) {
      expect(message.trim(), key).toBe(message);
      expect(message, key).not.toBe('');
      if (code !== 'en' && message.length > 12 && message === english[key]) same.add(key);
    }
    expect([...same]).toEqual([]);
  });

  test('every text can be formatted', () => {
    const t = createTranslator(code);
    for (const [key, message] of Object.entries(catalogue)) {
      const values = Object.fromEntries(names(message).map((name) => [name, 3]));
      expect(() => t(key as TextKey, values), key).not.toThrow();
    }
  });
});
