/** A2–A5, A12, A23–A26: hostile requests, names, passwords and addresses. */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import { appCode, byApp, byEmail, choose, identify, linkToken, passGates, setPassword, signIn } from '../kit/steps.ts';
import { view } from './sameness.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };

/** Listens for real and sends these very bytes. */
async function raw(built: Built, text: string): Promise<string> {
  const address = await built.server.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.end(Buffer.from(text, 'latin1'));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('A2: the Host header', () => {
  test('and its relatives never reach a mail, a redirect or a page', async () => {
    const built = await build({ people: [amina], env: { SPAREKEY_LISTEN_TRUSTED_PROXIES: '192.0.2.10' } });
    const evil = {
      host: 'evil.example',
      forwarded: 'host=evil.example;proto=http',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-server': 'evil.example',
      'x-original-url': '/evil.example',
      'x-rewrite-url': '/evil.example',
    };
    const client = built.client();
    await client.get('/', evil);
    await client.post('/recover', { ...client.form('/recover').fields, identifier: 'amina' }, evil);
    await client.post('/recover/method', { ...client.form('/recover/method').fields, method: 'email' }, evil);
    const [mail] = await built.mails();
    expect(`${mail?.text}${mail?.html}`).toContain('https://reset.example.test/recover/link#');
    expect(JSON.stringify(mail)).not.toContain('evil.example');
    for (const { headers, body } of client.trace)
      expect(`${JSON.stringify(headers)}${body}`).not.toContain('evil.example');
  });
});

describe('A3: the identifier', () => {
  test.each([
    'identifier=amina&identifier=e@v.il',
    'identifier[]=amina&identifier[]=e@v.il',
    'identifier[0]=amina',
    'identifier[$ne]=x',
    'identifier.x=amina',
    '__proto__[identifier]=amina',
    'constructor=amina',
    'x=1',
    '',
  ])('as %j is refused with a sentence and finds nobody', async (body) => {
    const built = await build({ people: [amina] });
    const client = await built.client().get('/');
    const { _csrf = '' } = client.form('/recover').fields;
    await client.postBody('/recover', `${body}&_csrf=${encodeURIComponent(_csrf)}`);
    expect(client.status).toBe(400);
    expect(client.title).toBe('We didn’t understand that');
    expect(await built.audited()).toEqual([]);
  });

  test.each([
    'amina,e@v.il',
    'amina;ben',
    'amina\t',
    'e@v.il,amina@northfield.example',
    'amina@northfield.example e@v.il',
  ])('as a list %j sends nothing to anybody', async (identifier) => {
    const built = await build({ people: [amina, { username: 'ben', addresses: ['ben@private.example'] }] });
    const client = await identify(built.client(), identifier);
    if (client.status === 200) await choose(client, 'email');
    expect(await built.mails()).toEqual([]);
  });

  test.each(['amina\r\nBcc: e@v.il', 'amina\0', 'am\u0007ina', 'amina%00'])(
    'with control characters %j finds nobody',
    async (identifier) => {
      const built = await build({ people: [amina] });
      const client = await identify(built.client(), identifier);
      expect([200, 400]).toContain(client.status);
      if (client.status === 200) await choose(client, 'email');
      expect(await built.mails()).toEqual([]);
    },
  );
});

describe('A4: the present password', () => {
  test.each([
    '',
    ' ',
    '\0',
    '\0\0\0',
    '*',
    'undefined',
    'null',
    '[object Object]',
    `${PASSWORD} `,
    PASSWORD.slice(0, -1),
    PASSWORD.toUpperCase(),
  ])('%j proves nothing', async (current) => {
    const built = await build({ people: [{ username: 'dmitri' }] });
    const client = await signIn(built.client(), 'dmitri', current);
    expect(client.status).toBe(422);
    await client.get('/change');
    const password = 'a lantern over the harbour';
    await client.submit('/change', { username: 'dmitri', current, password, again: password });
    expect(client.status).toBe(422);
    expect(await built.bind('dmitri', PASSWORD)).toBe('correct');
  });

  test('as a list or an object proves nothing', async () => {
    const built = await build({ people: [{ username: 'dmitri' }] });
    const client = await built.client().get('/sign-in');
    const { _csrf = '' } = client.form('/sign-in').fields;
    const csrf = `_csrf=${encodeURIComponent(_csrf)}&username=dmitri`;
    for (const body of [
      `password=${PASSWORD}&password=${PASSWORD}`,
      `password[]=${PASSWORD}`,
      `password[x]=${PASSWORD}`,
      '',
    ]) {
      await client.postBody('/sign-in', `${csrf}&${body}`);
      expect(client.status).toBe(400);
    }
  });
});

describe('A5: look-alikes', () => {
  test.each([
    ['mıke', 'mike'],
    ['mİke', 'mike'],
    ['mi\u212Ae', 'mike'],
    ['ｍｉｋｅ', 'mike'],
    ['mike@gıthub.example', 'mike@github.example'],
    ['ſam', 'sam'],
  ])('%s is not %s', async (typed, real) => {
    const username = real.split('@')[0] as string;
    const built = await build({
      people: [{ username, ...(real.includes('@') ? { mail: real } : {}), addresses: ['m@private.example'] }],
    });
    const client = await choose(await identify(built.client(), typed), 'email');
    expect(client.title).toBe('Type the code from the email');
    expect(await built.mails()).toEqual([]);
  });

  test('a name that differs in case or Unicode form only is the same person, and the mail goes to the stored address', async () => {
    const built = await build({ people: [{ username: 'zoë', addresses: ['zoe@private.example'] }] });
    for (const typed of ['ZOË', 'zoe\u0308']) {
      built.clock.advance(61_000);
      await choose(await identify(built.client(), typed), 'email');
    }
    expect((await built.mails()).map(({ to }) => to)).toEqual(['zoe@private.example', 'zoe@private.example']);
  });
});

describe('A12, A23: addresses of pages', () => {
  const odd = [
    '//recover',
    '/recover//answer',
    '/recover/./answer',
    '/x/../recover',
    '/recover/%2e%2e/safety',
    '/%2e%2e/safety',
    '/recover%2fanswer',
    '/safety/',
    '/safety/.',
    '/safety;x=1',
    '/SAFETY',
    '/safety.json',
    '/safety%00',
    '/safety%0a',
    '/..;/safety',
    '\\safety',
    '/ways/../safety',
  ];

  test.each(odd)('%s leads past no check, over a real socket', async (path) => {
    const built = await build();
    const text = await raw(built, `GET ${path} HTTP/1.1\r\nHost: reset.example.test\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 (404|400|303) /);
    expect(text).not.toMatch(/node_modules|at .*\.ts:|"stack"/);
    if (text.startsWith('HTTP/1.1 303')) expect(text).toMatch(/location: \/(sign-in)?\r\n/i);
  });

  test('no header overrides the method or the path', async () => {
    const built = await build({ people: [amina] });
    const client = await choose(await identify(built.client(), 'amina'), 'email');
    const { fields } = client.form('/recover/another');
    for (const headers of [
      { 'x-http-method-override': 'POST' },
      { 'x-method-override': 'POST' },
      { 'x-original-url': '/recover/another' },
    ])
      await client.get('/recover', headers as Record<string, string>);
    await client.post('/recover/nothing', { ...fields, _method: 'POST' });
    await client.get('/recover');
    expect(client.title).toBe('Type the code from the email');
  });

  test.each(['//evil.example', '///evil.example', '/\\evil.example', '//evil.example/%2e%2e'])(
    'a page at %s links to nowhere else',
    async (path) => {
      const text = await raw(await build(), `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(text).toMatch(/^HTTP\/1\.1 404 /);
      expect(text).not.toMatch(/href="[/\\]{2}|href="\/\\/);
    },
  );
});

describe('A24: the new password as code', () => {
  test.each([
    `'; drop table accounts; -- long enough`,
    '$(touch /tmp/owned) `id` $HOME and more',
    '=1+1|cmd|"/c calc"!A0 and more of it',
    '<script>alert(1)</script> & "quotes"',
    '%s%n%x {{7*7}} #{7*7} <%= 7 %>',
    'пароль из многих букв 密碼密碼',
    '🦩🦉🐝🐙🦔🐌🦚🐳🦜🐢🦦🐞🦥🐿🦡',
    `a|b=c\\"] <14>1 fake, long enough`,
  ])('%j is a password like any other', async (password) => {
    const built = await build({ people: [amina] });
    const client = await passGates(built, built.client(), 'amina');
    await setPassword(client, password);
    expect(client.title).toContain('You’re back in');
    expect(await built.bind('amina', password)).toBe('correct');
    expect(built.log.join('')).not.toContain(password);
  });

  test.each([
    'line one of it\nline two of it',
    'a null \0 in the middle of it',
    'a tab \t in the middle of it',
    'a bell \u0007 in the middle of it',
  ])('%j holds what no keyboard makes, and is refused with a sentence', async (password) => {
    const built = await build({ people: [amina] });
    const client = await passGates(built, built.client(), 'amina');
    await setPassword(client, password);
    expect(client.title).toBe('Choose a new password');
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
  });
});

describe('A25: injection by name', () => {
  test.each([
    '*)(uid=*',
    '*',
    'amina)(|(uid=*',
    "' or '1'='1",
    "amina' --",
    'amina,dc=x',
    'cn=amina',
    '\\61mina',
    '{jndi:ldap://x}',
    '%',
    '_mina',
    'am%',
  ])('%s is nobody', async (identifier) => {
    const built = await build({ people: [amina] });
    const client = await choose(await identify(built.client(), identifier), 'email');
    expect(client.title).toBe('Type the code from the email');
    expect(await built.mails()).toEqual([]);
    expect((await built.audited())[0]?.reason).toBe('No such account.');
  });
});

describe('A26: names as script', () => {
  const EVIL = `"><script>alert(1)</script><img src=x onerror=alert(2)>'`;

  test('of people, of ways and of what was typed is shown as text', async () => {
    const built = await build({ people: [{ ...amina, displayName: EVIL, mail: 'amina@northfield.example' }] });
    const client = built.client();
    await client.get('/');
    await client.submit('/recover', { identifier: EVIL });
    await signIn(client, EVIL, EVIL);
    await client.get(`/?lang=${encodeURIComponent(EVIL)}`);
    await client.get(`/${encodeURIComponent(EVIL)}`);
    await client.get(`/sign-in?ended=${encodeURIComponent(EVIL)}`);
    await signIn(client, 'amina');
    await byApp(built, client);
    await client.get('/ways/add/totp');
    const seed = (/<code class="secret"[^>]*>([A-Z2-7 ]+)</.exec(client.html)?.[1] ?? '').replaceAll(' ', '');
    await client.submit('/ways/add/totp/confirm', { code: appCode(built, seed), label: EVIL });
    await client.get('/ways/add/email');
    await client.submit('/ways/add/email', { address: EVIL });
    built.clock.advance(30_000);
    const locked = await passGates(built, built.client(), 'amina');
    await setPassword(locked);
    const pages = [...client.trace, ...locked.trace].map(({ body }) => body);
    const mails = await built.mails();
    expect(mails.length).toBeGreaterThan(2);
    for (const text of [...pages, ...mails.map(({ html }) => html)]) {
      expect(text).not.toContain('<script>alert');
      expect(text).not.toContain('<img src=x');
      expect(text).not.toMatch(/href="[^"]*"><script/);
    }
    expect(pages.some((page) => page.includes('&lt;script>') || page.includes('&lt;script&gt;'))).toBe(true);
    for (const { subject } of mails) expect(subject).not.toContain('\n');
  });
});

describe('every answer', () => {
  test('carries the headers that keep it to itself, errors included', async () => {
    const built = await build({ people: [amina] });
    const client = await byEmail(built, await identify(built.client(), 'amina'), 'amina@private.example');
    for (const path of [
      '/',
      '/nothing',
      '/%ff',
      '/recover',
      '/sign-in',
      '/change',
      '/safety',
      '/recover/link',
      '/recover/answer',
    ])
      await client.get(path);
    await client.post('/recover', { identifier: 'x' });
    await linkToken(built, 'amina@private.example');
    const nonces = new Set<string>();
    for (const { headers, body, statusCode } of client.trace) {
      const csp = String(headers['content-security-policy']);
      for (const directive of [
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
      ])
        expect(csp).toContain(directive);
      expect(csp).not.toContain('unsafe');
      const nonce = /'nonce-([^']+)'/.exec(csp)?.[1] ?? '';
      expect(nonce.length).toBeGreaterThanOrEqual(16);
      nonces.add(nonce);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'strict-transport-security': 'max-age=63072000; includeSubDomains',
      });
      expect(headers['permissions-policy']).toContain('camera=()');
      expect(headers).not.toHaveProperty('server');
      expect(headers).not.toHaveProperty('x-powered-by');
      if (statusCode === 200) expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\/(?!reset\.example\.test)/);
    }
    expect(nonces.size).toBe(client.trace.length);
  });
});

test('A25, A13: a name that breaks filters looks like every unknown name', async () => {
  const asking = (name: string) =>
    view('real', async (_built, client) => {
      await identify(client, name);
      await choose(client, 'email');
    });
  expect(await asking('*)(uid=*')).toEqual(await asking('nobody'));
});
