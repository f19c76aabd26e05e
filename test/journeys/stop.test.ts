/** "It wasn't me": in every notice, once, by a button; then nobody recovers the account until somebody has looked into it. */
import { describe, expect, test } from 'vitest';
import * as incidents from '../../src/storage/repositories/incidents.ts';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { byApp, byEmail, choose, identify, passGates, setPassword, signIn, subjectsTo } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };

const stopToken = async (built: Built): Promise<string> => {
  const mail = (await built.mails()).findLast(({ text }) => text.includes('/stop#'));
  return /\/stop#([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? '';
};
const press = async (client: Client, token: string) => {
  await client.get('/stop');
  return client.submit('/stop', { token });
};
const afterReset = async (env: Record<string, string> = {}) => {
  const built = await build({ people: [amina], env });
  await setPassword(await passGates(built, built.client(), 'amina'));
  return { built, token: await stopToken(built) };
};

describe('the stop button', () => {
  test('freezes recovery, ends sessions and journeys, opens an incident, tells the person and the operators', async () => {
    const { built, token } = await afterReset({ SPAREKEY_ORGANISATION_ALERTS: 'security@northfield.example' });
    built.clock.advance(60_000);
    const thief = await signIn(built.client(), 'amina', 'a lantern over the harbour');
    await byApp(built, thief);
    const other = await identify(built.client(), 'amina');
    await byEmail(built, other, 'amina@private.example');
    const client = await press(built.client(), token);
    expect(client.title).toBe('Stopped');
    expect((await thief.get('/safety')).title).toBe('Sign in');
    expect((await other.get('/recover')).title).not.toBe('One more check');
    expect(await subjectsTo(built, 'amina@private.example')).toContain('recovery of your account was stopped');
    expect(await subjectsTo(built, 'security@northfield.example')).toEqual(['something to look into']);
    const open = await incidents.list(built.storage.db, { open: true, limit: 10 });
    expect(open).toMatchObject([{ kind: 'not-me' }]);
    expect((await built.audit.verify(built.storage.db)).faults).toEqual([]);
  });

  test('afterwards a recovery ends behind the first gate with a sentence, and a stranger sees no difference', async () => {
    const { built, token } = await afterReset();
    await press(built.client(), token);
    built.clock.advance(60_000);
    const client = await identify(built.client(), 'amina');
    expect(client.title).toBe('How can we check that it’s you?');
    await byApp(built, client);
    expect(client.title).toBe('Recovery is stopped for this account');
    const unlock = await built.client().get('/unlock');
    await unlock.submit('/unlock', { identifier: 'amina' });
    built.clock.advance(30_000);
    await choose(unlock, 'totp');
    expect(unlock.title).toBe('Type the code from your app');
  });

  test('a GET changes nothing, with or without the value', async () => {
    const { built, token } = await afterReset();
    for (const path of ['/stop', `/stop?token=${token}`]) await built.client().get(path);
    expect((await built.audited()).map(({ event }) => event)).not.toContain('recovery.frozen');
  });

  test('works once under 50 parallel presses, and a used or made-up value does nothing more', async () => {
    const { built, token } = await afterReset();
    const clients = await Promise.all(Array.from({ length: 50 }, () => built.client().get('/stop')));
    await Promise.all(clients.map((client) => client.submit('/stop', { token })));
    expect((await built.audited()).filter(({ event }) => event === 'recovery.frozen')).toHaveLength(1);
    expect(await incidents.list(built.storage.db, { limit: 10 })).toHaveLength(1);
    const wrong = await press(built.client(), `${token.slice(0, -1)}x`);
    expect(wrong.status).toBe(410);
    expect(wrong.title).toBe('This link no longer works');
  });

  test('the whole link can be pasted, and it works for seven days', async () => {
    const first = await afterReset();
    first.built.clock.advance(7 * 86_400_000 - 120_000);
    expect((await press(first.built.client(), `https://reset.example.test/stop#${first.token}`)).title).toBe('Stopped');
    const second = await afterReset();
    second.built.clock.advance(7 * 86_400_000 + 1);
    expect((await press(second.built.client(), second.token)).status).toBe(410);
  });

  test('the value is kept only as a hash, and nothing of it is in log or audit', async () => {
    const { built, token } = await afterReset();
    await press(built.client(), token);
    const rows = await built.storage.db.selectFrom('tickets').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(built.log.join('')).not.toContain(token);
    expect(JSON.stringify(await built.audited())).not.toContain(token);
  });

  test('the password itself is left alone', async () => {
    const { built, token } = await afterReset();
    await press(built.client(), token);
    expect(await built.bind('amina', 'a lantern over the harbour')).toBe('correct');
    expect(await built.bind('amina', PASSWORD)).toBe('wrong');
  });
});
