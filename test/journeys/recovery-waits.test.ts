/** Asking again, going another way, giving up, and running out of time. */
import { describe, expect, test } from 'vitest';
import { createAttemptHandler } from '../../src/flow/journey/attempt.ts';
import { build, SEED } from '../kit/build.ts';
import {
  answer,
  byApp,
  byEmail,
  choose,
  identify,
  NEW,
  passGates,
  setPassword,
  subjectsTo,
  wrongMailCode,
} from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };
const ADDRESS = 'amina@private.example';
const MINUTE = 60_000;
const begin = async () => {
  const built = await build({ people: [amina] });
  return { built, client: await identify(built.client(), 'amina') };
};

describe('a new code', () => {
  test('is sent after a minute, three times per journey, and voids the one before', async () => {
    const { built, client } = await begin();
    await choose(client, 'email');
    const codes = [await built.codeFor(ADDRESS)];
    for (let n = 0; n < 3; n += 1) {
      built.clock.advance(MINUTE);
      await client.get('/recover');
      await client.submit('/recover/resend');
      codes.push(await built.codeFor(ADDRESS));
    }
    expect(new Set(codes).size).toBe(4);
    expect(client.forms().map(({ action }) => action)).not.toContain('/recover/resend');
    const step = client.form('/recover/answer').fields;
    built.clock.advance(MINUTE);
    await client.post('/recover/resend', step);
    expect((await built.mails()).length).toBe(4);
    for (const old of codes.slice(0, 3)) {
      await answer(client, old);
      expect(client.text()).toContain('doesn’t match');
    }
    await answer(client, codes[3] as string);
    expect(client.choices('method')).toEqual(['totp']);
  });

  test('is not sent before the minute is over, and the code that was sent still works', async () => {
    const { built, client } = await begin();
    await choose(client, 'email');
    built.clock.advance(MINUTE - 1);
    await client.get('/recover');
    await client.submit('/recover/resend');
    expect((await built.mails()).length).toBe(1);
    expect(client.text()).toContain('Please wait');
    await answer(client, await built.codeFor(ADDRESS));
    expect(client.choices('method')).toEqual(['totp']);
  });

  test('is not to be had faster or more often by going another way and back', async () => {
    const { built, client } = await begin();
    await choose(client, 'email');
    await client.submit('/recover/another');
    await choose(client, 'email');
    expect((await built.mails()).length).toBe(1);
    expect(client.text()).toContain('Please wait');
    for (let n = 0; n < 6; n += 1) {
      built.clock.advance(MINUTE);
      await client.get('/recover');
      await choose(client, 'email');
      if (client.forms().some(({ action }) => action === '/recover/another')) await client.submit('/recover/another');
    }
    expect((await built.mails()).length).toBe(4);
  });

  test('does not give back the failures that were counted', async () => {
    const built = await build({ people: [amina], env: { SPAREKEY_LIMITS_LADDER_FREE_TRIES: '6' } });
    const client = await identify(built.client(), 'amina');
    await choose(client, 'email');
    for (let n = 0; n < 4; n += 1) await answer(client, wrongMailCode(await built.codeFor(ADDRESS)));
    built.clock.advance(MINUTE);
    await client.get('/recover');
    await client.submit('/recover/resend');
    for (let n = 0; n < 2; n += 1) await answer(client, wrongMailCode(await built.codeFor(ADDRESS)));
    await answer(client, await built.codeFor(ADDRESS));
    expect(client.text()).toContain('Please wait 30 seconds');
    built.clock.advance(30_000);
    await answer(client, await built.codeFor(ADDRESS));
    expect(client.choices('method')).toEqual(['totp']);
  });
});

describe('going elsewhere', () => {
  test('another way voids the code under way', async () => {
    const { built, client } = await begin();
    await choose(client, 'email');
    const code = await built.codeFor(ADDRESS);
    const form = client.form('/recover/answer').fields;
    await client.submit('/recover/another');
    expect(client.choices('method')).toEqual(['email', 'totp', 'recovery-code']);
    await client.post('/recover/answer', { ...form, code });
    expect(client.choices('method')).toEqual(['email', 'totp', 'recovery-code']);
    await byApp(built, client);
    expect(client.choices('method')).toEqual(['email']);
  });

  test('giving up ends the journey; its codes and forms are worth nothing', async () => {
    const { built, client } = await begin();
    await choose(client, 'email');
    const code = await built.codeFor(ADDRESS);
    const form = client.form('/recover/answer').fields;
    await client.submit('/recover/cancel');
    expect(client.title).toBe('Stopped');
    await client.post('/recover/answer', { ...form, code });
    expect(client.title).toBe('That took a little too long');
    expect((await built.audited()).map(({ event }) => event)).toContain('recovery.cancelled');
  });
});

