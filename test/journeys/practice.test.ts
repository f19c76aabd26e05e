/** The practice run: the real gates, and nothing changes. */
import { describe, expect, test } from 'vitest';
import { build, PASSWORD, SEED } from '../kit/build.ts';
import { answer, appCode, byApp, byEmail, NEW, setPassword, signIn, subjectsTo, wrongAppCode } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };
const ADDRESS = 'amina@private.example';

const practising = async (person: object = {}) => {
  const built = await build({ people: [{ ...amina, ...person }] });
  const client = await signIn(built.client(), 'amina');
  await byApp(built, client);
  built.clock.advance(30_000);
  await client.submit('/practice');
  return { built, client };
};

describe('a practice run', () => {
  test('goes through the real gates, never reaches a password and tells nobody', async () => {
    const { built, client } = await practising();
    expect(client.text().toLowerCase()).toContain('practice');
    await byEmail(built, client, ADDRESS);
    await byApp(built, client);
    expect(client.title).toBe('Practice run finished');
    expect(client.text()).toContain('Nothing was changed');
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
    built.clock.advance(60 * 60_000);
    expect(await subjectsTo(built, ADDRESS)).toEqual(['your code to get back in']);
    const events = (await built.audited()).map(({ event }) => event);
    expect(events).toContain('practice.completed');
    expect(events.filter((event) => event.startsWith('recovery.'))).toEqual([]);
  });

  test('its cookie sets no password, in any state', async () => {
    const { built, client } = await practising();
    const form = async () => client.form('/recover/cancel').fields;
    await client.post('/recover/password', { ...(await form()), password: NEW, again: NEW });
    await client.get('/recover');
    await byEmail(built, client, ADDRESS);
    await client.post('/recover/password', { ...(await form()), password: NEW, again: NEW });
    await client.get('/recover');
    const last = await form();
    await byApp(built, client);
    await client.post('/recover/password', { ...last, password: NEW, again: NEW });
    expect(await built.bind('amina', NEW)).toBe('wrong');
    await expect(setPassword(client)).rejects.toThrow('No form');
  });

  test('counts wrong answers like the real thing', async () => {
    const { built, client } = await practising();
    await client.submit('/recover/method', { method: 'totp' });
    await answer(client, wrongAppCode(built));
    expect(client.text()).toContain('4 tries');
    await answer(client, appCode(built));
    expect(client.choices('method')).toEqual(['email']);
  });

  test('its mail has a code but no link', async () => {
    const { built, client } = await practising();
    await client.submit('/recover/method', { method: 'email' });
    expect((await built.mails()).at(-1)?.text).not.toContain('/recover/link');
    expect(client.title).toContain('code');
  });

  test.each([
    ['protected', { groups: ['administrators'] }, 'A person has to do this'],
    ['not allowed to change the password', { cannotChange: true }, 'This password is set by somebody else'],
  ])('of an account that is %s says so, because a recovery would, too', async (_what, person, title) => {
    const { built, client } = await practising(person);
    await byEmail(built, client, ADDRESS);
    expect(client.title).toBe(title);
  });

  test('needs a session', async () => {
    const built = await build({ people: [amina] });
    const client = await built.client().get('/');
    await client.post('/practice', { _csrf: client.forms()[0]?.fields['_csrf'] ?? '' });
    expect(client.title).toBe('Sign in');
  });
});
