/** The door of the console: role, second factor, fresh proof, limits in time; the first operator; what happened and what runs. */
import { describe, expect, test } from 'vitest';
import { createStaffService } from '../../src/flow/staff/service.ts';
import { accountId } from '../../src/kernel/account.ts';
import * as incidents from '../../src/storage/repositories/incidents.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { answer, appCode, byApp, choose, identify, signIn } from '../kit/steps.ts';

const MINUTE = 60_000;
const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };
const house = (people = [...STAFF_PEOPLE, amina]) => build({ people, env: STAFF });
const events = async (built: Built, event: string) => (await built.audited()).filter((one) => one.event === event);

describe('the door', () => {
  test('leads to the sign-in and back', async () => {
    const built = await house();
    const client = await built.client().get('/console/incidents');
    expect(client.title).toBe('Sign in');
    await signIn(client, 'olga');
    await byApp(built, client);
    expect(client.path).toBe('/console/incidents');
    expect(client.title).toBe('Suspicious activity');
  });

  test('is closed to whoever has no role', async () => {
    const built = await house();
    const client = await staffClient(built, 'amina');
    expect(client.status).toBe(403);
    expect(client.text()).toContain('no role');
  });

  test('is closed to a password alone, whatever the role', async () => {
    const built = await house([{ username: 'olga', groups: ['operators'] }]);
    const client = await signIn(built.client(), 'olga');
    await client.get('/console');
    expect(client.status).toBe(403);
    expect(client.text()).toContain('passkey or an authenticator app');
  });

  test('a saved code signs in to the own page, and does not open the console', async () => {
    const built = await house([{ username: 'olga', groups: ['operators'], seed: SEED, sheet: true }]);
    const client = await signIn(built.client(), 'olga');
    await choose(client, 'recovery-code');
    await answer(client, built.sheets.get('olga')?.[0] as string);
    expect(client.title).toBe('How safe am I?');
    await client.get('/console');
    expect(client.status).toBe(403);
  });

  test('shows what the role may open, and refuses and records the rest', async () => {
    const built = await house();
    const client = await staffClient(built, 'hedda');
    expect(client.title).toBe('Console');
    expect(client.text()).not.toContain('Suspicious activity');
    await client.get('/console/incidents');
    expect(client.status).toBe(403);
    expect(await events(built, 'console.refused')).toMatchObject([
      {
        actor: 'staff:hedda',
        outcome: 'refused',
        reason: 'incidents.view is not among the rights of the role Help desk.',
      },
    ]);
  });

  test('whoever leaves the group is out with the next click', async () => {
    const built = await house();
    const client = await staffClient(built, 'olga');
    expect(client.title).toBe('Console');
    await built.storage.db.updateTable('builtin_accounts').set({ groups: '[]' }).where('id', '=', 'olga').execute();
    await client.get('/console');
    expect(client.status).toBe(403);
  });

  test('is shut after 15 minutes without a click, and after eight hours in any case', async () => {
    const built = await build({
      people: [...STAFF_PEOPLE],
      env: { ...STAFF, SPAREKEY_LIFETIMES_SESSION_IDLE: '1 h', SPAREKEY_LIFETIMES_SESSION_ABSOLUTE: '12 h' },
    });
    const idle = await staffClient(built, 'olga');
    built.clock.advance(16 * MINUTE);
    await idle.get('/console');
    expect(idle.title).not.toBe('Console');
    const long = await staffClient(built, 'otto');
    for (let passed = 0; passed < 8 * 60 + 5; passed += 14) {
      built.clock.advance(14 * MINUTE);
      await long.get('/console');
    }
    expect(long.title).not.toBe('Console');
  });

  test('nonsense in the address gets a page', async () => {
    const built = await house();
    const client = await staffClient(built, 'olga');
    for (const path of [
      '/console/incidents?before=tomorrow',
      '/console/incidents?before=1&before=2',
      '/console/incidents?before=99999999999999999999',
      '/console/incidents?all[]=%00',
      '/console/incidents/../../etc',
      '/console/incidents/%27%20or%201=1',
    ]) {
      await client.get(path);
      expect(client.status, path).toBeLessThan(500);
    }
  });
});

