/** The helper desk: scope, verification of callers in both directions, acts, second person, limits and races. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { identifierKeyOf } from '../../src/flow/identifier.ts';
import { accountId } from '../../src/kernel/account.ts';
import * as people from '../../src/storage/repositories/people.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { answer, choose, identify, signIn, subjectsTo } from '../kit/steps.ts';

const ENV = {
  ...STAFF,
  SPAREKEY_POLICY_RECOVERY_METHODS: 'email, totp, recovery-code, helper-pass',
  SPAREKEY_POLICY_PRIVILEGED_METHODS: 'email, totp, helper-pass',
  SPAREKEY_POLICY_PRIVILEGED_GROUPS: 'admins',
};
const ADDRESS = 'ben@private.example';
const ben = { username: 'ben', displayName: 'Ben Okafor', addresses: [ADDRESS], attributes: { class: ['7b'] } };
const root = { username: 'root', addresses: ['root@private.example'], groups: ['admins'] };
const carla = { username: 'carla', attributes: { class: ['8a'] } };
const house = (env: Record<string, string> = {}) =>
  build({ people: [...STAFF_PEOPLE, ben, root, carla], env: { ...ENV, ...env } });
const events = async (built: Built, event: string) => (await built.audited()).filter((one) => one.event === event);

async function openCall(built: Built, who = 'ben', helper = 'hedda'): Promise<{ client: Client; at: string }> {
  const client = await staffClient(built, helper);
  await client.get(`/console/desk?who=${who}`);
  await client.submit('/console/desk/open', { ticket: 'T-77' });
  return { client, at: client.path };
}
const seen = (client: Client, at: string) => client.submit(`${at}/seen`, { document: 'passport', note: '' });
const act = (client: Client, at: string, what: string) => client.submit(`${at}/act`, { act: what });
const readCode = async (built: Built) => {
  const mail = (await built.mails()).findLast(({ to }) => to === ADDRESS);
  return /\b\d{3} ?\d{3}\b/.exec(mail?.text ?? '')?.[0] ?? '';
};
const passOf = (client: Client) => /(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}/.exec(client.text())?.[0] ?? '';

describe('finding somebody', () => {
  test('shows how they stand, with masked contacts and no secret', async () => {
    const built = await house();
    const client = await staffClient(built, 'hedda');
    await client.get('/console/desk?who=ben');
    expect(client.text()).toContain('b•••@private.example');
    expect(client.html).not.toContain(ADDRESS);
    expect(client.html).not.toContain(SEED);
  });

  test('outside of the scope is like nobody, and recorded', async () => {
    const built = await house();
    const client = await staffClient(built, 'tilda');
    await client.get('/console/desk?who=carla');
    const outside = [client.status, client.text().replaceAll('carla', 'X')];
    await client.get('/console/desk?who=quetzal');
    expect([client.status, client.text().replaceAll('quetzal', 'X')]).toEqual(outside);
    expect(await events(built, 'desk.refused')).toMatchObject([
      { actor: 'staff:tilda', subject: accountId('builtin', 'carla'), outcome: 'refused' },
    ]);
    await client.get('/console/desk?who=ben');
    expect(client.status).toBe(200);
  });

  test('whatever is typed into the address is no fault of the server', async () => {
    const built = await house();
    const client = await staffClient(built, 'hedda');
    for (const query of ['who=%00', 'who=a&who=b', `who=${'x'.repeat(5_000)}`, 'who=%F0%9F%A6%86'])
      expect((await client.get(`/console/desk?${query}`)).status).toBeLessThan(500);
    expect((await client.get('/console/desk/call/none')).status).toBe(404);
  });
});

describe('making sure who calls', () => {
  test('nothing is possible before it, and the refusal is recorded', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    const { fields } = client.form(`${at}/end`);
    await client.post(`${at}/act`, { ...fields, act: 'pass' });
    expect(passOf(client)).toBe('');
    expect(client.text()).toContain('Make sure who is calling first');
    expect(await events(built, 'desk.refused')).toMatchObject([{ detail: { act: 'pass', ticket: 'T-77' } }]);
  });

  test('a code goes to a confirmed contact, is read back, and then a pass opens a recovery', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    await client.submit(`${at}/send`);
    await client.submit(`${at}/code`, { code: await readCode(built) });
    expect(client.text()).toContain('The caller is verified');
    await act(client, at, 'pass');
    const pass = passOf(client);
    expect(pass).not.toBe('');
    expect((await client.get(at)).html).not.toContain(pass);
    const person = await identify(built.client({ ip: '192.0.2.99' }), 'ben');
    await choose(person, 'helper-pass');
    await answer(person, pass);
    expect(person.title).toBe('Choose a new password');
    expect(await subjectsTo(built, ADDRESS)).toContain('a helper issued a pass for your account');
    const rows = JSON.stringify(await built.storage.db.selectFrom('calls').selectAll().execute());
    expect(rows).not.toContain(pass);
    expect(await events(built, 'helper-pass.issued')).toMatchObject([{ actor: 'staff:hedda', outcome: 'success' }]);
  });

  test('wrong codes end the call, whatever is sent anew, and open an incident', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    for (let n = 0; n < 3; n += 1) {
      await client.get(at);
      await client.submit(`${at}/send`);
      await client.submit(`${at}/code`, { code: '000000' });
    }
    expect((await client.get(at)).text()).toContain('This call is over');
    expect(await events(built, 'caller.refused')).toHaveLength(3);
    expect(await events(built, 'incident.opened')).toHaveLength(1);
  });

  test('a second time in one call is noticed', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    await seen(client, at);
    await seen(client, at);
    expect(client.text()).toContain('Verified more than once');
    expect((await events(built, 'caller.verified')).map(({ detail }) => detail?.['times'])).toEqual([1, 2]);
  });

  test('the number of a document is refused and kept nowhere', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    await client.submit(`${at}/seen`, { document: 'passport', note: 'C01X00T478' });
    expect(client.text()).toContain('looks like the number of a document');
    expect(JSON.stringify(await built.audited())).not.toContain('C01X00T478');
    expect(await events(built, 'caller.verified')).toEqual([]);
  });

  test('the person confirms where they are signed in, by the number that is read out', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    await client.submit(`${at}/device`);
    const number = /Read this number out\D*(\d{3})/.exec(client.text())?.[1] ?? '';
    const person = await signIn(built.client({ ip: '192.0.2.99' }), 'ben');
    await person.get('/helper-check');
    expect(person.text()).toContain('hedda Example asks');
    await person.submit('/helper-check/answer', { number });
    expect(person.text()).toContain('The helper sees it now');
    expect((await client.get(at)).text()).toContain('Confirmed on their own device');
  });

  test('the person who is not calling stops it', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    await client.submit(`${at}/device`);
    const person = await signIn(built.client({ ip: '192.0.2.99' }), 'ben');
    await person.get('/helper-check');
    await person.submit('/helper-check/stop');
    expect((await client.get(at)).text()).toContain('they are not calling you');
    expect(await events(built, 'incident.opened')).toHaveLength(1);
  });

  test('the caller sees who the helper is, once, and is not verified by it', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    await client.submit(`${at}/prove`);
    const code = /\d{4} \d{4}/.exec(client.text())?.[0] ?? '';
    const caller = await built.client({ ip: '192.0.2.99' }).get('/helper-check');
    await caller.submit('/helper-check', { code });
    expect(caller.text()).toContain('hedda Example is a helper of ours');
    await caller.submit('/helper-check', { code });
    expect(caller.text()).toContain('No helper has this code');
    await client.get(at);
    expect(client.text()).toContain('The caller looked you up');
    expect(client.text()).not.toContain('The caller is verified');
  });
});

describe('acts', () => {
  test('fifty presses at once issue one pass', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    await seen(client, at);
    const all = await Promise.all(Array.from({ length: 50 }, () => client.submitted(`${at}/act`, { act: 'pass' })));
    const passes = all.flatMap(({ body }) => /(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}/.exec(body)?.[0] ?? []);
    expect(passes).toHaveLength(1);
    const issued = await events(built, 'helper-pass.issued');
    expect(issued.filter(({ outcome }) => outcome === 'success')).toHaveLength(1);
  });

  test('clear everything, tell the old contacts, and forget failures', async () => {
    const built = await house();
    const id = accountId('builtin', 'ben');
    const guess = async (challenge: string) => {
      const identifierKey = identifierKeyOf(built.keyring, 'ben');
      const tried = { identifierKey, subject: id, method: 'email', challenge };
      return (await built.flow.throttle.attempt(tried, built.clock.now())).is;
    };
    for (let n = 0; n < 12; n += 1) await guess(`guess ${n}`);
    expect(await guess('one more')).toBe('wait');
    const { client, at } = await openCall(built);
    await seen(client, at);
    await act(client, at, 'clear');
    expect(await guess('after it')).toBe('go');
    expect(await built.flow.authenticators.list(built.storage.db, id)).toEqual([]);
    expect(await subjectsTo(built, ADDRESS)).toEqual(['your ways to verify were taken away']);
    await act(client, at, 'pass');
    expect(client.text()).toContain('A second person has to agree first');
  });

  test('stop recovery, and require a change', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    await seen(client, at);
    await act(client, at, 'must-change');
    await act(client, at, 'freeze');
    expect((await people.find(built.storage.db, accountId('builtin', 'ben')))?.frozenAt).toBeDefined();
    expect(await events(built, 'desk.change-required')).toHaveLength(1);
    expect(await subjectsTo(built, ADDRESS)).toHaveLength(2);
  });

  test('a privileged account needs a second person, who is neither helper nor person; it counts once', async () => {
    const built = await house();
    const { client, at } = await openCall(built, 'root');
    await seen(client, at);
    await act(client, at, 'unlock');
    expect(client.text()).toContain('A second person has to agree first');
    await client.submit(`${at}/ask`, { act: 'pass', reason: 'Locked out before the exam.' });
    await client.get('/console/desk');
    expect(client.forms().some(({ action }) => action === '/console/desk/decide')).toBe(false);
    const second = await staffClient(built, 'olga', built.client({ ip: '192.0.2.44' }));
    await second.get('/console/desk');
    await second.submit('/console/desk/decide', { decision: 'agreed' });
    await client.get(at);
    expect(client.text()).toContain('olga agreed');
    await act(client, at, 'unlock');
    expect(client.text()).toContain('A second person has to agree first');
    await act(client, at, 'pass');
    expect(passOf(client)).not.toBe('');
    expect((await events(built, 'helper-pass.issued')).at(-1)).toMatchObject({ detail: { secondApprover: 'olga' } });
  });

  test('are never for oneself, and never in somebody else’s call', async () => {
    const built = await house();
    const { client: own } = await openCall(built, 'hedda');
    expect(own.text()).toContain('Nobody helps themself');
    const { at } = await openCall(built, 'ben', 'tilda');
    expect((await own.get(at)).status).toBe(404);
  });

  test('end with the half hour', async () => {
    const built = await house();
    const { client, at } = await openCall(built);
    await seen(client, at);
    const { fields } = client.form(`${at}/end`);
    built.clock.advance(10 * 60_000);
    await client.get(at);
    built.clock.advance(10 * 60_000);
    await client.get(at);
    built.clock.advance(10 * 60_000 + 1);
    await client.post(`${at}/act`, { ...fields, act: 'unlock' });
    expect(await events(built, 'desk.unlocked')).toEqual([]);
  });
});

test('the ticket system is told, signed, with a masked person', async () => {
  const got: { body: string; headers: Record<string, string> }[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      got.push({ body, headers: request.headers as Record<string, string> });
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void receiver.close());
  const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
  const built = await house({
    SPAREKEY_CONSOLE_DESK_TICKET_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
    SPAREKEY_CONSOLE_DESK_TICKET_WEBHOOK_SECRET: secret,
  });
  const { client, at } = await openCall(built);
  await seen(client, at);
  await act(client, at, 'freeze');
  await built.outbox.idle();
  const [first] = got;
  const data = { act: 'freeze', outcome: 'done', helper: 'hedda Example', ticket: 'T-77', person: 'b•••' };
  expect(JSON.parse(first?.body ?? '{}')).toMatchObject({ type: 'desk.act', data });
  const headers = first?.headers ?? {};
  // Its clock is the test's: verification of time is the receiver's affair.
  const at1 = new Date(Number(headers['webhook-timestamp']) * 1_000);
  expect(headers['webhook-signature']).toBe(
    new Webhook(secret).sign(headers['webhook-id'] ?? '', at1, first?.body ?? ''),
  );
});
