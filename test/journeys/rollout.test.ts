/** The roll-out as people meet it: phases, the way over the organisation's own sign-in page, reminders and their end. */
import { describe, expect, test } from 'vitest';
import { accountId } from '../../src/kernel/account.ts';
import { optOutToken } from '../../src/rollout/opt-out.ts';
import { createPreRegistrations } from '../../src/storage/repositories/pre-registrations.ts';
import { build, SEED } from '../kit/build.ts';
import { byApp, byEmail, identify, signIn } from '../kit/steps.ts';

const phases = (...all: object[]) => ({ SPAREKEY_ROLLOUT_PHASES: JSON.stringify(all) });
const PILOT = phases({ name: 'Pilot', groups: ['pilot'], opens: '2026-11-01' });
const READY = { addresses: ['x@private.example'], seed: SEED };
const BACK = 'https://login.northfield.example/app?state=7';
const RETURN = { SPAREKEY_ROLLOUT_RETURN_TO: 'https://login.northfield.example/' };

describe('phases', () => {
  test('whoever is in no open phase is told so and can’t add a way', async () => {
    const built = await build({ people: [{ username: 'dora' }], env: PILOT });
    const client = await signIn(built.client(), 'dora');
    expect(client.text()).toContain('Not open for you yet');
    for (const path of ['/ways/add', '/ways/add/email']) {
      await client.get(path);
      expect(client.status, path).toBe(403);
      expect(client.text()).toContain('Not open for you yet');
    }
  });

  test('a member of an open phase enrols, and a phase opens by itself at midnight over there', async () => {
    const built = await build({
      people: [{ username: 'pia', groups: ['pilot'] }, { username: 'dora' }],
      env: {
        ...phases(
          { name: 'Pilot', groups: ['pilot'], opens: '2026-11-01' },
          { name: 'All', groups: [], opens: '2026-11-24' },
        ),
        SPAREKEY_ORGANISATION_TIME_ZONE: 'Asia/Tokyo',
      },
    });
    const pia = await signIn(built.client(), 'pia');
    expect((await pia.get('/ways/add/email')).status).toBe(200);
    const dora = await signIn(built.client(), 'dora');
    // It is 2026-11-23 18:00 in Tokyo.
    expect((await dora.get('/ways/add/email')).status).toBe(403);
    built.clock.advance(6 * 3_600_000);
    const later = await signIn(built.client(), 'dora');
    expect((await later.get('/ways/add/email')).status).toBe(200);
  });

  test('recovery of somebody who is not eligible ends behind the gates, where strangers never get', async () => {
    const people = [{ username: 'dora', ...READY, addresses: ['dora@private.example'] }];
    const built = await build({ people, env: PILOT });
    const [known, unknown] = [built.client(), built.client()];
    await identify(known, 'dora');
    await identify(unknown, 'nobody');
    expect(known.text()).toBe(unknown.text());
    await byEmail(built, known, 'dora@private.example');
    expect(known.text()).toContain('Not open for you yet');
    expect((await built.audited()).map(({ reason }) => reason)).toContain(
      'No phase of the roll-out is open for this account.',
    );
  });

  test('whoever works in the console is never shut out', async () => {
    const roles = JSON.stringify([{ name: 'IT', groups: ['operators'], role: 'operator' }]);
    const built = await build({
      people: [{ username: 'olga', groups: ['operators'] }],
      env: { ...PILOT, SPAREKEY_CONSOLE_ROLES: roles },
    });
    const client = await signIn(built.client(), 'olga');
    expect((await client.get('/ways/add/email')).status).toBe(200);
  });
});

