/** Into the portal: password, second factor where there is one, step-up, sessions that end. */
import { describe, expect, test } from 'vitest';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import { build, PASSWORD, SEED } from '../kit/build.ts';
import { answer, appCode, byApp, choose, NEW, passGates, setPassword, signIn, wrongAppCode } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };
const plain = { username: 'dmitri' };
const MINUTE = 60_000;

describe('signing in', () => {
  test('with the password alone, where there is nothing more', async () => {
    const built = await build({ people: [plain] });
    const client = await signIn(built.client(), 'dmitri');
    expect(client.title).toBe('How safe am I?');
    expect(client.text()).toContain('no way back in yet');
    const opened = (await built.audited()).find(({ event }) => event === 'session.opened');
    expect(opened).toMatchObject({ outcome: 'success', ip: '192.0.2.10' });
  });

  test('with mail as the only way set up needs no second factor, because mail is none', async () => {
    const built = await build({ people: [{ username: 'ivan', addresses: ['ivan@private.example'] }] });
    const client = await signIn(built.client(), 'ivan');
    expect(client.title).toBe('How safe am I?');
  });

  test('asks for the second factor and never offers mail as one', async () => {
    const built = await build({ people: [{ ...amina, sheet: true }] });
    const client = await signIn(built.client(), 'amina');
    expect(client.choices('method')).toEqual(['totp', 'recovery-code']);
    const { fields } = client.form('/recover/method');
    await client.post('/recover/method', { ...fields, method: 'email' });
    expect(await built.mails()).toEqual([]);
    await client.get('/safety');
    expect(client.title).toBe('Sign in');
  });

  test('with the app', async () => {
    const built = await build({ people: [amina] });
    const client = await signIn(built.client(), 'amina');
    await byApp(built, client);
    expect(client.title).toBe('How safe am I?');
    expect((await built.audited()).find(({ event }) => event === 'session.opened')?.method).toBe('totp');
  });

  test('a wrong password, an unknown name and a disabled account read alike', async () => {
    const built = await build({ people: [amina, { username: 'farid', disabled: true }] });
    const pages = [];
    for (const [name, password] of [
      ['amina', 'not the password at all'],
      ['nobody', PASSWORD],
      ['farid', PASSWORD],
    ] as const) {
      const client = await signIn(built.client(), name, password);
      expect(client.status).toBe(422);
      pages.push(client.text().replaceAll(name, ''));
    }
    expect(new Set(pages).size).toBe(1);
    const reasons = (await built.audited()).filter(({ event }) => event === 'sign-in.refused');
    expect(reasons.map(({ reason }) => reason)).toEqual([
      'Wrong password.',
      'No such account.',
      'The account is disabled.',
    ]);
  });

  test('empty and blank fields cost no try and ask nobody', async () => {
    const built = await build({ people: [amina] });
    for (let n = 0; n < 6; n += 1) {
      const client = await signIn(built.client(), 'amina', '');
      expect(client.text()).toContain('Type your username and your password');
    }
    expect((await signIn(built.client(), 'amina')).title).toBe('How can we check that it’s you?');
  });

  test('sends somebody who must change the password there first', async () => {
    const built = await build({ people: [{ username: 'elena', mustChange: true }] });
    const client = await signIn(built.client(), 'elena');
    expect(client.title).toBe('Change your password');
    expect(client.text()).toContain('given this password to start with');
    expect([...client.cookies.keys()].some((name) => name.endsWith('sspr_sid'))).toBe(false);
  });

  test('burning the tries of the second factor does not open the door with the password alone', async () => {
    const built = await build({ people: [amina], env: { SPAREKEY_LIMITS_LADDER_DISABLE_AT: '11' } });
    let client = await signIn(built.client(), 'amina');
    await choose(client, 'totp');
    for (let n = 0; n < 12; n += 1) {
      if (client.choices('method').length > 0) await choose(client, 'totp');
      if (client.forms().some(({ action }) => action === '/recover/answer')) await answer(client, wrongAppCode(built));
      built.clock.advance(MINUTE);
    }
    expect((await built.audited()).map(({ event }) => event)).toContain('authenticator.disabled');
    built.clock.advance(60 * MINUTE);
    client = await signIn(built.client(), 'amina');
    expect(client.title).toBe('We can’t check that it’s you here');
    await client.get('/safety');
    expect(client.title).toBe('Sign in');
  });
});