describe('time', () => {
  test('ten minutes without a step end a journey', async () => {
    const { built, client } = await begin();
    built.clock.advance(10 * MINUTE);
    await client.get('/recover');
    expect(client.choices('method')).toHaveLength(3);
    built.clock.advance(1);
    await client.get('/recover');
    expect(client.title).toBe('That took a little too long');
  });

  test('thirty minutes end it whatever happens', async () => {
    const { built, client } = await begin();
    for (let n = 0; n < 5; n += 1) {
      built.clock.advance(6 * MINUTE);
      await choose(await client.get('/recover'), 'totp');
      await client.submit('/recover/another');
    }
    expect(client.choices('method')).toHaveLength(3);
    built.clock.advance(1);
    await client.get('/recover');
    expect(client.title).toBe('That took a little too long');
  });

  test('an answer that comes too late changes nothing', async () => {
    const { built, client } = await begin();
    await choose(client, 'email');
    const code = await built.codeFor(ADDRESS);
    built.clock.advance(10 * MINUTE + 1);
    await answer(client, code);
    expect(client.title).toBe('That took a little too long');
  });

  test('the password must be chosen within ten minutes after the last gate', async () => {
    const { built, client } = await begin();
    await byEmail(built, client, ADDRESS);
    await byApp(built, client);
    built.clock.advance(10 * MINUTE + 1);
    await setPassword(client);
    expect(client.title).toBe('That took a little too long');
    expect(await built.bind('amina', NEW)).toBe('wrong');
  });
});

describe('what the person hears', () => {
  test('a gate that was passed and then nothing: every confirmed address is told, once', async () => {
    const built = await build({ people: [{ ...amina, addresses: [ADDRESS, 'second@private.example'] }] });
    const client = await identify(built.client(), 'amina');
    await byApp(built, client);
    built.clock.advance(29 * MINUTE);
    expect((await built.mails()).length).toBe(0);
    built.clock.advance(MINUTE + 1);
    for (const address of [ADDRESS, 'second@private.example'])
      expect(await subjectsTo(built, address)).toEqual(['somebody tried to get into your account']);
    expect((await built.mails())[0]?.text).toContain('an authenticator app');
    expect((await built.mails())[0]?.text).toContain('192.0.2.10');
    expect((await built.audited()).map(({ event }) => event)).toContain('recovery.expired');
    built.clock.advance(60 * MINUTE);
    expect((await built.mails()).length).toBe(2);
  });

  test('once also when its job runs again, as after a crash', async () => {
    const { built, client } = await begin();
    await byApp(built, client);
    built.clock.advance(30 * MINUTE + 1);
    await built.mails();
    const flow = await built.storage.db.selectFrom('flows').select('id').executeTakeFirstOrThrow();
    const again = await createAttemptHandler(built.flow)({ id: 'again', attempt: 2, payload: { flow: flow.id } });
    expect(again).toEqual({ is: 'done' });
    expect(await subjectsTo(built, ADDRESS)).toEqual(['somebody tried to get into your account']);
  });

  test('giving up after a gate does not silence it', async () => {
    const { built, client } = await begin();
    await byApp(built, client);
    await client.submit('/recover/cancel');
    built.clock.advance(30 * MINUTE + 1);
    expect(await subjectsTo(built, ADDRESS)).toEqual(['somebody tried to get into your account']);
  });

  test('nothing more when the journey ended well, and nothing when no gate was passed', async () => {
    const built = await build({ people: [amina, { username: 'ben', addresses: ['ben@private.example'] }] });
    const client = await passGates(built, built.client(), 'amina');
    await setPassword(client);
    await identify(built.client(), 'ben');
    built.clock.advance(40 * MINUTE);
    expect(await subjectsTo(built, ADDRESS)).toEqual(['your code to get back in', 'your password was reset']);
    expect(await subjectsTo(built, 'ben@private.example')).toEqual([]);
  });
});
