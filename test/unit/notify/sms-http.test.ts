/** The parts of the HTTP gateway sender that need no server: filling a template, judging an answer, and where it may connect. */
import { describe, expect, it } from 'vitest';
import { atPointer, judge, safeWords } from '../../../src/notify/sms/http-judge.ts';
import { type HttpGatewayConfig, httpGatewaySettings } from '../../../src/notify/sms/http-settings.ts';
import { readTemplate } from '../../../src/notify/sms/http-template.ts';
import { addressGuard } from '../../../src/outbound/addresses.ts';
import { pauseOf } from '../../../src/outbound/retry-after.ts';

const config: HttpGatewayConfig = {
  url: 'https://sms.example/send',
  method: 'POST',
  encoding: 'json',
  body: '{"to":"{to}","text":"{text}"}',
  headers: {},
  sender: '',
  tokenHeader: 'Authorization',
  okStatus: [200],
  allowedNetworks: [],
  timeout: 1_000,
  connections: 1,
};
const nasty = '","to":"+4999"&to=+4999\r\nX: {to}\u2028{text}%26';
const values = {
  to: '+491',
  digits: '491',
  text: nasty,
  id: nasty,
  sender: '',
  coding: '0',
  username: '',
  password: '',
};

describe('templates', () => {
  it('fill JSON without adding a field', () => {
    const { body } = readTemplate('{"a":[{"to":"{to}"}],"text":"{text}","n":1,"{id}":true}', 'json')(values);
    expect(JSON.parse(body)).toEqual({ a: [{ to: '+491' }], text: nasty, n: 1, '{id}': true });
  });

  it.each(['form', 'query'] as const)('fill a %s without adding a field', (encoding) => {
    const { body, query } = readTemplate('to={to}&text=Hi {text}&ref={id}', encoding)(values);
    expect([...new URLSearchParams(body || query)]).toEqual([
      ['to', '+491'],
      ['text', `Hi ${nasty}`],
      ['ref', nasty],
    ]);
  });

  it.each([
    ['{"to":"{to}"}', 'json', /\{text\} must/],
    ['{"text":"{text}"}', 'json', /\{to\} or \{digits\}/],
    ['{"to":{to},"text":"{text}"}', 'json', /is not JSON/],
    ['to={to}&text={text}&x={secret}', 'form', /\{secret\} is no placeholder/],
  ] as const)('refuse %j', (body, encoding, cause) => expect(() => readTemplate(body, encoding)).toThrow(cause));
});

describe('settings', () => {
  it.each<[Partial<HttpGatewayConfig>, RegExp]>([
    [{ url: 'http://sms.example/' }, /^url: http/],
    [{ url: 'http://10.0.0.5/' }, /^url: http/],
    [{ url: 'http://127.0.0.1.evil.example/' }, /^url: http/],
    [{ url: 'https://169.254.169.254/' }, /^url:/],
    [{ url: 'https://[fe80::1]/' }, /^url:/],
    [{ url: 'https://[::ffff:169.254.169.254]/' }, /^url:/],
    [{ url: 'https://0x7f000001/', allowedNetworks: ['203.0.113.0/24'] }, /^url:/],
    [{ url: 'https://u:p@sms.example/' }, /^url: put/],
    [{ method: 'GET' }, /^encoding:/],
    [{ username: 'x' }, /^password:/],
    [{ username: 'x', password: 'y', token: 'z' }, /^token:/],
    [{ headers: { Host: 'x' } }, /^headers: Host/],
    [{ headers: { 'X-A': 'a\r\nB: c' } }, /^headers:/],
    [{ allowedNetworks: ['10.0.0.0/99'] }, /^allowedNetworks:/],
    [{ caFile: '/nowhere/ca.pem' }, /^caFile:.*ENOENT/],
  ])('refuse %j', (change, cause) => expect(() => httpGatewaySettings({ ...config, ...change })).toThrow(cause));

  it.each(['http://localhost:13013/x', 'http://127.0.0.1/x', 'http://[::1]/x', 'https://10.0.0.5/x'])(
    'allow %s',
    (url) => {
      expect(httpGatewaySettings({ ...config, url }).url.href).toBe(url);
    },
  );
});

it.each([
  ['169.254.169.254', false],
  ['::ffff:169.254.169.254', false],
  ['127.0.0.1', false],
  ['::1', false],
  ['0.0.0.0', false],
  ['fe80::1', false],
  ['10.0.0.5', true],
  ['203.0.113.9', true],
])('a name that leads to %s is connected to: %s', (address, allowed) => {
  expect(addressGuard(new URL('https://sms.example/'), []).allows(address)).toBe(allowed);
});

it('a name on this machine is found, one that leads here from elsewhere is not', async () => {
  const look = (url: string, name: string): Promise<string> =>
    new Promise((resolve) =>
      addressGuard(new URL(url), []).lookup(name, {}, (error) => resolve(error?.code ?? 'found')),
    );
  expect(await look('http://localhost/', 'localhost')).toBe('found');
  expect(await look('https://sms.example/', 'localhost')).toBe('EFORBIDDENADDRESS');
});

it.each([
  ['0: Accepted for delivery', '… Accepted for delivery'],
  ['code 483190', 'code …'],
  ['4 8 3 1 9 0', '…'],
  ['NDgzMTkw', '…'],
  ['٤٨٣١٩٠', '…'],
  ['Missing receiver number, rejected', 'Missing receiver number rejected'],
  ['key Hunter was wrong', 'key … was wrong'],
  ['<html><script>', 'html script'],
])('shows of %j only %j', (reply, shown) => expect(safeWords(reply, ['hunter'])).toBe(shown));

it('reads Retry-After in both forms, and no nonsense', () => {
  const now = Date.UTC(2026, 10, 23);
  expect(pauseOf('7', now)).toBe(7_000);
  expect(pauseOf('Mon, 23 Nov 2026 00:01:00 GMT', now)).toBe(60_000);
  expect(pauseOf('Mon, 23 Nov 2020 00:01:00 GMT', now)).toBe(0);
  expect(pauseOf('999999999', now)).toBe(3_600_000);
  for (const nonsense of ['soon', '-5', '', undefined]) expect(pauseOf(nonsense, now) ?? 0).toBe(0);
});

it('follows a JSON pointer, and none into a prototype', () => {
  const body = '{"a/b":[{"~":"x"}],"n":null}';
  expect(atPointer(body, '/a~1b/0/~0')).toBe('x');
  expect(atPointer(body, '/n')).toBeNull();
  for (const pointer of ['/a', '/constructor', '/a~1b/length/x', '/n/x'])
    expect(atPointer(body, pointer)).toBeUndefined();
  expect(atPointer('nonsense', '/a')).toBeUndefined();
});

it.each([
  [200, 'delivered'],
  [204, 'retry'],
  [302, 'retry'],
  [400, 'rejected'],
  [401, 'retry'],
  [402, 'retry'],
  [403, 'retry'],
  [404, 'rejected'],
  [408, 'retry'],
  [422, 'rejected'],
  [429, 'retry'],
  [500, 'retry'],
  [599, 'retry'],
])('status %i means %s', (status, is) => {
  expect(judge({ status, body: '', retryAfter: undefined }, config, 0, []).is).toBe(is);
});