describe('the first operator', () => {
  const invited = async (built: Built, username: string) => {
    const found = await built.directory.find(username);
    if (found.is !== 'found') throw new Error('nobody');
    return createStaffService(built.flow, built.config.console).invite(found.account, 'operator', 'operator:test');
  };

  test('comes in by a one-use link', async () => {
    const built = await build({ people: [amina, { ...amina, username: 'ben' }] });
    const { token } = await invited(built, 'amina');
    const client = await staffClient(built, 'amina');
    expect(client.status).toBe(403);
    await client.get('/console/first');
    await client.submit('/console/first', { token: `https://reset.example.test/console/first#${token}` });
    expect(client.title).toBe('Console');
    expect(await events(built, 'console.granted')).toMatchObject([
      { detail: { role: 'operator', by: 'operator:test' } },
    ]);
    await client.get('/console/first');
    await client.submit('/console/first', { token });
    expect(client.status).toBe(410);
  });

  test('is the one it was made for, and nobody else', async () => {
    const built = await build({ people: [amina, { ...amina, username: 'ben' }] });
    const { token } = await invited(built, 'amina');
    const client = await staffClient(built, 'ben');
    await client.get('/console/first');
    await client.submit('/console/first', { token });
    expect(client.status).toBe(410);
    await client.get('/console');
    expect(client.status).toBe(403);
  });

  test('not after a day, nor by an older link', async () => {
    const built = await build({ people: [amina] });
    const older = await invited(built, 'amina');
    const newer = await invited(built, 'amina');
    const client = await staffClient(built, 'amina');
    await client.get('/console/first');
    await client.submit('/console/first', { token: older.token });
    expect(client.status).toBe(410);
    built.clock.advance(25 * 60 * MINUTE);
    const later = await staffClient(built, 'amina');
    await later.get('/console/first');
    await later.submit('/console/first', { token: newer.token });
    expect(later.status).toBe(410);
  });

  test('needs a second factor', async () => {
    const built = await build({ people: [{ username: 'dmitri' }] });
    const { token } = await invited(built, 'dmitri');
    const client = await signIn(built.client(), 'dmitri');
    await client.get('/console/first');
    await client.submit('/console/first', { token });
    expect(client.status).toBe(403);
    expect(await events(built, 'console.granted')).toEqual([]);
  });
});

describe('suspicious activity', () => {
  const opened = async (built: Built) => {
    const id = accountId('builtin', 'amina');
    return built.storage.transaction((trx) =>
      incidents.open(trx, { accountId: id, kind: 'not-me', says: 'Somebody pressed the button.' }, built.clock.now()),
    );
  };
  const act = async (
    client: Awaited<ReturnType<typeof staffClient>>,
    id: string,
    name: string,
    note = 'Called her.',
  ) => {
    await client.get(`/console/incidents/${id}`);
    return client.submit(`/console/incidents/${id}/act`, { act: name, note });
  };

  test('is listed, and every act says why', async () => {
    const built = await house();
    const id = await opened(built);
    const client = await staffClient(built, 'olga');
    await client.get('/console/incidents');
    expect(client.text()).toContain('Somebody pressed the button.');
    await act(client, id, 'freeze', ' ');
    expect(client.status).toBe(422);
    await act(client, id, 'freeze');
    expect(client.text()).toContain('Done.');
    expect(await events(built, 'recovery.frozen')).toMatchObject([{ actor: 'staff:olga', reason: 'Called her.' }]);
    expect((await built.mails()).filter(({ to }) => to === 'amina@private.example')).toHaveLength(1);
    await act(client, id, 'close');
    await client.get('/console/incidents');
    expect(client.text()).toContain('Nothing to look at.');
  });

  test('an account that is watched passes one more gate', async () => {
    const built = await house([...STAFF_PEOPLE, { ...amina, sheet: true }]);
    const id = await opened(built);
    const client = await staffClient(built, 'olga');
    await act(client, id, 'watch');
    const person = await identify(built.client(), 'amina');
    await choose(person, 'email');
    await answer(person, await built.codeFor('amina@private.example'));
    built.clock.advance(MINUTE);
    await choose(person, 'totp');
    await answer(person, appCode(built));
    expect(person.choices('method')).toEqual(['recovery-code']);
  });

  test('an act asks for a fresh proof', async () => {
    const built = await house();
    const id = await opened(built);
    const client = await staffClient(built, 'olga');
    built.clock.advance(10 * MINUTE);
    await act(client, id, 'freeze');
    expect(client.path).toBe('/sign-in?confirm=1');
    expect(await events(built, 'recovery.frozen')).toEqual([]);
  });

  test('who may only look sees no button, and may not press it', async () => {
    const built = await house();
    const id = await opened(built);
    const client = await staffClient(built, 'axel');
    await client.get(`/console/incidents/${id}`);
    expect(client.text()).toContain('Somebody pressed the button.');
    expect(client.html).not.toContain('/act"');
  });
});

describe('senders and systems', () => {
  test('each sender is tried, and a test mail goes to whoever asks for it', async () => {
    const built = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/systems');
    await client.submit('/console/systems/check');
    expect(client.status).toBe(200);
    await client.get('/console/systems');
    await client.submit('/console/systems/test');
    expect(client.text()).toContain('The mail was taken by the sender');
    const mails = await built.mails();
    expect(mails.find(({ to }) => to === 'olga@northfield.example')?.subject).toBe('Northfield College: Test mail');
  });

  test('what was given up is listed with its reason', async () => {
    const built = await house();
    await built.storage.transaction((trx) =>
      built.outbox.enqueue(trx, {
        kind: 'mail',
        payload: { to: 'nobody@northfield.example', template: 'no-such-template', language: 'en', values: {} },
        expiresAt: built.clock.now() + MINUTE,
      }),
    );
    built.outbox.nudge();
    await built.outbox.idle();
    const client = await staffClient(built, 'olga');
    await client.get('/console/systems');
    expect(client.text()).toContain('1 were given up');
  });
});