describe('the way over the organisation’s sign-in page', () => {
  const begin = async (people: Parameters<typeof build>[0] = {}) => {
    const built = await build({ people: [{ username: 'dora' }], env: RETURN, ...people });
    return { built, client: built.client() };
  };
  const enrol = `/enrol?return=${encodeURIComponent(BACK)}`;

  test('leads whoever has not enrolled to enrol, then back', async () => {
    const { built, client } = await begin();
    await client.get(enrol);
    expect(client.path).toBe('/sign-in');
    await client.submit('/sign-in', { username: 'dora', password: 'seven quiet herons' });
    expect(client.path).toBe('/enrol');
    expect(client.text()).toContain('One thing before you go on');
    expect(client.html).not.toContain(BACK.replace('&', '&amp;'));
    await client.get('/ways/add/email');
    await client.submit('/ways/add/email', { address: 'd@private.example' });
    await client.submit('/ways/add/email/confirm', { code: await built.codeFor('d@private.example') });
    expect(client.path).toBe('/enrol');
    await client.get('/ways/add/recovery-code');
    await client.submit('/ways/add/recovery-code/confirm', { saved: 'yes' });
    expect(client.text()).toContain('You are ready');
    expect(client.html).toContain(`href="${BACK}"`);
    await client.get('/safety?done=added');
    expect(client.path).toBe('/safety?done=added');
  });

  test('sends whoever is ready straight back', async () => {
    const people = [{ username: 'dora', ...READY }];
    const built = await build({ people, env: RETURN });
    const client = await signIn(built.client(), 'dora');
    await byApp(built, client);
    await client.get(enrol).catch(() => undefined);
    const answer = client.trace.find(({ headers }) => headers.location === BACK);
    expect(answer?.statusCode).toBe(303);
  });

  test('never leads anywhere else', async () => {
    const { client } = await begin();
    await client.get(`/enrol?return=${encodeURIComponent('https://evil.example/')}`);
    expect(client.cookies.has('__Host-sspr_back')).toBe(false);
    await client.submit('/sign-in', { username: 'dora', password: 'seven quiet herons' });
    expect(client.path).toBe('/safety');
    for (const path of ['/enrol?return=1&return=2', '/enrol?return[]=x', '/enrol?return=%00']) {
      await client.get(path);
      expect(client.status).toBe(200);
      expect(client.html).not.toContain('evil');
    }
  });

  test('coming from another site, it looks again with its own cookies', async () => {
    const { client } = await begin();
    await client.get(enrol, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' });
    expect(client.last.headers['refresh']).toBe('0; url=/enrol');
    await client.get('/enrol', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' });
    expect(client.path).toBe('/sign-in');
  });
});

describe('what is known beforehand', () => {
  test('is suggested while somebody enrols, and opens nothing', async () => {
    const built = await build({ people: [{ username: 'dora' }] });
    const id = accountId('builtin', 'dora');
    const known = createPreRegistrations(built.keyring);
    const one = { accountId: id, kind: 'email' as const, value: 'dora@home.example', source: 'csv' };
    await known.put(built.storage.db, one, built.clock.now());
    const stored = await built.storage.db.selectFrom('pre_registrations').selectAll().executeTakeFirstOrThrow();
    expect(stored.data).not.toContain('home.example');
    const client = await signIn(built.client(), 'dora');
    await client.get('/ways/add/email');
    expect(client.html).toContain('value="dora@home.example"');
    const stranger = built.client();
    await identify(stranger, 'dora');
    await stranger.submit('/recover/method', { method: 'email' });
    expect((await built.mails()).filter(({ to }) => to === 'dora@home.example')).toEqual([]);
  });
});

describe('"No more reminders"', () => {
  test('answers everybody alike, and counts for the right value only', async () => {
    const built = await build({ people: [{ username: 'dora' }] });
    const id = accountId('builtin', 'dora');
    const pages: string[] = [];
    for (const token of [optOutToken(built.keyring, id), `${id}${'x'.repeat(43)}`, 'x', '']) {
      const client = built.client();
      await client.get('/reminders/stop');
      expect((await built.storage.db.selectFrom('reminder_opt_outs').selectAll().execute()).length).toBe(
        pages.length === 0 ? 0 : 1,
      );
      await client.submit('/reminders/stop', { token: `https://reset.example.test/reminders/stop#${token}` });
      pages.push(client.text());
    }
    expect(new Set(pages).size).toBe(1);
    expect((await built.audited()).filter(({ event }) => event === 'rollout.opted-out')).toHaveLength(1);
  });
});
