/** A13, A33: whether an account exists, is disabled or has anything set up shows nowhere before its first gate. */
import { describe, expect, test } from 'vitest';
import type { Built } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { startByPasskey, strangersKey, tap } from '../kit/passkeys.ts';
import { answer, choose, identify } from '../kit/steps.ts';
import { kinds, NAME, view } from './sameness.ts';

const MINUTE = 60_000;
type Script = (built: Built, client: Client) => Promise<unknown>;
const asks = (client: Client): boolean => client.forms().some(({ action }) => action === '/recover/answer');

const scripts: Record<string, { run: Script; env?: Record<string, string> }> = {
  'saying who one is, and looking around': {
    run: async (_built, client) => {
      await identify(client, NAME);
      for (const path of ['/recover', '/recover/link', '/', '/sign-in', '/safety', '/change']) await client.get(path);
    },
  },
  'every method, answered wrongly six times': {
    run: async (built, client) => {
      await identify(client, NAME);
      for (const method of ['email', 'totp', 'recovery-code']) {
        built.clock.advance(MINUTE);
        await choose(await client.get('/recover'), method);
        for (let n = 0; n < 6; n += 1) if (asks(client)) await answer(client, '0000 0000 0000 0000 0000');
      }
    },
  },
  'odd answers: nothing, letters, far too much': {
    run: async (_built, client) => {
      await identify(client, NAME);
      for (const method of ['totp', 'recovery-code']) {
        await choose(await client.get('/recover'), method);
        for (const code of ['', ' ', 'not a code', '9'.repeat(199), '9'.repeat(201)]) {
          await answer(await client.get('/recover'), code);
        }
        await client.get('/recover');
        await client.submit('/recover/another');
      }
    },
  },
  'a passkey of somebody else, six times, and once without a name': {
    run: async (_built, client) => {
      const device = strangersKey();
      await identify(client, NAME);
      await choose(client, 'passkey');
      for (let n = 0; n < 6; n += 1) if (asks(client)) await tap(client, device);
      await startByPasskey(client, device);
    },
  },
  'new codes, too early and too many': {
    run: async (built, client) => {
      await identify(client, NAME);
      await choose(client, 'email');
      for (let n = 0; n < 6; n += 1) {
        const { fields } = client.form('/recover/answer');
        await client.post('/recover/resend', fields);
        built.clock.advance(MINUTE);
        await client.get('/recover');
      }
    },
  },
  'the link with a made-up token': {
    run: async (_built, client) => {
      await identify(client, NAME);
      await choose(client, 'email');
      await client.get('/recover/link');
      await client.submit('/recover/link', { token: 'A'.repeat(43) });
    },
  },
  'going back and forth, and giving up': {
    run: async (_built, client) => {
      await identify(client, NAME);
      await choose(client, 'email');
      await client.submit('/recover/another');
      await choose(client, 'email');
      await choose(client, 'totp');
      await client.submit('/recover/cancel');
    },
  },
  'steps that are not there yet': {
    run: async (_built, client) => {
      await identify(client, NAME);
      const { fields } = client.form('/recover/method');
      await client.post('/recover/password', { ...fields, password: 'a lantern over the harbour' });
      await client.post('/recover/password/rules', { ...fields, password: 'a lantern over the harbour' });
      await client.post('/recover/answer', { ...fields, code: '12345678' });
      await client.post('/recover/method', { ...fields, method: 'sms' });
    },
  },
  'the limit of beginnings': {
    run: async (_built, client) => {
      for (let n = 0; n < 7; n += 1) await identify(client, NAME);
    },
  },
  'the limit of codes per hour': {
    run: async (built, client) => {
      for (let n = 0; n < 4; n += 1) {
        await identify(client, NAME);
        for (let sends = 0; sends < 2; sends += 1) {
          if (client.choices('method').length > 0) await choose(client, 'email');
          built.clock.advance(MINUTE);
          if (asks(client)) await client.submit('/recover/another');
        }
      }
    },
  },
  'the waits of the ladder, up to the point where a way is disabled': {
    env: { SPAREKEY_LIMITS_LADDER_FREE_TRIES: '4', SPAREKEY_LIMITS_LADDER_DISABLE_AT: '11' },
    run: async (built, client) => {
      await identify(client, NAME);
      for (let n = 0; n < 16; n += 1) {
        if (!asks(client)) await choose(client, 'totp');
        await answer(client, '000000');
        await answer(client, '000000');
        if (asks(client)) await client.submit('/recover/another');
        built.clock.advance(MINUTE);
      }
    },
  },
  'a mail sender that is down': {
    run: async (built, client) => {
      built.notifier.deliver = async () => ({ is: 'retry', cause: 'The test took it away.' });
      await identify(client, NAME);
      await choose(client, 'email');
      await built.mails();
      await client.get('/recover');
      await answer(client, '00000000');
    },
  },
  'an outbox that takes nothing': {
    run: async (built, client) => {
      built.outbox.enqueue = async () => {
        throw new Error('The test filled it up.');
      };
      await identify(client, NAME);
      await choose(client, 'email');
      await client.get('/recover');
    },
  },
  'a directory that finds people but can not be asked about them': {
    run: async (built, client) => {
      built.directory.preflight = async () => ({ is: 'unavailable', cause: 'The test took it away.' });
      await identify(client, NAME);
      await choose(client, 'email');
    },
  },
  'a directory that is away': {
    run: async (built, client) => {
      built.directory.find = async () => ({ is: 'unavailable', cause: 'The test took it away.' });
      await identify(client, NAME);
      await client.get('/recover');
    },
  },
  'wrong passwords at the sign-in and at the change, up to the wait': {
    run: async (_built, client) => {
      for (let n = 0; n < 6; n += 1) {
        await client.get('/sign-in');
        await client.submit('/sign-in', { username: NAME, password: 'not the right one at all' });
      }
      await client.get('/change');
      await client.submit('/change', {
        username: NAME,
        current: 'not the right one at all',
        password: 'a lantern over the harbour',
        again: 'a lantern over the harbour',
      });
    },
  },
};

describe.each(Object.keys(scripts))('%s', (name) => {
  test('looks the same whoever it is about', async () => {
    const { run, env } = scripts[name] as (typeof scripts)[string];
    const expected = await view('unknown', run, env);
    expect(expected.length).toBeGreaterThan(2);
    for (const kind of Object.keys(kinds).slice(1)) expect(await view(kind, run, env), kind).toEqual(expected);
  });
});
