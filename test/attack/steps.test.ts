/** A1, A6, A7, A9, A18–A22, A32: no step is skipped, no proof is used twice, for somebody else, or from somebody else's form. */
import { describe, expect, test } from 'vitest';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import {
  answer,
  appCode,
  byApp,
  byEmail,
  choose,
  identify,
  NEW,
  NEWER,
  passGates,
  setPassword,
  signIn,
} from '../kit/steps.ts';

const people = ['amina', 'ben'].map((username) => ({
  username,
  addresses: [`${username}@private.example`],
  seed: SEED,
  sheet: true,
}));
const start = () => build({ people });
const anyForm = (client: Client): Record<string, string> =>
  client.forms().find(({ fields }) => fields['step'])?.fields ?? {};
const passwords = async (built: Built) => [await built.bind('amina', PASSWORD), await built.bind('ben', PASSWORD)];
const unchanged = ['correct', 'correct'];

/** Everything a portal can be asked to do to a journey. */
const steps: [string, Record<string, string>][] = [
  ['/recover/password', { password: NEW, again: NEW }],
  ['/recover/password', { password: NEW }],
  ['/recover/resend', {}],
  ['/recover/another', {}],
  ['/recover/answer', { code: '12345678' }],
  ['/recover/link', { token: 'A'.repeat(43) }],
  ['/recover/method', { method: 'totp' }],
];

describe('A1: skipping', () => {
  test('no request in a fresh journey leads to a password', async () => {
    for (const [path, fields] of steps) {
      const built = await start();
      const client = await identify(built.client(), 'amina');
      await client.post(path, { ...anyForm(client), ...fields });
      await client.post('/recover/password', { ...anyForm(client), password: NEW, again: NEW });
      expect(await passwords(built), path).toEqual(unchanged);
    }
  });

  test('nor after one of two gates', async () => {
    for (const [path, fields] of steps) {
      const built = await start();
      const client = await byApp(built, await identify(built.client(), 'amina'));
      await client.post(path, { ...anyForm(client), ...fields });
      await client.post('/recover/password', { ...anyForm(client), password: NEW, again: NEW });
      expect(await passwords(built), path).toEqual(unchanged);
    }
  });

  test('a gate that was passed can’t be passed again instead of the next one', async () => {
    const built = await start();
    const client = await byApp(built, await identify(built.client(), 'amina'));
    built.clock.advance(30_000);
    await client.post('/recover/method', { ...anyForm(client), method: 'totp' });
    await client.get('/recover');
    expect(client.choices('method')).toEqual(['email', 'recovery-code']);
  });

  test('the second step of a sign-in is no recovery, and a recovery opens no session', async () => {
    const built = await start();
    const half = await signIn(built.client(), 'amina');
    await half.post('/recover/password', { ...anyForm(half), password: NEW, again: NEW });
    expect(await passwords(built)).toEqual(unchanged);
    const client = await passGates(built, built.client(), 'amina');
    await client.get('/safety');
    expect(client.title).toBe('Sign in');
  });
});

describe('A6, A7: for somebody else', () => {
  test('the code of one person passes no gate of another', async () => {
    const built = await start();
    const amina = await choose(await identify(built.client(), 'amina'), 'email');
    const ben = await choose(await identify(built.client(), 'ben'), 'email');
    await answer(ben, await built.codeFor('amina@private.example'));
    expect(ben.text()).toContain('doesn’t match');
    await answer(amina, await built.codeFor('amina@private.example'));
    expect(amina.choices('method')).toContain('totp');
  });

  test('the form of one journey moves no other', async () => {
    const built = await start();
    const amina = await passGates(built, built.client(), 'amina');
    const ben = await identify(built.client(), 'ben');
    await ben.post('/recover/password', {
      ...amina.form('/recover/password').fields,
      _csrf: anyForm(ben)['_csrf'] ?? '',
      password: NEW,
    });
    expect(await passwords(built)).toEqual(unchanged);
  });

  test('fields that nobody asked for change nothing: account, address, username', async () => {
    const built = await start();
    const extra = {
      username: 'ben',
      account: 'ben',
      identifier: 'ben',
      to: 'e@v.il',
      email: 'e@v.il',
      mail: 'e@v.il',
      address: 'e@v.il',
    };
    const client = await identify(built.client(), 'amina');
    await client.submit('/recover/method', { method: 'email', ...extra });
    expect((await built.mails()).map(({ to }) => to)).toEqual(['amina@private.example']);
    await client.submit('/recover/answer', { code: await built.codeFor('amina@private.example'), ...extra });
    await byApp(built, client);
    await client.submit('/recover/password', { password: NEW, again: NEW, ...extra });
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect(await built.bind('ben', PASSWORD)).toBe('correct');
  });

  test('sealed state that was moved to another journey in the database opens nothing', async () => {
    const built = await start();
    const amina = await passGates(built, built.client(), 'amina');
    const ben = await identify(built.client(), 'ben');
    const rows = await built.storage.db.selectFrom('flows').select(['id', 'state']).orderBy('created_at').execute();
    const state = rows[0]?.state ?? '';
    await built.storage.db.updateTable('flows').set({ state }).execute();
    await ben.get('/recover');
    expect(ben.status).toBe(500);
    expect(ben.text()).not.toContain('amina');
    await amina.get('/recover');
  });
});

