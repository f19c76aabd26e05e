/** Files as they really come: encodings, delimiters, broken lines, LDIF, XML that means harm. */
import { describe, expect, test } from 'vitest';
import { detectEncoding, type Encoding } from '../../../src/rollout/import/encoding.ts';
import type { ReadLine } from '../../../src/rollout/import/entry.ts';
import { readResponseSet } from '../../../src/rollout/import/pwm.ts';
import { type ReadOptions, readFile } from '../../../src/rollout/import/read-file.ts';
import { readAnswers } from '../../../src/rollout/import/ssp.ts';

/** In bites that cut through characters and lines. */
async function* bites(bytes: Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, options: Partial<ReadOptions> = {}) {
  const { encoding, says } = await detectEncoding(bites(bytes));
  const notes: string[] = [says];
  const lines: ReadLine[] = [];
  const all = { kind: 'csv' as const, encoding, ...options };
  for await (const line of readFile(
    () => bites(bytes),
    all,
    (note) => notes.push(note),
  ))
    lines.push(line);
  return { encoding, notes, lines };
}

const entries = (lines: readonly ReadLine[]) => lines.map((one) => (one.is === 'entry' ? one.entry : one.says));
const TEXT = 'Benutzername;Telefon;E-Mail\r\nmüller;030 901820;jörg@haus.example\r\n';
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

describe('a table', () => {
  test.each<[string, Uint8Array, Encoding]>([
    ['UTF-8', Buffer.from(TEXT), 'utf-8'],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${TEXT}`), 'utf-8'],
    ['UTF-16 of Excel', Buffer.from(`\uFEFF${TEXT}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 without a mark', Buffer.from(TEXT, 'utf16le'), 'utf-16le'],
    ['UTF-16, big-endian', utf16be(`\uFEFF${TEXT}`), 'utf-16be'],
    ['windows-1252', Buffer.from(TEXT, 'latin1'), 'windows-1252'],
  ])('is read as %s by itself', async (_name, bytes, expected) => {
    const { encoding, lines } = await read(bytes);
    expect(encoding).toBe(expected);
    expect(entries(lines)).toEqual([{ username: 'müller', phone: '030 901820', mail: 'jörg@haus.example' }]);
  });

  test.each([',', ';', '\t', '|'])('may be separated by %j', async (delimiter) => {
    const text = [['login', 'mail'].join(delimiter), ['mia', '"a, b;c|d"'].join(delimiter)].join('\n');
    const { lines } = await read(Buffer.from(text));
    expect(entries(lines)).toEqual([{ username: 'mia', mail: 'a, b;c|d' }]);
  });

  test('has lines that stand for themselves: a broken one spoils no other', async () => {
    const text = ['username,mail', '"mia,x@y.example', 'ben,b@y.example', ',c@y.example', 'dia', '', 'eva,=cmd()'];
    const { lines } = await read(Buffer.from(text.join('\n')));
    expect(lines.map((one) => [one.line, one.is === 'entry' ? 'entry' : one.says])).toEqual([
      [2, 'The line is broken: a quotation mark is missing or stands in the wrong place.'],
      [3, 'entry'],
      [4, 'There is no username.'],
      [5, 'The line has 1 columns instead of 2.'],
      [7, 'mail begins like a formula.'],
    ]);
  });

  test('may call its columns as it likes when it is told', async () => {
    const { lines, notes } = await read(Buffer.from('Kennung,Wert,Rest\nmia,m@y.example,x\n'), {
      columns: { username: 'Kennung', mail: 'Wert' },
    });
    expect(entries(lines)).toEqual([{ username: 'mia', mail: 'm@y.example' }]);
    expect(notes.at(-1)).toBe('Not used: Rest.');
  });

  test('of 100,000 lines is read line by line, and none is lost', async () => {
    const text = `username,mail\n${Array.from({ length: 100_000 }, (_, n) => (n % 1_000 === 7 ? '"x' : `p${n},p${n}@y.example`)).join('\n')}`;
    const bytes = Buffer.from(text);
    let good = 0;
    let broken = 0;
    for await (const one of readFile(() => bites(bytes, 65_536), { kind: 'csv', encoding: 'utf-8' }))
      if (one.is === 'entry') good += 1;
      else broken += 1;
    expect([good, broken]).toEqual([99_900, 100]);
  });

  test('with a line without end keeps no more than it may, and goes on behind it', async () => {
    const text = `username,mail\n${'x'.repeat(900_000)}\nben,b@y.example\n`;
    const { lines } = await read(Buffer.from(text), { encoding: 'utf-8' });
    expect(entries(lines)).toEqual(['The line is too long to be read.', { username: 'ben', mail: 'b@y.example' }]);
  });
});

describe('LDIF of PWM', () => {
  const set =
    '<ResponseSet><response><challenge>First pet?</challenge><answer format="TEXT">Röhrich</answer></response></ResponseSet>';
  test('is read with folded lines, base64, comments and several entries', async () => {
    const encoded = Buffer.from(`0002#.#.#${set}`).toString('base64');
    const text = [
      'version: 1',
      '',
      '# Mia',
      '# goes on',
      'dn: uid=mia,ou=people,',
      ' dc=corp',
      'uid: mia',
      `pwmResponseSet:: ${encoded.slice(0, 40)}`,
      ...(encoded.slice(40).match(/.{1,40}/g) ?? []).map((part) => ` ${part}`),
      '',
      'dn: uid=ben,dc=corp',
      'uid: ben',
      '',
      'dn: uid=cem,dc=corp',
      'uid: cem',
      'pwmResponseSet:< file:///etc/passwd',
    ].join('\n');
    const { lines } = await read(Buffer.from(text), { kind: 'pwm' });
    expect(entries(lines)).toEqual([
      {
        username: 'mia',
        dn: 'uid=mia,ou=people,dc=corp',
        questions: [{ text: 'First pet?', format: 'TEXT', answer: 'Röhrich' }],
      },
      'The entry has no pwmresponseset.',
      'pwmResponseSet names a file or an address; those are not read.',
    ]);
  });

  test.each([
    ['an entity bomb', '<!DOCTYPE x [<!ENTITY a "aaaa">]><ResponseSet/>', 'document type'],
    ['a file of the server', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><ResponseSet/>', 'document type'],
    ['broken XML', '<ResponseSet><response>', 'broken'],
    ['something else', '{"a":1}', 'no response set'],
    ['no answers', '<ResponseSet></ResponseSet>', 'no answers'],
  ])('refuses %s', (_name, value, says) => {
    const found = readResponseSet(value);
    expect(found.is === 'fault' && found.says).toContain(says);
  });
});

test('answers of Self Service Password are read by their ids, encrypted ones stay closed', () => {
  const values = ['{birthday}1 May{color}green', `{city}${'A'.repeat(64)}`];
  expect(readAnswers(values, { city: 'Where were you born?' })).toEqual({
    is: 'set',
    questions: [
      { text: 'When is your birthday?', format: 'TEXT', answer: '1 May' },
      { text: 'What is your favorite color?', format: 'TEXT', answer: 'green' },
      { text: 'Where were you born?', format: 'ENCRYPTED' },
    ],
  });
  expect(readAnswers(['nothing'], {}).is).toBe('fault');
});
