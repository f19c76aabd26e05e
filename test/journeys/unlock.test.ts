/** Unlock only: the same gates, no new password. */
import { describe, expect, test } from 'vitest';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { byApp, byEmail, choose, subjectsTo } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };

const lock = async (built: Built, username = 'amina') => {
  const lockUntil = built.clock.now() + 3_600_000;
  await accounts.recordFailedBind(built.storage.db, username, { threshold: 1, lockUntil });
};
const ask = async (client: Client, identifier: string) => {
  await client.get('/unlock');
  return client.submit('/unlock', { identifier });
};
const through = async (built: Built, client: Client) => {
  await ask(client, 'amina');
  await byEmail(built, client, 'amina@private.example');
  return byApp(built, client);
};

describe('unlock', () => {
  test('after the same gates one button opens the account; the password stays, everybody is told', async () => {
    const built = await build({ people: [amina] });
    await lock(built);
    expect(await built.bind('amina', PASSWORD)).toBe('refused');
    const client = await through(built, built.client());
    expect(client.title).toBe('That was all we need');
    expect(await built.bind('amina', PASSWORD)).toBe('refused');
    await client.submit('/recover/unlock');
    expect(client.text()).toContain('Your account works again, with the password you have.');
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
    expect(await subjectsTo(built, 'amina@private.example')).toEqual([
      'your code to get back in',
      'your account was unlocked',
    ]);
    const events = (await built.audited()).map(({ event }) => event);
    expect(events).toEqual([
      'unlock.started',
      'unlock.challenged',
      'unlock.verified',
      'unlock.challenged',
      'unlock.verified',
      'unlock.completed',
    ]);
  });

  test('says after the first gate, and not before, that there is nothing to unlock', async () => {
    const built = await build({ people: [amina] });
    const client = await ask(built.client(), 'amina');
    expect(client.title).toBe('How can we check that it’s you?');
    await byEmail(built, client, 'amina@private.example');
    expect(client.title).toBe('Your account is not locked');
  });

  test('the button works for nobody who has not passed the gates', async () => {
    const built = await build({ people: [amina] });
    await lock(built);
    const client = await ask(built.client(), 'amina');
    const { fields } = client.form('/recover/method');
    await client.post('/recover/unlock', fields);
    expect(await built.bind('amina', PASSWORD)).toBe('refused');
    await byEmail(built, await ask(built.client(), 'amina'), 'amina@private.example');
    await client.post('/recover/password', {
      ...fields,
      password: 'a lantern over the harbour',
      again: 'a lantern over the harbour',
    });
    expect(await built.bind('amina', PASSWORD)).toBe('refused');
  });

  test('no password can be set in the place of an unlock', async () => {
    const built = await build({ people: [amina] });
    await lock(built);
    const client = await through(built, built.client());
    const { fields } = client.form('/recover/unlock');
    await client.post('/recover/password', {
      ...fields,
      password: 'a lantern over the harbour',
      again: 'a lantern over the harbour',
    });
    expect(await built.bind('amina', 'a lantern over the harbour')).not.toBe('correct');
  });

  test('known, unknown and unlocked names read alike', async () => {
    const built = await build({ people: [amina, { ...amina, username: 'berta', addresses: ['b@private.example'] }] });
    await lock(built);
    const pages = [];
    for (const name of ['amina', 'berta', 'nobody']) {
      const client = await ask(built.client(), name);
      await choose(client, 'email');
      pages.push(client.text());
    }
    expect(new Set(pages).size).toBe(1);
  });
});
