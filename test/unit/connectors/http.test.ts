/** What the connectors with an HTTP interface share: quoting, addresses, proofs, and tokens under bad luck. */
import { createPublicKey } from 'node:crypto';
import { exportPKCS8, exportSPKI, generateKeyPair, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openApi, pathPart } from '../../../src/connectors/http/api.ts';
import { privateKeyJwt, readSigningKey, secretBasic } from '../../../src/connectors/http/client-proof.ts';
import { fixedCredentials } from '../../../src/connectors/http/credentials.ts';
import { deadlineIn } from '../../../src/connectors/http/deadline.ts';
import { quote } from '../../../src/connectors/http/quote.ts';
import { openSite } from '../../../src/connectors/http/site.ts';
import { type TokenCredentials, tokenCredentials } from '../../../src/connectors/http/token.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { type Said, type StandIn, startStandIn } from '../../kit/servers/stand-in.ts';

const settings = { allowedNetworks: [], timeout: 1_000 };

describe('quote', () => {
  it('keeps one short line of what a system said', () => {
    expect(quote('Too short:\n\n at least\u0000 8')).toBe('Too short: at least 8');
    expect(quote('x'.repeat(500))).toHaveLength(200);
    expect(quote('  \n ')).toBeUndefined();
    expect(quote(17)).toBeUndefined();
  });

  it.each([
    ['as it is', 'The value Süß-1 "x" is weak'],
    ['in other capitals', 'the value SÜß-1 "X" is weak'],
    ['in JSON', 'bad {"password":"Süß-1 \\"x\\""}'],
    ['in an address', `/set?p=${encodeURIComponent('Süß-1 "x"')}`],
    ['in base64', `bad ${Buffer.from('Süß-1 "x"').toString('base64')}`],
  ])('says nothing when the password comes back %s', (_, words) => {
    expect(quote(words, ['Süß-1 "x"'])).toBeUndefined();
  });
});

describe('addresses', () => {
  it('never lets a name climb out of its folder', () => {
    expect([pathPart('.'), pathPart('..'), pathPart('')]).toEqual([undefined, undefined, undefined]);
    expect(pathPart('../admin?x#y')).toBe('..%2Fadmin%3Fx%23y');
  });

  it.each([
    ['http://id.example.org', 'loginUrl: http is only'],
    ['https://169.254.169.254', 'loginUrl: 169.254.169.254'],
    ['https://anna:secret@id.example.org', 'loginUrl: the sign-in has keys'],
  ])('refuses %s and names its key', (address, message) => {
    expect(() => openSite('loginUrl', address, settings)).toThrow(message);
  });

  it('refuses a token that no header can hold', () => {
    expect(() => fixedCredentials('token', 'Bearer', 'a\r\nHost: b')).toThrow('token: holds characters');
  });
});

describe('proofs of a client', () => {
  it('encodes name and secret before joining them (RFC 6749 §2.3.1)', async () => {
    const { headers } = await secretBasic('a b', 'p:ä%')();
    const pair = Buffer.from((headers?.['Authorization'] ?? '').slice('Basic '.length), 'base64').toString();
    expect(pair).toBe('a+b:p%3A%C3%A4%25');
  });

  it.each(['RS256', 'ES256'])('signs with %s, differently every time', async (alg) => {
    const pair = await generateKeyPair(alg, { extractable: true });
    const key = await readSigningKey('privateKey', await exportPKCS8(pair.privateKey));
    const clock = createFakeClock();
    const prove = privateKeyJwt({ clientId: 'me', key, audience: 'https://id/token', clock });
    const [first, second] = [(await prove()).form, (await prove()).form];
    expect(first['client_assertion']).not.toBe(second['client_assertion']);
    const publicKey = createPublicKey(await exportSPKI(pair.publicKey));
    const { payload } = await jwtVerify(first['client_assertion'] ?? '', publicKey, {
      issuer: 'me',
      subject: 'me',
      audience: 'https://id/token',
      currentDate: new Date(clock.now()),
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300);
  });

  it('says which key is none', async () => {
    await expect(readSigningKey('privateKey', '-----BEGIN RSA PRIVATE KEY-----')).rejects.toThrow('privateKey: is no');
  });
});

describe('tokens', () => {
  const clock = createFakeClock();
  let server: StandIn;
  let answers: Said[];
  let credentials: TokenCredentials;
  beforeEach(async () => {
    answers = [];
    server = await startStandIn(({ path }) =>
      path === '/token' ? (answers.shift() ?? { status: 500 }) : { status: 401 },
    );
    credentials = tokenCredentials({
      site: openSite('tokenUrl', server.url, settings),
      path: '/token',
      form: { grant_type: 'client_credentials' },
      prove: async () => ({ form: { client_id: 'me', client_secret: 'hush-hush' } }),
      key: 'clientSecret',
      clock,
    });
  });
  afterEach(() => server.close());
  const good = (value: string, lifetime?: unknown): Said => ({
    status: 200,
    body: { access_token: value, token_type: 'Bearer', ...(lifetime === undefined ? {} : { expires_in: lifetime }) },
  });
  const header = () => credentials.header(deadlineIn(1_000));

  it.each<[string, Said, object]>([
    ['a refusal', { status: 401, body: { error: 'invalid_client' } }, { key: 'clientSecret' }],
    ['a scope that it does not give', { status: 400, body: { error: 'invalid_scope' } }, { key: 'scope' }],
    ['too many requests', { status: 429, headers: { 'Retry-After': '9' } }, { after: 9_000 }],
    ['an error of its own', { status: 503, body: { error: 'temporarily_unavailable' } }, { key: 'tokenUrl' }],
    ['a page', { status: 200, body: '<html>Welcome</html>' }, { key: 'tokenUrl' }],
    ['a token that no header can hold', good('a b'), { key: 'tokenUrl' }],
    ['an error code that repeats what was sent', { status: 400, body: { error: 'hush hush!' } }, { key: 'tokenUrl' }],
  ])('has words for %s', async (_, said, expected) => {
    answers.push(said);
    const outcome = await header();
    expect(outcome).toMatchObject({ is: 'trouble', trouble: expected });
    expect(JSON.stringify(outcome)).not.toMatch(/hush/);
    answers.push(good('fine'));
    expect(await header()).toEqual({ is: 'header', value: 'Bearer fine' });
  });

  it('renews a short life in time, and one without an end after five minutes', async () => {
    answers.push(good('short', 10), good('endless'), good('last'));
    expect(await header()).toMatchObject({ value: 'Bearer short' });
    clock.advance(8_900);
    expect(await header()).toMatchObject({ value: 'Bearer short' });
    clock.advance(200);
    expect(await header()).toMatchObject({ value: 'Bearer endless' });
    clock.advance(271_000);
    expect(await header()).toMatchObject({ value: 'Bearer last' });
  });

  it('asks with a fresh token once, not for ever, and throws away only the one that was refused', async () => {
    answers.push(good('one', 3_600), good('two', 3_600));
    const api = openApi({ site: openSite('url', server.url, settings), credentials, clock });
    const reply = await api.ask({ method: 'GET', path: '/users' }, deadlineIn(1_000));
    expect(reply).toMatchObject({ is: 'trouble', trouble: { key: 'clientSecret' } });
    expect(server.count('POST /token')).toBe(2);
    expect(server.count('GET /users')).toBe(2);
    credentials.drop('Bearer one');
    expect(await header()).toMatchObject({ value: 'Bearer two' });
  });
});
