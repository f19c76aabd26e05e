/** The text of a code: the origin-bound last line, the alphabet, and where a text is cut. */
import { describe, expect, it } from 'vitest';
import { codeText } from '../../../src/notify/texts/code-text.ts';
import { alphabetOf, segment } from '../../../src/notify/texts/gsm.ts';

/** As a browser reads it (WICG sms-one-time-codes): the last line, from its first character. */
function bound(text: string): { host: string; code: string } | undefined {
  const last = text.split('\n').at(-1) ?? '';
  const [, host = '', code = ''] = /^@([^\s@#%]+) #([^\s@#%]+)( |$)/.exec(last) ?? [];
  return host === '' ? undefined : { host, code };
}

const host = 'portal.example';

it('knows a bound code when it sees one', () => {
  expect(bound('123456 is your code.\n\n@portal.example #123456')).toEqual({ host, code: '123456' });
  expect(bound('Code @portal.example #123456')).toBeUndefined();
});

describe('codeText', () => {
  it('is the vector of standards.md 13', () => {
    const text = codeText({ wordings: ['123456 is your code.'], host, code: '123456' });
    expect(text).toBe('123456 is your code.\n\n@portal.example #123456');
  });

  it.each(['رمزك هو 123456.', 'Ihr Code: 123456 – „Northfield“', ' 123456\n@evil.example #999999 \n'])(
    'binds %j',
    (wording) => {
      expect(bound(codeText({ wordings: [wording], host, code: '123456' }))).toEqual({ host, code: '123456' });
    },
  );

  it('takes the best wording that fits one segment', () => {
    const long = `Northfield College: ${'x'.repeat(140)} 123456`;
    expect(codeText({ wordings: [long, 'Code: 123456'], host, code: '123456' })).toMatch(/^Code: 123456\n/);
    expect(codeText({ wordings: ['Dear Anna, 123456', 'Code: 123456'], host, code: '123456' })).toMatch(/^Dear Anna/);
  });

  it('gives typography up only where that saves room', () => {
    expect(codeText({ wordings: ['„Ihr Code“ – 123456…'], host, code: '123456' })).toMatch(
      /^"Ihr Code" - 123456\.\.\.\n/,
    );
    expect(codeText({ wordings: ['„Kod Żółw“ 123456'], host, code: '123456' })).toMatch(/^„Kod Żółw“/);
  });

  it.each(['Portal.example', 'portal.example:8443', 'portal.example #1', '', 'bücher.example', 'a..b'])(
    'refuses the host %j',
    (bad) => {
      expect(() => codeText({ wordings: ['x'], host: bad, code: '123456' })).toThrow(/host/);
    },
  );

  it.each(['12 34', '123456\n', '#', ''])('refuses the code %j, and does not repeat it', (code) => {
    expect(() => codeText({ wordings: ['x'], host, code })).toThrow(/^A text can carry codes/);
  });
});

describe('segment', () => {
  const sizes = (text: string): number[] => segment(text).parts.map((part) => part.length);

  it.each([
    ['a'.repeat(160), [160]],
    ['a'.repeat(161), [153, 8]],
    ['€'.repeat(80), [160]],
    // An escape sequence that does not fit goes over as a whole.
    [`${'a'.repeat(152)}€${'a'.repeat(20)}`, [152, 22]],
    ['ж'.repeat(70), [140]],
    ['ж'.repeat(71), [134, 8]],
    [`${'ж'.repeat(66)}🔑${'ж'.repeat(10)}`, [132, 24]],
  ])('cuts %j', (text, expected) => expect(sizes(text)).toEqual(expected));

  it('never cuts a pair of surrogates, wherever it stands', () => {
    for (let before = 0; before < 140; before += 1) {
      const text = `${'ж'.repeat(before)}${'🔑'.repeat(60)}`;
      const decoded = segment(text).parts.map((part) => Buffer.from(part).swap16().toString('utf16le'));
      expect(decoded.join('')).toBe(text);
      expect(decoded.every((part) => part.isWellFormed())).toBe(true);
      expect(Math.max(...sizes(text))).toBeLessThanOrEqual(140);
    }
  });

  it.each(['@£$¥ Äöüß{}[]~|€\\^\n', 'plain'])('knows %j as GSM', (text) => expect(alphabetOf(text)).toBe('gsm'));
  it.each(['ç', '“', 'ж', '\u001b', '\u00a0', '`'])('knows %j as none', (text) =>
    expect(alphabetOf(text)).toBe('ucs2'),
  );
});
