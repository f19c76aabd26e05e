/** Settings in the console: edit, conflict, a second person, roll-back, what the file fixes; live for people, on every node. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type Built, build, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { identify } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };
const house = (env: Record<string, string> = {}): Promise<Built> =>
  build({ people: [...STAFF_PEOPLE, amina], env: { ...STAFF, ...env } });

const events = async (built: Built) =>
  (await built.audited())
    .filter(({ event }) => event.startsWith('settings.'))
    .map(({ event, actor }) => `${event} ${actor}`);

async function propose(client: Client, section: string, typed: Record<string, string>): Promise<number> {
  await client.get(`/console/settings/edit/${section}`);
  await client.submit('/console/settings/propose', typed);
  return Number(/^\/console\/settings\/versions\/(\d+)$/.exec(client.path)?.[1]);
}
const apply = (client: Client, number: number) => client.submit(`/console/settings/versions/${number}/apply`);

describe('settings in the console', () => {
  test('are changed, seen in the history and in force at once', async () => {
    const built = await house();
    const client = await staffClient(built, 'olga');
    const number = await propose(client, 'organisation.help', {
      'value.organisation.help.text': 'Room 12, main building.',
      comment: 'we moved',
    });
    expect(number).toBe(1);
    expect(client.text()).toContain('+ Room 12, main building.');
    expect((await built.client().get('/')).text()).not.toContain('Room 12');
    await apply(client, number);
    expect(client.text()).toContain('It is in force.');
    const words = await propose(client, 'wording', {
      'value.wording.en': 'sign-in.forgot: Lost your password at Northfield?\nmail.code: The code from Northfield',
    });
    await apply(client, words);
    expect((await built.client().get('/sign-in')).text()).toContain('Lost your password at Northfield?');
    const person = await identify(built.client(), 'amina');
    await person.submit('/recover/method', { method: 'email' });
    expect((await built.mails()).at(-1)?.text).toContain('The code from Northfield');
    expect((await built.mails()).at(-1)?.text).toContain('Room 12, main building.');
    await client.get('/console/settings/history');
    for (const word of ['Version 2', 'we moved', 'staff:olga', 'In force']) expect(client.text()).toContain(word);
    await client.get('/console/settings/history?from=0&to=2');
    expect(client.text()).toContain('+ Room 12, main building.');
    expect(await events(built)).toEqual([
      'settings.proposed staff:olga',
      'settings.applied staff:olga',
      'settings.proposed staff:olga',
      'settings.applied staff:olga',
    ]);
  });

  test('of the policy hold for the next person: another gate, a way that was not open before', async () => {
    const built = await house({ SPAREKEY_POLICY_RECOVERY_METHODS: '' });
    const client = await staffClient(built, 'olga');
    await apply(client, await propose(client, 'policy.recovery', { 'value.policy.recovery.gates': '3' }));
    expect(built.flow.rules.default.gates).toBe(3);
    expect(built.flow.methods.has('helper-pass')).toBe(false);
    const number = await propose(client, 'policy.recovery', {
      'value.policy.recovery.methods': 'email\ntotp\nhelper-pass',
      'value.policy.recovery.gates': '2',
    });
    await apply(client, number);
    expect(client.text()).toContain('It is in force.');
    expect(built.flow.methods.has('helper-pass')).toBe(true);
    expect(built.flow.rules.default).toMatchObject({ gates: 2, methods: ['email', 'totp', 'helper-pass'] });
    await client.get('/console/rules');
    expect(client.text()).toContain('helper-pass');
  });

  test('that are not valid are refused as a whole, every problem named and nothing typed lost', async () => {
    const built = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/settings/edit/lifetimes');
    await client.submit('/console/settings/propose', {
      'value.lifetimes.flowIdle': '9 years',
      'value.lifetimes.flowAbsolute': '3 h',
      'value.lifetimes.sessionIdle': '10 min',
    });
    expect(client.status).toBe(422);
    for (const word of ['2 problems', 'lifetimes.flowIdle', 'lifetimes.flowAbsolute'])
      expect(client.text()).toContain(word);
    expect(client.html).toMatch(/name="value\.lifetimes\.sessionIdle"[^>]* value="10 min"/);
    expect(built.flow.lifetimes.sessionIdle).toBe(900_000);
    expect(await events(built)).toEqual([]);
  });

  test('show what the file fixes as locked, and take no change of it', async () => {
    const built = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/settings/edit/organisation');
    expect(client.text()).toContain('fixed by the file: environment variable SPAREKEY_ORGANISATION_NAME');
    const { fields } = client.form('/console/settings/propose');
    expect(Object.keys(fields)).not.toContain('value.organisation.name');
    await client.post('/console/settings/propose', {
      ...fields,
      'was.organisation.name': '',
      'value.organisation.name': 'Evil',
    });
    expect(client.text()).toContain('Nothing differs');
    const forced = await built.settings?.propose(
      {
        base: 0,
        changes: [
          { path: 'organisation.name', after: 'Evil' },
          { path: 'listen.port', after: 1 },
        ],
        comment: '',
      },
      { actor: 'staff:olga' },
    );
    expect(forced).toMatchObject({ is: 'invalid', problems: [{ path: 'organisation.name' }, { path: 'listen.port' }] });
  });

  test('that two change at once: the second sees both changes and puts the own on top, nothing is lost', async () => {
    const built = await house();
    const [olga, otto] = [await staffClient(built, 'olga'), await staffClient(built, 'otto')];
    await otto.get('/console/settings/edit/organisation.help');
    await apply(
      olga,
      await propose(olga, 'organisation.help', { 'value.organisation.help.text': 'Room 12.', comment: '' }),
    );
    await otto.submit('/console/settings/propose', { 'value.organisation.help.hours': 'Mon–Fri 8–17' });
    expect(otto.status).toBe(409);
    for (const word of ['Somebody else was faster', '+ Room 12.', '+ Mon–Fri 8–17'])
      expect(otto.text()).toContain(word);
    expect(built.config.organisation.help.hours).toBeUndefined();
    expect(otto.html).toMatch(/name="value\.organisation\.help\.hours"[^>]* value="Mon–Fri 8–17"/);
    await otto.submit('/console/settings/propose', {
      'value.organisation.help.text': 'Room 12.',
      'value.organisation.help.hours': 'Mon–Fri 8–17',
    });
    expect(otto.path).toBe('/console/settings/versions/2');
    await apply(otto, 2);
    const values = await built.settings?.values();
    expect(values).toEqual({ 'organisation.help.text': 'Room 12.', 'organisation.help.hours': 'Mon–Fri 8–17' });
  });

  test('of which two were proposed side by side: the later one is put on top by a click', async () => {
    const built = await house();
    const [olga, otto] = [await staffClient(built, 'olga'), await staffClient(built, 'otto')];
    const one = await propose(olga, 'organisation.help', { 'value.organisation.help.text': 'Room 12.' });
    const two = await propose(otto, 'organisation.help', { 'value.organisation.help.text': 'Room 13.' });
    await otto.get(`/console/settings/versions/${two}`);
    const late = otto.form(`/console/settings/versions/${two}/apply`).fields;
    await apply(olga, one);
    await otto.post(`/console/settings/versions/${two}/apply`, late);
    expect(otto.status).toBe(409);
    expect(otto.text()).toContain('− Room 12.');
    await otto.submit(`/console/settings/versions/${two}/again`);
    await apply(otto, 3);
    expect(await built.settings?.values()).toEqual({ 'organisation.help.text': 'Room 13.' });
  });

  test('wait for a second person where the file says so; never the same one, and a rejection is final', async () => {
    const built = await house({ SPAREKEY_CONSOLE_SECOND_APPROVAL: 'true' });
    const [olga, otto] = [await staffClient(built, 'olga'), await staffClient(built, 'otto')];
    const number = await propose(olga, 'limits', { 'value.limits.triesPerCode': '4' });
    const path = `/console/settings/versions/${number}`;
    expect(olga.text()).toContain('Somebody else has to agree');
    expect(() => olga.form(`${path}/apply`)).toThrow();
    const { _csrf = '' } = olga.form(`${path}/withdraw`).fields;
    await olga.post(`${path}/apply`, { _csrf });
    expect(built.config.limits.triesPerCode).toBe(5);
    await otto.get('/console/settings');
    expect(otto.text()).toContain('Waiting for a decision');
    await otto.get(path);
    await apply(otto, number);
    expect(built.config.limits.triesPerCode).toBe(4);
    const next = await propose(olga, 'limits', { 'value.limits.triesPerCode': '3' });
    await otto.get(`/console/settings/versions/${next}`);
    await otto.submit(`/console/settings/versions/${next}/reject`);
    expect(otto.text()).toContain('Rejected or taken back');
    expect(await built.settings?.apply(next, { actor: 'staff:otto' })).toEqual({ is: 'gone' });
    expect(await events(built)).toEqual([
      'settings.proposed staff:olga',
      'settings.approved staff:otto',
      'settings.applied staff:otto',
      'settings.proposed staff:olga',
      'settings.rejected staff:otto',
    ]);
  });

  test('come back as they were by a roll-back, which is a version, too', async () => {
    const built = await house();
    const client = await staffClient(built, 'olga');
    for (const tries of ['4', '3'])
      await apply(client, await propose(client, 'limits', { 'value.limits.triesPerCode': tries }));
    await client.get('/console/settings/versions/1');
    await client.submit('/console/settings/versions/1/rollback', { comment: 'too strict' });
    expect(client.path).toBe('/console/settings/versions/3');
    await apply(client, 3);
    expect(built.config.limits.triesPerCode).toBe(4);
    expect((await events(built)).at(-1)).toBe('settings.rolled-back staff:olga');
  });

  test('ask for a fresh proof before they take force, and lose nothing over it', async () => {
    const built = await house();
    const client = await staffClient(built, 'olga');
    const number = await propose(client, 'limits', { 'value.limits.triesPerCode': '4' });
    built.clock.advance(6 * 60_000);
    await apply(client, number);
    expect(client.path).toContain('/sign-in');
    expect(built.config.limits.triesPerCode).toBe(5);
    expect(await built.settings?.find(number)).toMatchObject({ state: 'proposed' });
  });

  test('are seen by auditors and changed by none of them; helpers see nothing', async () => {
    const built = await house();
    const axel = await staffClient(built, 'axel');
    await axel.get('/console/settings/edit/limits');
    expect(axel.status).toBe(200);
    expect(() => axel.form('/console/settings/propose')).toThrow();
    const hedda = await staffClient(built, 'hedda');
    await hedda.get('/console/settings');
    expect(hedda.status).toBe(403);
  });

  test('nonsense in the address is answered with a page', async () => {
    const client = await staffClient(await house(), 'olga');
    for (const path of ['versions/0', 'versions/99', 'versions/x', 'edit/storage', 'edit/console', 'edit/%00'])
      expect([400, 404], path).toContain((await client.get(`/console/settings/${path}`)).status);
    for (const path of ['history?before=-1&from=1&to=99', 'history?from=x', 'texts?in=xx&words=pass', 'risks'])
      expect((await client.get(`/console/settings/${path}`)).status, path).toBe(200);
    await client.get('/console/settings/texts?words=forgot');
    expect(client.text()).toContain('sign-in.forgot');
  });
});

describe('two nodes of one database', () => {
  test('a version that one puts in force is in force on the other within seconds, and at its next start', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sparekey-two-')), 'shared.sqlite');
    const one = await build({ people: [...STAFF_PEOPLE], env: STAFF, file });
    const two = await build({ env: STAFF, file });
    const client = await staffClient(one, 'olga');
    await apply(client, await propose(client, 'policy.password', { 'value.policy.password.minLength': '20' }));
    expect(one.flow.passwords.minLength).toBe(20);
    await vi.waitFor(() => expect(two.flow.passwords.minLength).toBe(20), { timeout: 8_000, interval: 100 });
    const three = await build({ env: STAFF, file });
    expect(three.flow.passwords.minLength).toBe(20);
    const locked = await build({ env: { ...STAFF, SPAREKEY_POLICY_PASSWORD_MIN_LENGTH: '16' }, file });
    expect(locked.flow.passwords.minLength).toBe(16);
    expect(locked.log.join()).toContain('A stored setting is ignored');
  });
});
