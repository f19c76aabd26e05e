/** What texts say: every template in every language, short, with the line that phones fill in. */
import { describe, expect, test } from 'vitest';
import { alphabetOf, segment } from '../../../src/notify/texts/gsm.ts';
import { renderStoredText, textTemplates } from '../../../src/notify/texts/index.ts';
import { type Language, languages } from '../../../src/text/index.ts';

const brand = {
  organisation: 'Northfield College',
  origin: 'https://reset.northfield.example:8443',
  help: { phone: '555 0100' },
  timeZone: 'Europe/Berlin',
};
const values = {
  code: '483190',
  minutes: 10,
  until: Date.UTC(2026, 10, 23, 22, 30),
  ip: '192.0.2.1',
  method: 'sms',
  action: 'issued',
};
const render = (template: string, language: string, more: Partial<typeof brand> = {}) =>
  renderStoredText({ template, language, values }, { ...brand, ...more });
const codes = ['code', 'confirm-number'];
const all = languages.map(({ code }) => code);

describe.each(all)('%s', (language: Language) => {
  test.each(textTemplates)(
    '%s names the sender, fits into few segments and is plain where the language allows it',
    (template) => {
      const text = render(template, language);
      expect(text).toContain(
        language === 'ar' && codes.includes(template) ? '@reset.northfield.example' : 'Northfield College',
      );
      expect(alphabetOf(text)).toBe(language === 'ar' ? 'ucs2' : 'gsm');
      expect(segment(text).parts.length).toBeLessThanOrEqual(
        (codes.includes(template) ? 1 : 2) + (language === 'ar' ? 1 : 0),
      );
    },
  );

  test.each(codes)('%s ends with the line that fills it in on our pages only, and shows the code bare', (template) => {
    const text = render(template, language);
    expect(text).toMatch(/\n\n@reset\.northfield\.example #483190$/);
    expect(text.indexOf('483190')).toBeLessThan(text.indexOf('@reset'));
    expect(text).not.toMatch(/[\u2066-\u2069]483190/);
  });

  test.each(textTemplates.filter((template) => !codes.includes(template)))(
    '%s holds no link and says whom to call',
    (template) => {
      const text = render(template, language);
      expect(text).not.toMatch(/https?:|www\.|@/);
      expect(text).toContain('555 0100');
      expect(render(template, language, { help: {} as never })).not.toContain('undefined');
    },
  );
});

test('a waiting time is told in the organisation’s time zone', () => {
  expect(render('waiting-notice', 'en')).toContain('23 November at 23:30');
});

test('a name that would cost room is cut, typographic signs are made plain, and the code always stays', () => {
  const text = render('code', 'en', { organisation: `“Northfield” – ${'x'.repeat(200)}` });
  expect(alphabetOf(text)).toBe('gsm');
  expect(text).toContain('483190');
  expect(segment(text).parts.length).toBe(1);
});

test('a portal without a name, reached by a bare IPv6 address, leaves the line out', () => {
  expect(render('code', 'en', { origin: 'http://[::1]:8080' })).not.toContain('@');
});

test('an unknown language is served in English, `de-AT` in German', () => {
  expect(render('code', 'fr')).toContain('is your code');
  expect(render('code', 'de-AT')).toContain('ist Ihr Code');
});