describe('A9, A32: spent and superseded', () => {
  test('after one journey succeeded every other of that account is dead, also behind its last gate', async () => {
    const built = await start();
    const first = await passGates(built, built.client(), 'amina');
    built.clock.advance(61_000);
    const second = await passGates(built, built.client(), 'amina');
    const third = await choose(await identify(built.client(), 'amina'), 'email');
    const code = await built.codeFor('amina@private.example');
    await setPassword(first);
    await setPassword(second, NEWER);
    expect(second.title).toBe('That took a little too long');
    await answer(third, code);
    expect(third.title).toBe('That took a little too long');
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('after a change of the password, too', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const change = await built.client().get('/change');
    await change.submit('/change', { username: 'amina', current: PASSWORD, password: NEWER, again: NEWER });
    await setPassword(client);
    expect(client.title).toBe('That took a little too long');
    expect(await built.bind('amina', NEWER)).toBe('correct');
  });

  test('an enrolment under way dies with the session that a recovery ends', async () => {
    const built = await build({ people: [{ username: 'ivan', addresses: ['ivan@private.example'] }, ...people] });
    const thief = await signIn(built.client(), 'ivan');
    await thief.get('/ways/add/totp');
    const seed = (/<code class="secret"[^>]*>([A-Z2-7 ]+)</.exec(thief.html)?.[1] ?? '').replaceAll(' ', '');
    const { fields } = thief.form('/ways/add/totp/confirm');
    const change = await built.client().get('/change');
    await change.submit('/change', { username: 'ivan', current: PASSWORD, password: NEW, again: NEW });
    await thief.post('/ways/add/totp/confirm', { ...fields, code: appCode(built, seed) });
    expect(thief.title).toBe('Sign in');
    expect((await built.audited()).map(({ event }) => event)).not.toContain('enrolment.added');
  });

  test('a removed way is worth nothing in a journey that had begun with it', async () => {
    const built = await start();
    const client = await choose(await identify(built.client(), 'amina'), 'totp');
    const [id] = await built.storage.db
      .selectFrom('authenticators')
      .select('id')
      .where('method', '=', 'totp')
      .execute();
    await built.storage.transaction((trx) => built.flow.authenticators.remove(trx, id?.id ?? ''));
    await answer(client, appCode(built));
    expect(client.text()).toContain('doesn’t match');
  });

  test('the cookie of before a gate is dead after it', async () => {
    const built = await start();
    const client = await choose(await identify(built.client(), 'amina'), 'totp');
    const before = new Map(client.cookies);
    await answer(client, appCode(built));
    const old = built.client();
    for (const [name, value] of before) old.cookies.set(name, value);
    await old.get('/recover');
    expect(old.title).toBe('That took a little too long');
  });

  test('a password form sent twice sets one password', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const [one, two] = await Promise.all([
      client.submitted('/recover/password', { password: NEW, again: NEW }),
      client.submitted('/recover/password', { password: NEWER, again: NEWER }),
    ]);
    expect([one.statusCode, two.statusCode]).toEqual([303, 303]);
    const binds = [await built.bind('amina', NEW), await built.bind('amina', NEWER)];
    expect(binds.sort()).toEqual(['correct', 'wrong']);
    expect((await built.audited()).filter(({ event }) => event === 'recovery.password-set')).toHaveLength(1);
  });
});

describe('A19: weaker proof', () => {
  test('two mailboxes are one gate', async () => {
    const built = await build({ people: [{ username: 'ivan', addresses: ['i@one.example', 'i@two.example'] }] });
    const client = await identify(built.client(), 'ivan');
    await byEmail(built, client, 'i@one.example');
    expect(client.title).toBe('We can’t check that it’s you here');
  });

  test('a recovery leaves every way to verify where it is', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    await setPassword(client);
    built.clock.advance(30_000);
    const again = await signIn(built.client(), 'amina', NEW);
    expect(again.choices('method')).toEqual(['totp', 'recovery-code']);
  });
});

