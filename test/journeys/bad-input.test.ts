/** Whatever a browser, a proxy or a prankster sends: the right status, one plain sentence, nothing half-done. */
import { describe, expect, test } from 'vitest';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { answer, appCode, byApp, choose, identify, NEW, passGates, setPassword } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };
const start = () => build({ people: [amina] });
const FORM = 'application/x-www-form-urlencoded';

/** A page of ours, in plain words, without anything from inside. */
function calm(client: Client, status: number, title: string): void {
  expect([client.status, client.title]).toEqual([status, title]);
  expect(client.last.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(client.html).not.toMatch(/Error:|[jt]s:\d+|node_modules|FST_|>undefined|\[object/);
}

const csrf = async (built: Built) => {
  const client = await built.client().get('/');
  return { client, token: `_csrf=${encodeURIComponent(client.form('/recover').fields['_csrf'] ?? '')}` };
};

describe('a body', () => {
  test('of a megabyte is refused', async () => {
    const { client, token } = await csrf(await start());
    await client.postBody('/recover', `${token}&identifier=${'a'.repeat(1_000_000)}`);
    calm(client, 413, 'That was too much text');
  });

  test('of nine kilobytes as well; the longest password still fits', async () => {
    const built = await start();
    const { client, token } = await csrf(built);
    await client.postBody('/recover', `${token}&identifier=${'a'.repeat(9_000)}`);
    calm(client, 413, 'That was too much text');
    const locked = await passGates(built, built.client(), 'amina');
    const longest = Array.from({ length: 128 }, (_, n) => '🦩🐝🐙🦔'.slice((n % 4) * 2, (n % 4) * 2 + 2)).join('');
    await setPassword(locked, longest, longest);
    expect(await built.bind('amina', longest)).toBe('correct');
  });

  test.each([
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/x-www-form-urlencoded-not',
    '',
  ])('as %s is not read', async (type) => {
    const { client, token } = await csrf(await start());
    await client.postBody('/recover', `${token}&identifier=amina`, { 'content-type': type });
    calm(client, 415, 'We can’t read that');
  });

  test('with a charset is a form like any other', async () => {
    const { client, token } = await csrf(await start());
    await client.postBody('/recover', `${token}&identifier=amina`, { 'content-type': `${FORM}; charset=UTF-8` });
    expect(client.choices('method')).toHaveLength(3);
  });

  test.each(['%ff', '%C3%28', '%ED%A0%80', '%EF%BF%BD', 'a%00b', 'a%0d%0ab', '%7f', '%C2%85'])(
    'with %s where text is due is refused',
    async (bytes) => {
      const built = await start();
      const { client, token } = await csrf(built);
      await client.postBody('/recover', `${token}&identifier=amina${bytes}`);
      calm(client, 400, 'We didn’t understand that');
      expect(await built.audited()).toEqual([]);
    },
  );

  test.each(['%', '%zz', '%%', '&&&=&=', '%E0%A4%A'])(
    'with broken encoding %s is read as far as it goes',
    async (text) => {
      const { client, token } = await csrf(await start());
      await client.postBody('/recover', `${token}&identifier=amina&${text}`);
      expect([200, 400]).toContain(client.status);
    },
  );

  test('without a field that is due, or with it twice, is refused at every form', async () => {
    const built = await start();
    const client = await identify(built.client(), 'amina');
    const { _csrf = '', step = '' } = client.form('/recover/method').fields;
    const common = `_csrf=${encodeURIComponent(_csrf)}`;
    for (const path of [
      '/recover/method',
      '/recover/answer',
      '/recover/resend',
      '/recover/another',
      '/recover/cancel',
      '/recover/password',
      '/recover/link',
      '/sign-in',
      '/change',
    ]) {
      for (const body of [
        '',
        '&step=x&step=y&method=a&method=b&code=1&code=2&token=a&token=b&password=a&password=b&current=a&current=b',
        '&step[]=x&password[]=y&token[]=z&current[]=q',
      ]) {
        await client.postBody(path, `${common}${body}`);
        calm(client, 400, 'We didn’t understand that');
      }
    }
    await client.get('/recover');
    expect(client.form('/recover/method').fields['step']).toBe(step);
  });

  test('with fields far too long is refused, each by its own measure', async () => {
    const built = await start();
    const client = await identify(built.client(), 'amina');
    const { fields } = client.form('/recover/method');
    await client.post('/recover/method', { ...fields, method: 'x'.repeat(41) });
    calm(client, 400, 'We didn’t understand that');
    await choose(await client.get('/recover'), 'email');
    await client.submit('/recover/answer', { code: '1'.repeat(201) });
    calm(client, 400, 'We didn’t understand that');
    await client.post('/recover', { ...fields, identifier: 'x'.repeat(257) });
    calm(client, 422, 'Locked out? Let’s get you back in.');
    expect(client.text()).toContain('too long for a username');
    await client.post('/recover', { ...fields, identifier: ' \u3000 ' });
    calm(client, 422, 'Locked out? Let’s get you back in.');
  });
});

describe('an address', () => {
  test.each([
    ['GET', '/nothing', 404, 'There is nothing here'],
    ['POST', '/nothing', 404, 'There is nothing here'],
    ['GET', '/recover/answer', 405, 'This page can’t be opened like that'],
    ['GET', '/ways/abc/remove/x', 404, 'There is nothing here'],
    ['PUT', '/recover', 405, 'This page can’t be opened like that'],
    ['DELETE', '/ways/add/totp', 405, 'This page can’t be opened like that'],
    ['OPTIONS', '/change', 405, 'This page can’t be opened like that'],
    ['GET', '/%ff', 400, 'We didn’t understand that'],
    ['GET', '/recover/%E0%A4%A', 400, 'We didn’t understand that'],
    ['GET', `/${'a'.repeat(5_000)}`, 404, 'There is nothing here'],
  ])('%s %s is answered with %i', async (method, url, status, title) => {
    const built = await start();
    const client = built.client();
    client.last = await built.server.inject({ method: method as 'GET', url });
    client.status = client.last.statusCode;
    client.html = client.last.body;
    calm(client, status, title);
    if (status === 405) expect(client.last.headers['allow']).toMatch(/GET|POST/);
  });

  test('with odd queries is the page without them', async () => {
    const built = await start();
    for (const query of [
      '?',
      '?lang',
      '?lang=%ff',
      '?ended=__proto__',
      '?because=constructor',
      '?%',
      `?${'a=b&'.repeat(500)}`,
    ])
      for (const path of ['/', '/sign-in', '/change'])
        expect((await built.server.inject(path + query)).statusCode).toBe(200);
  });
});

describe('a browser that', () => {
  test('goes back and sends an old form is shown where the journey is', async () => {
    const built = await start();
    const client = await identify(built.client(), 'amina');
    const first = client.form('/recover/method').fields;
    await choose(client, 'totp');
    const second = client.form('/recover/answer').fields;
    await answer(client, appCode(built));
    for (const [path, fields] of [
      ['/recover/method', { ...first, method: 'email' }],
      ['/recover/answer', { ...second, code: appCode(built) }],
      ['/recover/cancel', first],
    ] as const) {
      await client.post(path, fields);
      expect(client.choices('method')).toEqual(['email']);
    }
    expect(await built.mails()).toEqual([]);
  });

  test('has two tabs goes on in either, and the other one catches up', async () => {
    const built = await start();
    const one = await identify(built.client(), 'amina');
    const two = built.client();
    const share = () => {
      for (const [name, value] of one.cookies) two.cookies.set(name, value);
    };
    share();
    await two.get('/recover');
    await choose(one, 'totp');
    await choose(two, 'email');
    expect(two.title).toBe('Type the code from your app');
    await answer(two, appCode(built));
    expect(two.choices('method')).toEqual(['email']);
    await answer(one, appCode(built));
    expect(one.title).toBe('That took a little too long');
  });

  test('clicks twice takes one step', async () => {
    const built = await start();
    const client = await identify(built.client(), 'amina');
    await Promise.all([
      client.submitted('/recover/method', { method: 'email' }),
      client.submitted('/recover/method', { method: 'email' }),
    ]);
    expect(await built.mails()).toHaveLength(1);
    await client.get('/recover');
    expect(client.title).toBe('Type the code from the email');
  });

  test.each(['', 'x', 'A'.repeat(43), '../../etc/passwd', '%00', 'x'.repeat(4_000), '"; drop table flows; --'])(
    'holds a foreign cookie %j starts at the start',
    async (value) => {
      const built = await start();
      for (const path of ['/recover', '/safety', '/ways/add/totp', '/sign-in', '/recover/link']) {
        const client = built.client();
        for (const name of ['flow', 'sid', 'lang'])
          client.cookies.set(`__Host-sspr_${name}`, encodeURIComponent(value));
        await client.get(path);
        expect(client.status).toBe(200);
        expect(client.text()).not.toContain('amina');
      }
    },
  );

  test('lost its cookies in the middle starts anew, and nothing was changed', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const { fields } = client.form('/recover/password');
    client.cookies.clear();
    await client.post('/recover/password', { ...fields, password: NEW, again: NEW });
    calm(client, 403, 'This page is out of date');
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
  });

  test('kept a journey of yesterday is told that it took too long, and its cookie goes', async () => {
    const built = await start();
    const client = await byApp(built, await identify(built.client(), 'amina'));
    built.clock.advance(24 * 60 * 60_000);
    await client.get('/recover');
    expect(client.title).toBe('That took a little too long');
    await client.get('/recover');
    expect(client.title).toContain('Locked out?');
  });
});

describe('the live rules', () => {
  test('answer in a journey that has reached the password, and nowhere else', async () => {
    const built = await start();
    const client = await identify(built.client(), 'amina');
    await client.post('/recover/password/rules', { ...client.form('/recover/method').fields, password: NEW });
    expect(client.status).toBe(410);
    const locked = await passGates(built, built.client(), 'amina');
    const { fields } = locked.form('/recover/password');
    const judged = async (password: string) => {
      await locked.post('/recover/password/rules', { ...fields, password });
      const { rules } = JSON.parse(locked.html) as { rules: { id: string; state: string }[] };
      return Object.fromEntries(rules.map(({ id, state }) => [id, state]));
    };
    expect(await judged('')).toMatchObject({ 'min-length': 'open', common: 'open' });
    expect(await judged('short')).toMatchObject({ 'min-length': 'no' });
    expect(await judged(NEW)).toMatchObject({ 'min-length': 'ok', common: 'ok', context: 'ok', personal: 'ok' });
    expect(await judged('x'.repeat(129))).toMatchObject({ 'max-length': 'no' });
  });
});
