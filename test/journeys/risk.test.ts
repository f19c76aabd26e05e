/** Risk through the portal: an extra gate, a wait that everybody is told of, a stop that somebody looks into. */
import { describe, expect, test } from 'vitest';
import * as incidents from '../../src/storage/repositories/incidents.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import { byApp, byEmail, bySheet, identify, passGates, setPassword, signIn, subjectsTo } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED, sheet: true };
const HOUR = 3_600_000;

/** Sign-ins at the usual hour, from the usual place with the usual browser. */
const habits = async (built: Built, times = 6) => {
  const client = built.client();
  for (let n = 0; n < times; n += 1) {
    await byApp(built, await signIn(client, 'amina'));
    await client.submit('/sign-out');
    built.clock.advance(24 * HOUR);
  }
  return client;
};

describe('risk', () => {
  test('from the usual place nothing is asked for, and nothing is in the audit', async () => {
    const built = await build({ people: [amina] });
    const client = await habits(built);
    await passGates(built, client, 'amina');
    expect(client.title).toBe('Choose a new password');
    expect((await built.audited()).map(({ event }) => event)).not.toContain('risk.assessed');
  });

  test('a new device in a new network at an unusual hour brings one more gate, with the reason in the audit', async () => {
    const built = await build({ people: [amina] });
    await habits(built);
    built.clock.advance(12 * HOUR);
    const client = await identify(built.client({ ip: '203.0.113.9' }), 'amina');
    await byEmail(built, client, 'amina@private.example');
    await byApp(built, client);
    expect(client.title).toBe('One more check');
    await bySheet(client, built.sheets.get('amina')?.[0] ?? '');
    expect(client.title).toBe('Choose a new password');
    const assessed = (await built.audited()).find(({ event }) => event === 'risk.assessed');
    expect(assessed?.reason).toBe(
      'Unusual: a new device, a new network, an unusual hour (3 points), so one more gate is asked for.',
    );
  });

  test('whoever has no third way waits instead, everybody is told, and nobody can hurry', async () => {
    const built = await build({ people: [{ ...amina, sheet: false }] });
    await habits(built);
    built.clock.advance(12 * HOUR);
    const client = await passGates(built, built.client({ ip: '203.0.113.9' }), 'amina');
    expect(client.title).toBe('A little patience');
    expect(await subjectsTo(built, 'amina@private.example')).toContain('somebody is about to recover your account');
    await client.submit('/recover/waited');
    expect(client.title).toBe('A little patience');
    const { fields } = client.form('/recover/waited');
    await client.post('/recover/password', {
      ...fields,
      password: 'a lantern over the harbour',
      again: 'a lantern over the harbour',
    });
    expect(await built.bind('amina', 'a lantern over the harbour')).not.toBe('correct');
    built.clock.advance(31 * 60_000);
    await client.get('/recover');
    expect(client.title).toBe('You can go on now');
    await client.submit('/recover/waited');
    await setPassword(client);
    expect(await built.bind('amina', 'a lantern over the harbour')).toBe('correct');
  });

  test('the wait can be stopped from the notice', async () => {
    const built = await build({ people: [{ ...amina, sheet: false }] });
    await habits(built);
    built.clock.advance(12 * HOUR);
    const client = await passGates(built, built.client({ ip: '203.0.113.9' }), 'amina');
    const mail = (await built.mails()).findLast(({ subject }) => subject.includes('about to recover'));
    const token = /\/stop#([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? '';
    const owner = await built.client().get('/stop');
    await owner.submit('/stop', { token });
    built.clock.advance(31 * 60_000);
    await client.get('/recover');
    expect(client.text()).not.toContain('go on now');
  });

  test('very many names from one source stop the attempt behind its first gate and open an incident', async () => {
    const env = { SPAREKEY_LIMITS_STARTS_PER_IP_PER_HOUR: '1000', SPAREKEY_POLICY_RISK_NAMES_FROM_SOURCE: '2' };
    const built = await build({ people: [amina], env });
    for (let n = 0; n < 7; n += 1) await identify(built.client(), `nobody${n}`);
    const client = await identify(built.client(), 'amina');
    expect(client.title).toBe('How can we check that it’s you?');
    await byEmail(built, client, 'amina@private.example');
    expect(client.title).toBe('We’d rather have a person look at this');
    expect(await incidents.list(built.storage.db, { limit: 5 })).toMatchObject([{ kind: 'risk' }]);
  });

  test('a practice run and a second factor are not held up', async () => {
    const built = await build({ people: [amina] });
    await habits(built);
    built.clock.advance(12 * HOUR);
    const client = await byApp(built, await signIn(built.client({ ip: '203.0.113.9' }), 'amina'));
    expect(client.title).toBe('How safe am I?');
  });

  test('what is kept of device and network can’t be read back', async () => {
    const built = await build({ people: [amina] });
    const client = await habits(built, 1);
    const rows = JSON.stringify(await built.storage.db.selectFrom('sightings').selectAll().execute());
    const device = [...client.cookies].find(([name]) => name.endsWith('sspr_device'))?.[1] ?? '';
    expect(device).toHaveLength(43);
    expect(rows).not.toContain(device);
    expect(rows).not.toContain('192.0.2.10');
  });

  test('can be switched off', async () => {
    const built = await build({ people: [{ ...amina, sheet: false }], env: { SPAREKEY_POLICY_RISK_ENABLED: 'false' } });
    await habits(built);
    built.clock.advance(12 * HOUR);
    const client = await passGates(built, built.client({ ip: '203.0.113.9' }), 'amina');
    expect(client.title).toBe('Choose a new password');
  });
});
