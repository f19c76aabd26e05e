/** What a person sees and does on "How safe am I?" beside their ways: names, sessions, activity, confirmation, own data. */
import { describe, expect, test } from 'vitest';
import { build, SEED } from '../kit/build.ts';
import { answer, byApp, choose, signIn, wrongAppCode } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED, sheet: true };
const DAY = 86_400_000;

const inside = async () => {
  const built = await build({ people: [amina] });
  const client = await signIn(built.client(), 'amina');
  return { built, client: await byApp(built, client) };
};

describe('How safe am I?', () => {
  test('a way gets the person’s own name', async () => {
    const { built, client } = await inside();
    const [, rename] = /href="(\/ways\/[\w-]+\/rename)"/.exec(client.html) ?? [];
    await client.get(rename ?? '');
    await client.submit(rename ?? '', { name: '  Old phone <b>  ' });
    expect(client.text()).toContain('Old phone <b>');
    expect(client.html).not.toContain('<b> ');
    expect((await built.audited()).at(-1)).toMatchObject({ event: 'enrolment.renamed', method: 'totp' });
    await client.get(rename ?? '');
    await client.submit(rename ?? '', { name: ' ' });
    expect(client.text()).toContain('Type a name');
  });

  test('somebody else’s way can’t be renamed', async () => {
    const built = await build({ people: [amina, { username: 'berta', seed: SEED }] });
    const berta = await byApp(built, await signIn(built.client(), 'berta'));
    const [, rename] = /href="(\/ways\/[\w-]+\/rename)"/.exec(berta.html) ?? [];
    built.clock.advance(60_000);
    const client = await byApp(built, await signIn(built.client(), 'amina'));
    expect((await client.get(rename ?? '')).status).toBe(404);
  });

  test('lists the sessions and ends another one at once', async () => {
    const { built, client } = await inside();
    built.clock.advance(60_000);
    const other = await byApp(built, await signIn(built.client(), 'amina'));
    await client.get('/safety');
    expect(client.text()).toContain('Signed in now');
    await client.submit('/safety/sessions/end');
    expect(client.text()).toContain('Signed out there');
    expect((await other.get('/safety')).title).toBe('Sign in');
    expect((await client.get('/safety')).title).toBe('How safe am I?');
  });

  test('shows what happened lately, in words', async () => {
    const built = await build({ people: [amina] });
    const wrong = await signIn(built.client(), 'amina');
    await choose(wrong, 'totp');
    await answer(wrong, wrongAppCode(built));
    const client = await byApp(built, await signIn(built.client(), 'amina'));
    expect(client.text()).toContain('A check was not passed');
    expect(client.text()).toContain('Signed in');
    expect(client.text()).toContain('from 192.0.2.10');
  });

  test('asks after a year whether everything is still right, and is content with a yes', async () => {
    const { built } = await inside();
    built.clock.advance(366 * DAY);
    const client = await byApp(built, await signIn(built.client(), 'amina'));
    expect(client.text()).toContain('Are these ways still right?');
    await client.submit('/safety/reconfirm');
    expect(client.text()).not.toContain('Are these ways still right?');
    expect((await built.audited()).at(-1)).toMatchObject({ event: 'enrolment.confirmed' });
  });

  test('gives out everything that is kept, and no secret', async () => {
    const { built, client } = await inside();
    const response = await client.submitted('/safety/export');
    expect(response.headers['content-disposition']).toContain('attachment');
    const file = JSON.parse(response.body);
    expect(file.account.username).toBe('amina');
    expect(file.waysToVerify).toHaveLength(3);
    const [mail] = file.waysToVerify.filter(({ method }: { method: string }) => method === 'email');
    expect(mail).toMatchObject({ address: 'amina@private.example' });
    expect(file.events.length).toBeGreaterThan(2);
    for (const secret of [SEED, built.sheets.get('amina')?.[0] ?? '', '$argon2id'])
      expect(response.body).not.toContain(secret);
    expect((await built.audited()).at(-1)).toMatchObject({ event: 'data.exported' });
  });
});
