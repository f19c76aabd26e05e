/** The roll-out in the console: campaigns from the form to the mail, lists from the text to the suggestion. */
import { describe, expect, test } from 'vitest';
import { hours } from '../../src/kernel/clock.ts';
import { openReadiness } from '../../src/readiness.ts';
import { openRollout } from '../../src/rollout.ts';
import { build } from '../kit/build.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { signIn } from '../kit/steps.ts';

const PEOPLE = [
  { username: 'dora', mail: 'dora@northfield.example', groups: ['students'] },
  { username: 'emil', mail: 'emil@northfield.example', groups: ['students'] },
];

async function house(env: Record<string, string> = {}) {
  const built = await build({ people: [...STAFF_PEOPLE, ...PEOPLE], env: { ...STAFF, ...env } });
  await (await openReadiness(built.config, built.flow)).work();
  return { built, rollout: openRollout(built.config, built.flow) };
}

const CAMPAIGN = {
  name: 'Autumn',
  who: 'never-enrolled',
  groups: 'Students',
  everyDays: '7',
  most: '3',
  startsOn: '',
  'text-en': 'Please, until Friday.',
  'text-de': '',
  'text-ar': '',
};

describe('a campaign', () => {
  test('shows whom it would reach before it begins, then reminds them by mail until it is ended', async () => {
    const { built, rollout } = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/rollout');
    expect(client.text()).toContain('Nobody is being reminded.');
    await client.get('/console/rollout/campaigns/new');
    await client.submit('/console/rollout/campaigns', { ...CAMPAIGN, act: 'look' });
    expect(client.text()).toContain('It would reach 2 people today');
    expect(await rollout.campaigns.list()).toEqual([]);
    await client.submit('/console/rollout/campaigns', { ...CAMPAIGN, act: 'begin' });
    expect(client.path).toMatch(/^\/console\/rollout\/campaigns\/[\w-]+$/);
    await rollout.campaigns.work();
    const mails = (await built.mails()).filter(({ text }) => text.includes('Please, until Friday.'));
    expect(mails.map(({ to }) => to).toSorted()).toEqual(['dora@northfield.example', 'emil@northfield.example']);
    await client.get(client.path);
    expect(client.text()).toContain('Running');
    await client.submit(`${client.path}/act`, { act: 'end' });
    expect(client.text()).toContain('Ended');
    const events = (await built.audited()).map(({ event, actor }) => `${event} ${actor}`);
    expect(events).toContain('rollout.campaign-created staff:olga');
    expect(events).toContain('rollout.campaign-changed staff:olga');
  });

  test('says everything that is wrong with it at once', async () => {
    const { built, rollout } = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/rollout/campaigns/new');
    await client.submit('/console/rollout/campaigns', {
      ...CAMPAIGN,
      name: '',
      everyDays: 'often',
      most: '99',
      startsOn: '2026-02-30',
      act: 'begin',
    });
    expect(client.status).toBe(422);
    for (const says of ['at most 80 characters', 'from 1 to 365', 'from 1 to 50', 'Write the day like'])
      expect(client.text()).toContain(says);
    expect(await rollout.campaigns.list()).toEqual([]);
  });
});

describe('a list', () => {
  const paste = async (client: Awaited<ReturnType<typeof staffClient>>, text: string, kind = 'csv') => {
    await client.get('/console/rollout/lists/new');
    return client.submit('/console/rollout/lists', { kind, name: 'Autumn list', text });
  };

  test('is looked at, reported, carried out by somebody, and then suggested to whom it is about', async () => {
    const { built, rollout } = await house();
    const client = await staffClient(built, 'olga');
    await paste(client, 'username,mail\r\ndora,dora@home.example\r\n"=evil()",x@y.example\r\nemil,broken\r\n');
    expect(client.path).toMatch(/^\/console\/rollout\/lists\/[\w-]+$/);
    expect(client.text()).toContain('Being looked at');
    expect(client.last.headers['refresh']).toBe('3');
    const at = client.path;
    const id = at.split('/').at(-1) ?? '';
    await rollout.imports.work(id);
    await client.get(at);
    expect(client.text()).toContain('Waits for you');
    expect(client.text()).toContain('2 lines can’t be used.');
    expect(client.html).not.toContain('home.example');
    await client.get(`${at}?state=refused`);
    expect(client.text()).toContain('mail is no mail address.');
    expect(client.text()).not.toContain('dora');
    await client.get(`${at}/report.csv`);
    expect(client.last.body).toContain('username begins like a formula.');
    await client.get(at);
    await client.submit(`${at}/act`, { act: 'apply' });
    await rollout.imports.work(id);
    await client.get(at);
    expect(client.text()).toContain('Carried out');
    const dora = await signIn(built.client(), 'dora');
    await dora.get('/ways/add/email');
    expect(dora.html).toContain('value="dora@home.example"');
  });

  test('that can’t be used says why and keeps nothing', async () => {
    const { built, rollout } = await house();
    const client = await staffClient(built, 'olga');
    await paste(client, 'a,b\n1,2\n');
    expect(client.status).toBe(422);
    expect(client.text()).toContain('The first line must name the columns');
    expect((await rollout.imports.list()).map(({ state }) => state)).toEqual(['cancelled']);
  });

  test('of attributes is taken from the directory itself', async () => {
    const env = { SPAREKEY_ROLLOUT_ATTRIBUTES_EMAIL: 'privateMail' };
    const people = [
      ...STAFF_PEOPLE,
      { ...PEOPLE[0], username: 'dora', attributes: { privateMail: ['d@home.example'] } },
    ];
    const built = await build({ people, env: { ...STAFF, ...env } });
    await (await openReadiness(built.config, built.flow)).work();
    const client = await staffClient(built, 'olga');
    await paste(client, '', 'attributes');
    const id = client.path.split('/').at(-1) ?? '';
    const rollout = openRollout(built.config, built.flow);
    expect(await rollout.imports.work(id)).toEqual({ is: 'checked' });
    expect(await rollout.imports.counts(id)).toMatchObject({ ready: 1, refused: 0 });
  });
});

describe('the roll-out', () => {
  test('is open to nobody without the right or with a part of the people only', async () => {
    const { built } = await house();
    for (const username of ['hedda', 'tilda']) {
      const client = await staffClient(built, username);
      await client.get('/console/rollout');
      expect(client.status, username).toBe(403);
    }
    const auditor = await staffClient(built, 'axel');
    await auditor.get('/console/rollout/lists/new');
    expect(auditor.status).toBe(403);
  });

  test('asks for a fresh proof before anything is begun', async () => {
    const { built, rollout } = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/rollout/campaigns/new');
    built.clock.advance(hours(1) / 5);
    await client.submit('/console/rollout/campaigns', { ...CAMPAIGN, act: 'begin' });
    expect(client.path).toContain('/sign-in');
    expect(await rollout.campaigns.list()).toEqual([]);
  });

  test('takes whatever is typed into the address', async () => {
    const { built } = await house();
    const client = await staffClient(built, 'olga');
    for (const path of ['campaigns/x', 'lists/x', 'lists/%00', 'lists/x/report.csv', `lists/${'x'.repeat(300)}`]) {
      await client.get(`/console/rollout/${path}`);
      expect(client.status, path).toBeLessThan(500);
    }
  });
});
