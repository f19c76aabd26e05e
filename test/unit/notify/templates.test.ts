/** What every mail says and never says: in each language, as HTML and as text, with hostile names and brand. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type Brand,
  type MailTemplate,
  type MailValues,
  mailTemplates,
  renderMail,
  renderStoredMail,
} from '../../../src/notify/templates/index.ts';
import { createTranslator, type Language, languages, type TextKey } from '../../../src/text/index.ts';

const TOKEN = 'abcDEF0123456789_-abcDEF0123456789_-abcDEF0';
const CODE = '48319027';
const at = Date.UTC(2026, 10, 23, 7, 5);
const about = { name: 'Anna Berg', at, ip: '203.0.113.9' };

const samples: MailValues = {
  'recovery-code-mail': { ...about, code: CODE, minutes: 10, token: TOKEN },
  'confirm-address': { ...about, code: CODE, minutes: 10 },
  'caller-code': { ...about, code: CODE, minutes: 10, helper: 'Bob of the help desk' },
  'password-reset-notice': { ...about, stop: TOKEN },
  'password-changed-notice': about,
  'unlocked-notice': { ...about, stop: TOKEN },
  'waiting-notice': { ...about, stop: TOKEN, until: at + 1_800_000 },
  'frozen-notice': about,
  'usernames-mail': { ...about, usernames: ['anna', 'anna.berg'] },
  'helper-action-notice': { ...about, action: 'issued', helper: 'Bob of the help desk' },
  'test-message': about,
  'incident-alert': { ...about, account: 'abc', incident: 'def', says: 'Somebody pressed the button.' },
  'approval-request': { ...about, asks: 'Ben Okafor', token: TOKEN, minutes: 10, signIn: true },
  'approval-consent': { ...about, asks: 'Ben Okafor', token: TOKEN },
  'approval-given': { ...about, asks: 'Ben Okafor' },
  'contact-approved-notice': { ...about, stop: TOKEN, contact: 'My sister' },
  'approval-refused-notice': { ...about, stop: TOKEN, contact: 'My sister' },
  'factor-added-notice': { ...about, method: 'totp', label: 'Phone of Anna' },
  'factor-removed-notice': { ...about, method: 'recovery-code' },
  'recovery-code-used-notice': { ...about, left: 4 },
  'system-failed-notice': { ...about, stop: TOKEN, system: 'Library' },
  'attempt-notice': { ...about, method: 'email' },
  'enrol-reminder': { ...about, optOut: TOKEN },
  'weekly-report': {
    ...about,
    from: '2026-11-16',
    to: '2026-11-22',
    resets: 1_204,
    unlocks: 88,
    calls: 1_033,
    currency: 'EUR',
    saved: 22_726,
    adoption: 0.874,
    median: 71,
    rating: 4.6,
  },
};
const brand: Brand = {
  organisation: 'Northfield College',
  origin: 'https://keys.north.example/some/path?x=1#y',
  help: { text: 'IT help desk, room 12', phone: '+44 20 7946 0018', hours: 'Mon–Fri 8–17' },
  timeZone: 'Europe/Berlin',
};
/** What the last paragraph asks, where it does not ask whether that was the reader. */
const OTHER_ENDS: Partial<Record<MailTemplate, TextKey>> = {
  'test-message': 'mail.test.nothing',
  'incident-alert': 'mail.incident.next',
  'approval-request': 'mail.approval.unknown',
  'approval-consent': 'mail.approval.unknown',
  'enrol-reminder': 'mail.reminder.why',
  'weekly-report': 'mail.weekly.why',
};
const LINKS: Partial<Record<MailTemplate, string[]>> = {
  'recovery-code-mail': [`/recover/link#${TOKEN}`],
  'approval-request': [`/approve#${TOKEN}`],
  'approval-consent': [`/approve#${TOKEN}`],
  'weekly-report': ['/console/reports?from=2026-11-16&to=2026-11-22'],
  'enrol-reminder': ['/enrol', `/reminders/stop#${TOKEN}`],
};
const codes: MailTemplate[] = ['recovery-code-mail', 'confirm-address', 'caller-code'];

const render = <T extends MailTemplate>(
  template: T,
  language: Language,
  values: Partial<MailValues[T]> = {},
  over: Partial<Brand> = {},
) =>
  renderMail(
    template,
    language,
    { ...samples[template], ...values },
    { ...brand, ...over },
    createTranslator(language),
  );

/** What a reader sees of the HTML: no tags, no hidden preview. */
const visible = (html: string): string =>
  html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<div style="display:none.*?<\/div>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
const oneSpace = (text: string): string => text.replace(/\s+/g, ' ');

const every = mailTemplates.flatMap((template) => languages.map(({ code }) => [template, code] as const));

it('has a sample here for every template', () => {
  expect(Object.keys(samples).sort()).toEqual([...mailTemplates].sort());
});

