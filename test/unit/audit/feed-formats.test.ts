/** Formats of the feeds, read back by the grammar of each: hostile text stays inside of its field. */
import { describe, expect, test } from 'vitest';
import { cefFormat, cefHeader, cefValue } from '../../../src/audit/feeds/cef.ts';
import type { FeedRecord } from '../../../src/audit/feeds/feed.ts';
import { insideSyslog, octetCounted, paramValue, syslogFormat } from '../../../src/audit/feeds/syslog.ts';
import type { AuditEntry } from '../../../src/audit/read.ts';

const HOSTILE = [
  'a|b=c\\"]',
  'one\r\n<14>1 fake',
  'x" evil="y"] [other@1 a="b',
  'end\\',
  'cs1=forged src=6.6.6.6',
  'nul\u0000 bell\u0007 del\u007F nel\u0085 ls\u2028 ps\u2029',
  'rtl \u202Eexe.txt\u2066',
  'ümläut 名前 😀',
  `lone ${'\uD800'} surrogate`,
  'x'.repeat(5_000),
];

const recordOf = (more: Partial<AuditEntry> = {}): FeedRecord => {
  const entry: AuditEntry = {
    seq: 7,
    at: '2026-11-24T08:30:00.123Z',
    event: 'recovery.verified',
    outcome: 'success',
    actor: 'anonymous',
    subject: 'account-1',
    ip: '2001:db8::1',
    ...more,
  };
  return { seq: 7, body: JSON.stringify(entry), previous: 'p', hash: 'h_-1', entry };
};

