/** A known password for a new one. */
import { describe, expect, test } from 'vitest';
import { build, PASSWORD, SEED } from '../kit/build.ts';
import { byApp, NEW, signIn, subjectsTo } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['a@one.example', 'a@two.example'], language: 'en' };

const change = async (built: Awaited<ReturnType<typeof build>>, fields: Record<string, string> = {}) => {
  const client = await built.client().get('/change');
  return client.submit('/change', { username: 'amina', current: PASSWORD, password: NEW, again: NEW, ...fields });
};

describe('changing a password', () => {
  test('works with the present one, and every confirmed address is told', async () => {
    const built = await build({ people: [amina] });
    const client = await change(built);
    expect(client.title).toBe('Your password is changed');
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect(await built.bind('amina', PASSWORD)).toBe('wrong');
    for (const address of amina.addresses)
      expect(await subjectsTo(built, address)).toEqual(['your password was changed']);
    const events = (await built.audited()).map(({ event, outcome }) => [event, outcome]);
    expect(events).toEqual([
      ['change.started', 'success'],
      ['change.password-set', 'success'],
    ]);
  });

  test('works when the directory wants a new one first, and ends that wish', async () => {
    const built = await build({ people: [{ ...amina, mustChange: true }] });
    expect(await built.bind('amina', PASSWORD)).toBe('correct-but');
    expect((await change(built)).title).toBe('Your password is changed');
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('works for somebody who is signed in, and signs them out everywhere', async () => {
    const built = await build({ people: [{ ...amina, seed: SEED }] });
    const client = await signIn(built.client(), 'amina');
    await byApp(built, client);
    const other = await signIn(built.client(), 'amina');
    built.clock.advance(30_000);
    await byApp(built, other);
    await client.get('/change');
    await client.submit('/change', { current: PASSWORD, password: NEW, again: NEW });
    expect(client.title).toBe('Your password is changed');
    for (const one of [client, other]) expect((await one.get('/safety')).title).toBe('Sign in');
  });

  test('a wrong present password changes nothing and is not said to be anything else', async () => {
    const built = await build({ people: [amina] });
    const known = await change(built, { current: 'not the one it is now' });
    const unknown = await change(built, { username: 'nobody', current: 'not the one it is now' });
    for (const client of [known, unknown]) {
      expect(client.status).toBe(422);
      expect(client.text()).toContain('don’t belong together');
    }
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
  });

  test('broken rules and two different fields cost no try and ask no directory', async () => {
    const built = await build({ people: [amina] });
    const { verifyPassword } = built.directory;
    let asked = 0;
    built.directory.verifyPassword = async (...given) => {
      asked += 1;
      return verifyPassword(...given);
    };
    for (let n = 0; n < 10; n += 1) {
      await change(built, { password: 'short', again: 'short' });
      await change(built, { again: 'something quite different' });
      await change(built, { password: 'password1234567', again: 'password1234567' });
    }
    expect(asked).toBe(0);
    expect((await change(built)).title).toBe('Your password is changed');
  });

  test('the present one, an earlier one and one’s own name are refused with a sentence', async () => {
    const built = await build({ people: [{ ...amina, displayName: 'Amina Haddad-Benali' }] });
    for (const password of [PASSWORD, 'amina haddad-benali 1']) {
      const client = await change(built, { password, again: password });
      expect(client.status).toBe(422);
      expect(client.text()).toContain('Nothing is lost');
    }
    expect((await change(built)).title).toBe('Your password is changed');
    const back = await change(built, { current: NEW, password: NEW, again: NEW });
    expect(back.status).toBe(422);
  });

  test('after four wrong ones there is a wait, which the right one does not shorten', async () => {
    const built = await build({ people: [amina] });
    for (let n = 0; n < 4; n += 1) await change(built, { current: 'not the one it is now' });
    const client = await change(built);
    expect(client.status).toBe(429);
    expect(client.last.headers['retry-after']).toBe('900');
    built.clock.advance(15 * 60_000);
    expect((await change(built)).title).toBe('Your password is changed');
  });

  test('password managers find the page', async () => {
    const built = await build();
    const answer = await built.server.inject('/.well-known/change-password');
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/change']);
    const none = '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200';
    expect((await built.server.inject(none)).statusCode).toBe(404);
  });
});