describe('a session', () => {
  const signedIn = async () => {
    const built = await build({ people: [plain] });
    return { built, client: await signIn(built.client(), 'dmitri') };
  };

  test('ends after fifteen idle minutes and after eight hours', async () => {
    const { built, client } = await signedIn();
    built.clock.advance(15 * MINUTE);
    await client.get('/safety');
    expect(client.text()).toContain('nothing happened for a while');
    await signIn(client, 'dmitri');
    for (let n = 0; n < 8 * 6; n += 1) {
      expect(client.title).toBe('How safe am I?');
      built.clock.advance(10 * MINUTE);
      await client.get('/safety');
    }
    expect(client.title).toBe('Sign in');
  });

  test('is kept alive by asking for it, and not without one', async () => {
    const { built, client } = await signedIn();
    const csrf = client.form('/practice').fields;
    for (let n = 0; n < 3; n += 1) {
      built.clock.advance(14 * MINUTE);
      await client.post('/session/keep-alive', csrf);
      expect(client.status).toBe(204);
    }
    await client.get('/safety');
    expect(client.title).toBe('How safe am I?');
    built.clock.advance(16 * MINUTE);
    await client.post('/session/keep-alive', csrf);
    expect(client.status).toBe(401);
  });

  test('is over after signing out, also for whoever kept the cookie, and the browser is wiped', async () => {
    const { built, client } = await signedIn();
    const cookies = new Map(client.cookies);
    await client.submit('/sign-out');
    expect(client.text()).toContain('You are signed out');
    const out = client.trace.find(({ headers }) => headers['clear-site-data']);
    expect(out?.headers['clear-site-data']).toBe('"cache", "cookies", "storage"');
    for (const [name, value] of cookies) client.cookies.set(name, value);
    await client.get('/safety');
    expect(client.title).toBe('Sign in');
    expect((await built.audited()).map(({ event }) => event)).toContain('session.closed');
  });

  test('ends within half a minute after the account was switched off in the directory', async () => {
    const { built, client } = await signedIn();
    const found = await built.directory.find('dmitri');
    if (found.is !== 'found') throw new Error(found.is);
    await accounts.change(built.storage.db, found.account.key, { disabled: true });
    built.clock.advance(31_000);
    await client.get('/safety');
    expect(client.title).toBe('Sign in');
    await accounts.change(built.storage.db, found.account.key, { disabled: false });
    await client.get('/safety');
    expect(client.title, 'it does not come back').toBe('Sign in');
    expect((await built.audited()).find(({ event }) => event === 'session.ended')?.reason).toMatch(/disabled/i);
  });

  test('gets a new cookie at every sign-in, and the old one is dead', async () => {
    const { client } = await signedIn();
    const name = [...client.cookies.keys()].find((one) => one.endsWith('sspr_sid')) as string;
    const old = client.cookies.get(name) as string;
    await client.get('/sign-in?confirm=1');
    await client.submit('/sign-in', { password: PASSWORD });
    const fresh = client.cookies.get(name) as string;
    expect(fresh).not.toBe(old);
    client.cookies.set(name, old);
    await client.get('/safety');
    expect(client.title).toBe('Sign in');
  });

  test('gets a new cookie after the second factor, too, and the old one is dead', async () => {
    const built = await build({ people: [amina] });
    const client = await signIn(built.client(), 'amina');
    await byApp(built, client);
    const name = [...client.cookies.keys()].find((one) => one.endsWith('sspr_sid')) as string;
    const old = client.cookies.get(name) as string;
    built.clock.advance(6 * MINUTE);
    await client.get('/sign-in?confirm=1');
    await client.submit('/sign-in', { password: PASSWORD });
    await byApp(built, client);
    expect(client.title).toBe('How safe am I?');
    client.cookies.set(name, old);
    await client.get('/safety');
    expect(client.title).toBe('Sign in');
  });

  test('ends when the password is recovered from anywhere', async () => {
    const built = await build({ people: [amina] });
    const client = await signIn(built.client(), 'amina');
    await byApp(built, client);
    built.clock.advance(30_000);
    const thief = await passGates(built, built.client({ ip: '203.0.113.5' }), 'amina');
    await setPassword(thief);
    await client.get('/safety');
    expect(client.title).toBe('Sign in');
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect((await built.audited()).map(({ event }) => event)).toContain('session.ended');
  });

  test('a second factor under way dies with the password that began it', async () => {
    const built = await build({ people: [amina] });
    const half = await signIn(built.client(), 'amina');
    await choose(half, 'totp');
    const client = await passGates(built, built.client(), 'amina');
    await setPassword(client);
    built.clock.advance(30_000);
    await answer(half, appCode(built));
    expect(half.title).toBe('That took a little too long');
  });

  test('five live at once; the sixth ends the oldest', async () => {
    const { built, client } = await signedIn();
    for (let n = 0; n < 5; n += 1) {
      built.clock.advance(1_000);
      await signIn(built.client(), 'dmitri');
    }
    await client.get('/safety');
    expect(client.title).toBe('Sign in');
  });

  test('outlives a directory that is away for a moment', async () => {
    const { built, client } = await signedIn();
    const { load } = built.directory;
    built.directory.load = async () => ({ is: 'unavailable', cause: 'The test took it away.' });
    await client.get('/safety');
    expect(client.status).toBe(503);
    built.directory.load = load;
    await client.get('/safety');
    expect(client.title).toBe('How safe am I?');
  });
});

describe('a leaked password at sign-in', () => {
  const leaky = async (env: Record<string, string>) => {
    const built = await build({ people: [plain], env });
    const asked: string[] = [];
    built.flow.breach = {
      whenUnavailable: 'accept',
      lookUp: async (password) => {
        asked.push(password.reveal());
        return { is: 'breached' };
      },
      check: async () => [],
      close: async () => {},
    };
    return { built, asked };
  };

  test('is asked to be changed first, and only whoever has proven it learns that', async () => {
    const { built, asked } = await leaky({
      SPAREKEY_BREACH_AT_SIGN_IN: 'true',
      SPAREKEY_BREACH_FILE: '/nowhere/leaked.corpus',
    });
    const client = await signIn(built.client(), 'dmitri');
    expect(client.title).toBe('Change your password');
    expect(client.text()).toContain('stands in a list that was stolen somewhere else');
    expect([...client.cookies.keys()].some((name) => name.endsWith('sspr_sid'))).toBe(false);
    await signIn(built.client(), 'dmitri', 'not the password at all');
    expect(asked).toEqual([PASSWORD]);
  });

  test('is not looked up unless the organisation wants it', async () => {
    const { built, asked } = await leaky({});
    expect((await signIn(built.client(), 'dmitri')).title).toBe('How safe am I?');
    expect(asked).toEqual([]);
  });
});