it('checks the values of each template at compile time', () => {
  expectTypeOf<MailValues['recovery-code-mail']>().toHaveProperty('code');
  expectTypeOf<MailValues['password-reset-notice']>().not.toHaveProperty('code');
  // @ts-expect-error a code mail without its code
  void (() => renderMail('confirm-address', 'en', about, brand, createTranslator('en')));
});

describe.each(every)('%s in %s', (template, language) => {
  const mail = render(template, language);

  it('has the language and the direction of its reader', () => {
    const direction = language === 'ar' ? 'rtl' : 'ltr';
    expect(mail.html).toMatch(new RegExp(`^<!doctype html><html lang="${language}" dir="${direction}">`));
  });

  it('tells when, from where, what to do if it was not you, and whom to ask, in both forms', () => {
    for (const form of [visible(mail.html), oneSpace(mail.text)]) {
      expect(form).toMatch(/23/);
      expect(form).toMatch(/2026/);
      expect(form).toMatch(/08:05/);
      expect(form).toMatch(language === 'ar' ? /غرينتش\+1|GMT\+1/ : /GMT\+1|MEZ/);
      expect(form).toContain('203.0.113.9');
      const ask = OTHER_ENDS[template] ?? 'mail.not-you';
      expect(form).toContain(createTranslator(language)(ask));
      expect(form).toContain(createTranslator(language)('mail.promise'));
      for (const line of ['IT help desk, room 12', '+44 20 7946 0018', 'Mon–Fri 8–17']) expect(form).toContain(line);
    }
  });

  it('says the same in both forms', () => {
    const shown = visible(mail.html).replaceAll(/\s/g, '');
    const lines = mail.text
      .split('\n')
      .filter((line) => line.trim() !== '' && line !== '-- ' && !line.startsWith('https://'));
    expect(lines.length).toBeGreaterThan(8);
    // A fact is "label: value" in text and two lines in HTML.
    for (const line of lines) {
      for (const part of line.split(/: (?=\S)|:$/)) expect(shown).toContain(part.replaceAll(/\s/g, ''));
    }
  });

  it('loads nothing from anywhere and runs nothing', () => {
    expect(mail.html).not.toMatch(/<(img|script|link|iframe|object|video|svg|table|form|input|base)\b/i);
    expect(mail.html).not.toMatch(/\b(src|srcset|background|action)=|url\(|@import|\son\w+=|javascript:/i);
    const outside = (mail.html.match(/https?:\/\/[^\s"<]*/g) ?? []).map((link) => link.replaceAll('&amp;', '&'));
    const { stop } = samples[template] as { stop?: string };
    const own = (LINKS[template] ?? []).map((path) => `https://keys.north.example${path}`);
    expect(outside).toEqual(stop ? [`https://keys.north.example/stop#${stop}`] : own);
    expect(mail.text.match(/https?:\/\/\S*/g) ?? []).toEqual(outside);
  });

  it('keeps code and token out of the subject and the preview', () => {
    const [, preview = ''] = /aria-hidden="true">(.*?)<\/div>/s.exec(mail.html) ?? [];
    expect(preview.length).toBeGreaterThan(250);
    for (const text of [mail.subject, preview, mail.text.slice(0, template === 'incident-alert' ? 50 : 120)]) {
      expect(text).not.toMatch(/\d{4}/);
      expect(text).not.toContain(TOKEN);
    }
  });

  it(codes.includes(template) ? 'shows the code, grouped, and once' : 'shows no code and no other link', () => {
    const digits = mail.text.match(/\b\d{8}\b/g) ?? [];
    expect(digits).toEqual(codes.includes(template) ? [CODE] : []);
    expect(/<span>4831<\/span><span [^>]*>9027<\/span>/.test(mail.html)).toBe(codes.includes(template));
    const linked = template in LINKS || 'stop' in samples[template];
    expect(/<a\b/.test(mail.html)).toBe(linked);
  });

  it('leaves no placeholder and no empty value behind', () => {
    expect(`${mail.subject}${mail.text}${mail.html}`).not.toMatch(/undefined|null|NaN|\[object|\{[a-z]+\}/);
    expect(mail.subject).toMatch(/Northfield College.*: \S/);
    expect(mail.subject).not.toMatch(/[\r\n]/);
  });
});

describe('hostile input (A26)', () => {
  const script = '"><img src=x onerror=alert(1)><script>alert(1)</script>';
  const injected = 'Anna\r\n\r\nYour account is closed, call +1 900 555 0100\nBcc: e@v.il';

  it.each(every)('escapes brand, label and address in %s in %s', (template, language) => {
    const mail = render(
      template,
      language,
      { name: script, label: script, ip: script, method: script } as Partial<MailValues[typeof template]>,
      { organisation: script, help: { text: script, phone: script, hours: script } },
    );
    expect(mail.html).not.toMatch(/<img|<script/);
    expect(mail.html).toContain('&lt;img src=x');
    expect(mail.html.match(/<h1/g)).toHaveLength(1);
  });

  it('lets no name, brand or help text begin a new line', () => {
    const mail = render(
      'factor-added-notice',
      'en',
      { name: injected, label: injected },
      { organisation: injected, help: { text: injected } },
    );
    expect(mail.text).not.toMatch(/^(Your account is closed|Bcc:)/m);
    expect(mail.subject).not.toMatch(/[\r\n]/);
  });

  it.each([
    'http://evil.example',
    'see www.evil.example',
    'evil.example',
    'eve@evil.example',
    '<b>Anna</b>',
    '',
    ' \u202e ',
  ])('does not greet %j', (name) => {
    const mail = render('password-reset-notice', 'en', { name });
    expect(mail.text).toMatch(/^Hello,\n/);
    expect(mail.html).toContain('>Hello,<');
    if (name.trim().length > 3) expect(mail.html).not.toContain(name);
  });

  it.each(['Anna Berg', 'Jörg Müller-Lüdenscheidt', 'آنا', 'Dr. J. O’Neill', '李小龍'])('greets %j', (name) => {
    expect(render('password-reset-notice', 'en', { name }).text).toMatch(new RegExp(`^Hello ${name},\n`));
  });

  it('removes what would turn the reading direction, and cuts a very long name', () => {
    const mail = render('password-reset-notice', 'en', { name: `\u202egreb\u2066 ${'x'.repeat(500)}` });
    expect(mail.text).not.toMatch(/[\u202a-\u202e]/);
    expect(mail.text.split('\n')[0]?.length).toBeLessThan(80);
  });

  it('takes no braces of a name for a placeholder', () => {
    expect(render('password-reset-notice', 'en', { name: '{organisation}' }).text).toMatch(/^Hello \{organisation\},/);
  });
});

describe('renderStoredMail', () => {
  const stored = (template: string, values: object, language = 'de-AT') => ({
    template,
    language,
    values: { ...values } as never,
  });

  it('picks the language of the person, and English for one we do not speak', () => {
    expect(renderStoredMail(stored('password-reset-notice', about), brand).text).toMatch(/^Guten Tag Anna Berg,/);
    expect(renderStoredMail(stored('password-reset-notice', about, 'xx'), brand).html).toContain('lang="en"');
  });

  it.each([
    ['an unknown template', 'toString', about],
    ['a code mail without a code', 'recovery-code-mail', about],
    ['a token that is none', 'recovery-code-mail', { ...samples['recovery-code-mail'], token: 'x"><b>' }],
    ['a code that is none', 'confirm-address', { ...about, code: '<b>', minutes: 10 }],
    ['a time that is none', 'password-reset-notice', { ...about, at: 'now' }],
  ])('refuses %s without repeating the values', (_, template, values) => {
    expect(() => renderStoredMail(stored(template, values), brand)).toThrow(/template/);
    expect(() => renderStoredMail(stored(template, values), brand)).not.toThrow(/<b>|Anna/);
  });
});

it('uses nothing but the origin of the configured address (A2)', () => {
  const { html, text } = render(
    'recovery-code-mail',
    'en',
    {},
    { origin: 'https://keys.north.example:8443/portal?x=//evil' },
  );
  expect(html).toContain(`href="https://keys.north.example:8443/recover/link#${TOKEN}"`);
  expect(text).not.toContain('evil');
  expect(() => render('recovery-code-mail', 'en', {}, { origin: 'keys.north.example' })).toThrow();
});

it('does not name anybody to an address that is not confirmed yet', () => {
  const { subject, text, html } = render('confirm-address', 'en');
  expect(`${subject}${text}${html}`).not.toContain('Anna');
});

it('leaves the link out of a practice run', () => {
  const { token: _, ...values } = samples['recovery-code-mail'];
  const mail = renderMail('recovery-code-mail', 'en', values, brand, createTranslator('en'));
  expect(mail.html).not.toMatch(/<a\b|https:/);
  expect(mail.text).not.toMatch(/https:|browser/);
  expect(mail.text).toContain(CODE);
});

it('names every way to verify, also one it has never heard of', () => {
  for (const { code } of languages) {
    const t = createTranslator(code);
    const names = ['email', 'totp', 'recovery-code', 'sms', 'voice', 'passkey', 'telepathy'].map((method) =>
      render('attempt-notice', code, { method })
        .text.split('\n')
        .find((line) => line.startsWith(t('mail.attempt.passed'))),
    );
    expect(new Set(names).size).toBe(7);
  }
});

it('still names somebody when no help is configured', () => {
  const mail = render('password-reset-notice', 'en', {}, { help: {} });
  expect(mail.text).toContain('Ask the people who look after the computers');
});
