/** The link of a mail: opening it changes nothing, posting its token passes the gate, once, in the right browser. */
import { describe, expect, test } from 'vitest';
import { build, SEED } from '../kit/build.ts';
import { answer, byApp, choose, identify, linkToken, NEW, setPassword } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };
const begin = async () => {
  const built = await build({ people: [amina, { username: 'ben', addresses: ['ben@private.example'], seed: SEED }] });
  const client = await identify(built.client(), 'amina');
  await choose(client, 'email');
  return { built, client, token: await linkToken(built, 'amina@private.example') };
};

describe('the link in the mail', () => {
  test('holds its token in the fragment and starts with the configured address', async () => {
    const { built, token } = await begin();
    const text = (await built.mails())[0]?.text ?? '';
    expect(text).toContain(`https://reset.example.test/recover/link#${token}`);
    expect(token).toHaveLength(43);
  });

  test('opened by scanners ever so often changes nothing, for nobody', async () => {
    const { built, client, token } = await begin();
    const before = (await built.audited()).length;
    const scanner = built.client({ ip: '203.0.113.9' });
    for (const path of ['/recover/link', `/recover/link?token=${token}`, '/recover/link?x=1']) {
      for (let n = 0; n < 3; n += 1) {
        await scanner.get(path);
        await client.get(path);
      }
      const head = await built.server.inject({ method: 'HEAD', url: path });
      expect(head.statusCode).toBe(200);
    }
    expect((await built.audited()).length).toBe(before);
    await client.submit('/recover/link', { token });
    expect(client.choices('method')).toEqual(['totp']);
  });

  test('passes the gate when its token is posted from the browser that began', async () => {
    const { built, client, token } = await begin();
    await client.get('/recover/link');
    await client.submit('/recover/link', { token });
    await byApp(built, client);
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('does nothing in another browser, also when a scanner submits the form', async () => {
    const { built, client, token } = await begin();
    const scanner = built.client();
    await scanner.get('/recover/link');
    await scanner.submit('/recover/link', { token });
    expect(scanner.title).toBe('That took a little too long');
    await answer(await client.get('/recover'), await built.codeFor('amina@private.example'));
    expect(client.choices('method')).toEqual(['totp']);
  });

  test('of one journey passes no gate of another', async () => {
    const { built, token } = await begin();
    const other = await identify(built.client(), 'amina');
    await choose(other, 'email');
    await other.get('/recover/link');
    await other.submit('/recover/link', { token });
    expect(other.text()).toContain('doesn’t match');
    const ben = await identify(built.client(), 'ben');
    await choose(ben, 'email');
    await ben.get('/recover/link');
    await ben.submit('/recover/link', { token });
    expect(ben.text()).toContain('doesn’t match');
  });

  test('works once, and not after the code of the same mail was used', async () => {
    const { built, client, token } = await begin();
    await answer(client, await built.codeFor('amina@private.example'));
    await client.get('/recover/link');
    await client.post('/recover/link', { ...client.form('/recover/link').fields, token });
    expect(client.choices('method')).toEqual(['totp']);
  });

  test('is dead after a new code was sent, and after ten minutes', async () => {
    const { built, client, token } = await begin();
    built.clock.advance(61_000);
    await client.get('/recover');
    await client.submit('/recover/resend');
    const second = await linkToken(built, 'amina@private.example');
    expect(second).not.toBe(token);
    await client.get('/recover/link');
    await client.submit('/recover/link', { token });
    expect(client.text()).toContain('doesn’t match');
    // Every step keeps the journey alive; the code has its own ten minutes.
    built.clock.advance(5 * 60_000);
    await answer(client, '0000 0000');
    built.clock.advance(5 * 60_000 + 1);
    await client.get('/recover/link');
    await client.submit('/recover/link', { token: second });
    expect(client.text()).toContain('no longer works');
  });
});
