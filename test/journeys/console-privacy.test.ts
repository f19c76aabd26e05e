/** Privacy in the console: classes and times, one person's data given out and erased, leaving the directory, scope and second person. */
import { describe, expect, test } from 'vitest';
import { accountId } from '../../src/kernel/account.ts';
import { privacyOf } from '../../src/privacy-keeping.ts';
import { openReadiness } from '../../src/readiness.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import * as incidents from '../../src/storage/repositories/incidents.ts';
import { upkeep } from '../../src/upkeep.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { byApp, identify, passGates, setPassword, signIn } from '../kit/steps.ts';

const DAY = 86_400_000;
const ADDRESS = 'amina@private.example';
const amina = { username: 'amina', addresses: [ADDRESS], seed: SEED, sheet: true };
const root = { username: 'root', addresses: ['root@private.example'], seed: SEED, groups: ['admins'] };
const ID = accountId('builtin', 'amina');

const house = (env: Record<string, string> = {}) =>
  build({
    people: [...STAFF_PEOPLE, amina, root, { username: 'ben', addresses: ['ben@private.example'], seed: SEED }],
    env: { ...STAFF, SPAREKEY_POLICY_PRIVILEGED_GROUPS: 'admins', ...env },
  });
const events = async (built: Built, event: string) => (await built.audited()).filter((one) => one.event === event);

async function found(built: Built, who = 'amina'): Promise<Client> {
  const client = await staffClient(built, 'olga');
  return client.get(`/console/privacy?who=${who}`);
}
const erase = (client: Client, typed: Record<string, string>) => client.submit('/console/privacy/erase', typed);

/** Recovers, is seen, has an incident: something in nearly every class. */
async function lives(built: Built): Promise<void> {
  await setPassword(await passGates(built, built.client(), 'amina'));
  await incidents.open(built.storage.db, { accountId: ID, kind: 'risk', says: 'Unusual.' }, built.clock.now());
}

describe('the page', () => {
  test('says of every class how long it is kept and how much went lately', async () => {
    const built = await house({ SPAREKEY_PRIVACY_KEEP_CALLS: '14 d', SPAREKEY_AUDIT_KEEP: '400 d' });
    await identify(built.client(), 'amina');
    built.clock.advance(5 * DAY);
    await upkeep(built.flow, built.config.privacy.keep);
    const client = await staffClient(built, 'olga');
    await client.get('/console/privacy');
    for (const words of ['14 days', '400 days', '365 days', 'while in the directory; after leaving: 30 days'])
      expect(client.text()).toContain(words);
    expect(client.text()).toMatch(/Journeys.*2 days\s*1\b/s);
  });

  test('is closed to whoever lacks the right', async () => {
    const built = await house();
    const client = await staffClient(built, 'axel');
    await client.get('/console/privacy');
    expect(client.status).toBe(403);
  });

  test('whatever is typed into the address is no fault of the server', async () => {
    const built = await house();
    const client = await staffClient(built, 'olga');
    for (const query of ['who=%00', 'who=a&who=b', `who=${'x'.repeat(5_000)}`, 'who=%F0%9F%A6%86', 'who[]=a'])
      expect((await client.get(`/console/privacy?${query}`)).status, query).toBeLessThan(500);
    await client.get('/console/privacy?who=nobody');
    expect(client.status).toBe(404);
  });
});