/** RFC 5424 §6, strictly: throws where a message is not one. */
function parseSyslog(text: string) {
  const head =
    /^<(\d{1,3})>1 (\S+) ([\x21-\x7E]{1,255}) ([\x21-\x7E]{1,48}) ([\x21-\x7E]{1,128}) ([\x21-\x7E]{1,32}) /.exec(text);
  if (!head) throw new Error(`No header: ${text.slice(0, 80)}`);
  let rest = text.slice(head[0].length);
  const params: Record<string, string> = {};
  let id: string | undefined;
  if (rest.startsWith('-')) rest = rest.slice(1);
  else {
    const open = /^\[([!#-<>-\\^-~]{1,32})/.exec(rest);
    if (!open) throw new Error('No structured data.');
    id = open[1];
    rest = rest.slice(open[0].length);
    for (;;) {
      const param = /^ ([!#-<>-\\^-~]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"/su.exec(rest);
      if (!param) break;
      params[param[1] ?? ''] = (param[2] ?? '').replace(/\\(["\\\]])/g, '$1');
      rest = rest.slice(param[0].length);
    }
    if (!rest.startsWith(']')) throw new Error(`Structured data goes on: ${rest.slice(0, 80)}`);
    rest = rest.slice(1);
  }
  return { pri: Number(head[1]), timestamp: head[2], host: head[3], msgid: head[6], id, params, msg: rest.slice(1) };
}

/** Header between unescaped pipes; values up to the next ` key=`. */
function parseCef(text: string) {
  const fields: string[] = [];
  let rest = text;
  for (let n = 0; n < 7; n += 1) {
    const field = /^((?:[^|\\\r\n]|\\[\\|])*)\|/u.exec(rest);
    if (!field) throw new Error(`No header field ${n}: ${rest.slice(0, 80)}`);
    fields.push((field[1] ?? '').replace(/\\([\\|])/g, '$1'));
    rest = rest.slice(field[0].length);
  }
  const values: Record<string, string> = {};
  for (const [, key = '', raw = ''] of rest.matchAll(/(?:^| )(\w+)=((?:[^\\=\r\n]|\\[\\=nru])*?)(?= \w+=|$)/gu))
    values[key] = raw.replace(/\\(u[0-9a-f]{4}|[\\=nr])/g, (_, one: string) =>
      one[0] === 'u'
        ? String.fromCharCode(Number.parseInt(one.slice(1), 16))
        : one === 'n'
          ? '\n'
          : one === 'r'
            ? '\r'
            : one,
    );
  return { fields, values };
}

describe('syslog', () => {
  const write = syslogFormat('reset.example.org');

  test('is a message of RFC 5424: audit facility, UTC, event as MSGID, every field, a sentence behind the mark of UTF-8', () => {
    const parsed = parseSyslog(write(recordOf({ detail: { n: 1 }, reason: 'Right.' })));
    expect(parsed).toEqual({
      pri: 13 * 8 + 6,
      timestamp: '2026-11-24T08:30:00.123Z',
      host: 'reset.example.org',
      msgid: 'recovery.verified',
      id: 'sparekey@32473',
      params: {
        seq: '7',
        event: 'recovery.verified',
        outcome: 'success',
        actor: 'anonymous',
        subject: 'account-1',
        ip: '2001:db8::1',
        reason: 'Right.',
        detail: '{"n":1}',
        hash: 'h_-1',
      },
      msg: '\uFEFFrecovery.verified (success): Right.',
    });
  });

  test.each(HOSTILE)('keeps hostile text in its field (%#)', (text) => {
    const parsed = parseSyslog(write(recordOf({ reason: text, actor: text, detail: { text } })));
    expect(Object.keys(parsed.params)).toEqual([
      'seq',
      'event',
      'outcome',
      'actor',
      'subject',
      'ip',
      'reason',
      'detail',
      'hash',
    ]);
    const line = write(recordOf({ reason: text }));
    expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202A-\u202E\u2066-\u2069]/u);
    expect(parsed.params['reason']?.length).toBeLessThanOrEqual(1_100);
  });

  test('escapes quotation marks, backslashes and closing brackets, and writes control characters as their number', () => {
    expect(paramValue('a|b=c\\"]')).toBe('a|b=c\\\\\\"\\]');
    expect(paramValue('\r\n\u0000')).toBe('#015#012#000');
  });

  test('counts octets, not characters', () => {
    expect(octetCounted('ä😀')).toBe('6 ä😀');
  });

  test('a name that is no ASCII breaks no header', () => {
    expect(parseSyslog(syslogFormat('bücher .example')(recordOf())).host).toBe('b?cher?.example');
  });

  test('carries CEF without a mark before it', () => {
    const parsed = parseSyslog(insideSyslog('h', cefFormat('1.0.0', 'h'))(recordOf()));
    expect(parsed.id).toBeUndefined();
    expect(parsed.msg).toMatch(/^CEF:0\|/);
  });
});

describe('CEF', () => {
  const write = cefFormat('0.1.0', 'reset.example.org');

  test('has a header of seven fields and every field of the record', () => {
    const { fields, values } = parseCef(write(recordOf({ outcome: 'refused', flow: 'f1', detail: { a: 'b=c' } })));
    expect(fields).toEqual([
      'CEF:0',
      'Sparekey',
      'Sparekey',
      '0.1.0',
      'recovery.verified',
      'Recovery: a way to verify was answered rightly.',
      '6',
    ]);
    expect(values).toEqual({
      rt: '1795509000123',
      dvchost: 'reset.example.org',
      externalId: '7',
      outcome: 'refused',
      suser: 'anonymous',
      duid: 'account-1',
      c6a2Label: 'Source IPv6 Address',
      c6a2: '2001:db8::1',
      cs1Label: 'flow',
      cs1: 'f1',
      cs3Label: 'detail',
      cs3: '{"a":"b=c"}',
      cs4Label: 'hash',
      cs4: 'h_-1',
    });
    expect(parseCef(write(recordOf({ ip: '192.0.2.1' }))).values).toMatchObject({ src: '192.0.2.1' });
  });

  test.each(HOSTILE)('keeps hostile text in its value (%#)', (text) => {
    const line = write(recordOf({ reason: text, actor: text }));
    const { values } = parseCef(line);
    expect(Object.keys(values)).toEqual(Object.keys(parseCef(write(recordOf({ reason: 'x', actor: 'x' }))).values));
    const whole = text.length > 1_024 ? undefined : text;
    if (whole !== undefined) expect(values['reason']).toBe(whole);
    expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202A-\u202E\u2066-\u2069]/u);
  });

  test('escapes what each place asks for', () => {
    expect(cefHeader('a|b\\c=d\ne')).toBe('a\\|b\\\\c=d e');
    expect(cefValue('a|b\\c=d\r\ne')).toBe('a|b\\\\c\\=d\\r\\ne');
  });
});
