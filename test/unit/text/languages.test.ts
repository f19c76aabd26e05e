import { expect, test } from 'vitest';
import { pickLanguage } from '../../../src/text/index.ts';

test.each([
  ['nothing known', undefined, undefined, undefined, 'en'],
  ['the browser, best first', 'fr-FR, de-AT;q=0.8, en;q=0.9', undefined, undefined, 'en'],
  ['a regional form', 'de-CH', undefined, undefined, 'de'],
  ['order breaks ties', 'ar, de', undefined, undefined, 'ar'],
  ['q=0 means never', 'de;q=0, ar;q=0.1', undefined, undefined, 'ar'],
  ['what was chosen before', 'de', 'ar', undefined, 'ar'],
  ['what is asked for now', 'de', 'ar', 'en', 'en'],
  ['nonsense is passed over', '***;;,,q=', 'klingon', '../../etc/passwd', 'en'],
] as const)('%s', (_, header, cookie, query, language) => {
  expect(pickLanguage(header, cookie, query)).toBe(language);
});

test('the organisation decides what is left', () => {
  expect(pickLanguage(undefined, undefined, undefined, 'de')).toBe('de');
});