describe('one person', () => {
  test('is given out whole: what the person gets, the operator gets, and no secret', async () => {
    const built = await house();
    await lives(built);
    const client = await found(built);
    expect(client.html).not.toContain(ADDRESS);
    const { headers, body } = await client.submitted('/console/privacy/export');
    expect(headers['content-disposition']).toContain('person.json');
    const file = JSON.parse(body);
    expect(file.waysToVerify.map(({ method }: { method: string }) => method).toSorted()).toEqual([
      'email',
      'recovery-code',
      'totp',
    ]);
    expect(file.places).toMatchObject([{ successes: 1, firstAt: expect.stringMatching(/Z$/) }]);
    expect(file.incidents).toMatchObject([{ kind: 'risk', says: 'Unusual.', closedAt: null }]);
    expect(file.journeys.length).toBeGreaterThan(0);
    expect(file.calls).toEqual([]);
    for (const secret of [SEED, built.sheets.get('amina')?.[0] ?? '', '$argon2id']) expect(body).not.toContain(secret);
    expect(await events(built, 'data.exported')).toMatchObject([{ actor: 'staff:olga', subject: ID }]);
    built.clock.advance(60_000);
    const own = await byApp(built, await signIn(built.client(), 'amina', 'a lantern over the harbour'));
    await own.get('/safety');
    const theirs = JSON.parse((await own.submitted('/safety/export')).body);
    expect(Object.keys(theirs)).toEqual(Object.keys(file));
    expect(theirs.incidents).toEqual(file.incidents);
  });

  test('is erased with a reason and the name typed again: nothing is left, and they are told', async () => {
    const built = await house();
    await lives(built);
    const client = await found(built);
    await erase(client, { reason: '', confirm: 'ben' });
    expect(client.status).toBe(422);
    expect(client.text()).toContain('Say why, in words.');
    expect(client.text()).toContain('What you typed is another name.');
    await erase(client, { reason: 'Passport 123456', confirm: 'amina' });
    expect(client.text()).toContain('The reason holds a number.');
    expect(await built.flow.authenticators.list(built.storage.db, ID)).toHaveLength(3);
    await erase(client, { reason: 'Asked for it in writing.', confirm: 'Amina' });
    expect(client.text()).toMatch(/Erased: \d+ rows\./);
    expect(client.text()).toContain('a•••@private.example');
    expect((await built.mails()).filter(({ to }) => to === ADDRESS).at(-1)?.text).toContain('Northfield College');
    expect(await events(built, 'person.erased')).toMatchObject([
      { actor: 'staff:olga', subject: ID, reason: 'Asked for it in writing.' },
    ]);
    await client.get('/console/privacy?who=amina');
    expect(client.text()).not.toMatch(/Ways to verify \d/);
    const { body } = await client.submitted('/console/privacy/export');
    const file = JSON.parse(body);
    for (const part of ['waysToVerify', 'places', 'incidents', 'journeys', 'sessions', 'links'])
      expect(file[part], part).toEqual([]);
    // Somebody who was erased starts anew.
    await signIn(built.client(), 'amina', 'a lantern over the harbour');
    expect((await built.audit.verify(built.storage.db)).faults).toEqual([]);
  });

  test('who opens more than their own things is not erased by one alone', async () => {
    const built = await house();
    const client = await found(built, 'root');
    await erase(client, { reason: 'Left the team.', confirm: 'root' });
    expect(client.status).toBe(409);
    expect(client.text()).toContain('a second person has to agree');
    expect(await built.flow.authenticators.list(built.storage.db, accountId('builtin', 'root'))).not.toEqual([]);
    expect(await events(built, 'person.erased')).toEqual([]);
  });

  test('asks for a fresh proof first', async () => {
    const built = await house();
    const client = await found(built);
    built.clock.advance(6 * 60_000);
    await erase(client, { reason: 'Asked for it.', confirm: 'amina' });
    expect(client.path).toContain('/sign-in');
    expect(await events(built, 'person.erased')).toEqual([]);
  });

  test('outside of the scope is like nobody', async () => {
    const built = await build({
      people: [...STAFF_PEOPLE, { ...amina, attributes: { class: ['7b'] } }, { username: 'ben', seed: SEED }],
      env: {
        SPAREKEY_CONSOLE_ROLES: JSON.stringify([
          { name: 'Teacher', groups: ['teachers'], rights: ['privacy.act'], scope: { same: ['class'] } },
        ]),
      },
    });
    const client = await staffClient(built, 'tilda');
    await client.get('/console/privacy?who=amina');
    expect(client.status).toBe(200);
    const { fields } = client.form('/console/privacy/erase');
    for (const who of ['ben', accountId('builtin', 'ben')]) {
      await client.get(`/console/privacy?who=${who}`);
      expect(client.status, who).toBe(404);
      await client.post('/console/privacy/erase', { ...fields, who, reason: 'Because.', confirm: who });
      expect(client.status, who).toBe(404);
      await client.post('/console/privacy/export', { ...fields, who });
      expect(client.status, who).toBe(404);
    }
  });
});

describe('leaving the directory', () => {
  const walked = async (built: Built) => (await openReadiness(built.config, built.flow)).work({ force: true });

  test('erases after the grace time, found by account id until then', async () => {
    const built = await house();
    await lives(built);
    const { leavers } = privacyOf(built);
    await walked(built);
    await accounts.remove(built.storage.db, 'amina');
    await walked(built);
    expect(await leavers.work()).toMatchObject({ is: 'done', missing: 1, erased: 0 });
    const client = await found(built, ID);
    expect(client.text()).toContain('8 people known, 1 missing.');
    expect(client.text()).toContain('No longer in the directory');
    expect(client.text()).toContain('Ways to verify');
    built.clock.advance(31 * DAY);
    await walked(built);
    expect(await leavers.work()).toMatchObject({ is: 'done', missing: 0, erased: 1 });
    expect(await built.flow.authenticators.list(built.storage.db, ID)).toEqual([]);
    expect(await events(built, 'person.erased')).toMatchObject([{ actor: 'system', subject: ID }]);
  });

  test('of very many at once is held up, told, and goes on when an operator says that it is right', async () => {
    const crowd = Array.from({ length: 40 }, (_, n) => ({ username: `pupil-${n}`, seed: SEED }));
    const built = await build({
      people: [...STAFF_PEOPLE, ...crowd],
      env: { ...STAFF, SPAREKEY_PRIVACY_LEAVING_AFTER: '0 d' },
    });
    const { leavers } = privacyOf(built);
    await walked(built);
    for (const { username } of crowd.slice(0, 30)) await accounts.remove(built.storage.db, username);
    await walked(built);
    expect(await leavers.work()).toMatchObject({ is: 'held', missing: 30 });
    const client = await staffClient(built, 'olga');
    await client.get('/console/incidents');
    expect(client.text()).toContain('Erasing was held up');
    await client.get('/console/privacy');
    expect(client.text()).toContain('30 of 45 known people are missing in the directory');
    await client.submit('/console/privacy/accept');
    expect(client.text()).toContain('You said that they have really left.');
    expect(await events(built, 'privacy.leavers-accepted')).toMatchObject([
      { actor: 'staff:olga', detail: { missing: 30, known: 45 } },
    ]);
    expect(await leavers.work()).toMatchObject({ is: 'done', erased: 30 });
    await client.get('/console/privacy');
    expect(client.text()).not.toContain('are missing');
  });
});