describe('A20, A21: taking over an enrolment', () => {
  test('the form of one session confirms nothing in another', async () => {
    const built = await build({ people: [{ username: 'dmitri' }, { username: 'eve' }] });
    const eve = await signIn(built.client(), 'eve');
    await eve.get('/ways/add/totp');
    const seed = (/<code class="secret"[^>]*>([A-Z2-7 ]+)</.exec(eve.html)?.[1] ?? '').replaceAll(' ', '');
    const { fields } = eve.form('/ways/add/totp/confirm');
    const victim = await signIn(built.client(), 'dmitri');
    const { _csrf = '' } = victim.form('/practice').fields;
    await victim.post('/ways/add/totp/confirm', { ...fields, _csrf, code: appCode(built, seed) });
    await victim.get('/safety');
    expect(victim.text()).toContain('no way back in yet');
  });

  test('an enrolment lasts no longer than half an hour', async () => {
    const built = await build({ people: [{ username: 'dmitri' }] });
    const client = await signIn(built.client(), 'dmitri');
    await client.get('/ways/add/totp');
    const seed = (/<code class="secret"[^>]*>([A-Z2-7 ]+)</.exec(client.html)?.[1] ?? '').replaceAll(' ', '');
    const { fields } = client.form('/ways/add/totp/confirm');
    for (let n = 0; n < 3; n += 1) {
      built.clock.advance(10 * 60_000 + 1);
      await client.get('/safety');
    }
    await client.post('/ways/add/totp/confirm', { ...fields, code: appCode(built, seed) });
    await client.get('/safety');
    expect(client.text()).toContain('no way back in yet');
  });
});

describe('A22: from somebody else’s page', () => {
  const paths = [
    '/recover',
    '/recover/method',
    '/recover/answer',
    '/recover/resend',
    '/recover/another',
    '/recover/cancel',
    '/recover/password',
    '/recover/link',
    '/sign-in',
    '/sign-out',
    '/change',
    '/practice',
    '/ways/add',
    '/ways/add/totp',
    '/ways/add/totp/confirm',
    '/ways/add/totp/restart',
    '/ways/x/remove',
    '/session/keep-alive',
    '/recover/password/rules',
  ];

  test('no form goes through without the token of this browser, from another origin, or as a cross-site request', async () => {
    const built = await start();
    const client = await identify(built.client(), 'amina');
    const fields = anyForm(client);
    const other = anyForm(await identify(built.client(), 'ben'))['_csrf'] ?? '';
    const wrong: [Record<string, string>, Record<string, string>][] = [
      [{ ...fields, _csrf: '' }, {}],
      [{ ...fields, _csrf: other }, {}],
      [fields, { origin: 'https://evil.example' }],
      [fields, { origin: 'https://reset.example.test.evil.example' }],
      [fields, { 'sec-fetch-site': 'cross-site' }],
      [fields, { 'sec-fetch-site': 'same-site' }],
    ];
    for (const path of paths)
      for (const [given, headers] of wrong) {
        await client.post(path, given, headers);
        expect([client.status, path, headers]).toEqual([403, path, headers]);
      }
    await client.get('/recover');
    expect(client.choices('method')).toHaveLength(3);
  });

  test('nothing begins, moves, sends or ends by a GET', async () => {
    const built = await start();
    const client = await choose(await identify(built.client(), 'amina'), 'email');
    const before = (await built.audited()).length;
    for (const path of paths) await client.get(path);
    for (const path of paths)
      await client.get(`${path}?step=${anyForm(client)['step'] ?? ''}&code=1&method=totp&identifier=ben`);
    expect((await built.audited()).length).toBe(before);
    expect(await built.mails()).toHaveLength(1);
  });

  test('a journey is bound to its cookie, which no script and no other site can set or read', async () => {
    const built = await start();
    const client = await identify(built.client(), 'amina');
    const cookies = client.trace.flatMap(({ headers }) => [headers['set-cookie'] ?? []].flat().map(String));
    expect(cookies.length).toBeGreaterThan(1);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-/);
      for (const attribute of ['Path=/', 'HttpOnly', 'Secure']) expect(cookie).toContain(attribute);
      expect(cookie).toMatch(/SameSite=(Lax|Strict)/);
      // The browser's own outlives it and opens nothing (C-13).
      const lasting = cookie.includes('sspr_device=') ? /Domain=/i : /Domain=|Max-Age=|Expires=/i;
      expect(cookie).not.toMatch(lasting);
    }
  });
});
