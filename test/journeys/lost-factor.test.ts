/** A lost second factor: from the second step of a sign-in, with two other ways, never as a part of a lost password. */
import { describe, expect, test } from 'vitest';
import { build, SEED } from '../kit/build.ts';
import { byApp, byEmail, bySheet, passGates, signIn, subjectsTo } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED, sheet: true };

const begin = async (people: NonNullable<Parameters<typeof build>[0]>['people'] = [amina]) => {
  const built = await build({ people });
  const client = await signIn(built.client(), 'amina');
  await client.submit('/recover/lost');
  return { built, client };
};

describe('a lost factor', () => {
  test('takes two other ways, switches off what is ticked, tells everybody and signs the person in', async () => {
    const { built, client } = await begin();
    expect(client.choices('method')).toEqual(['email', 'totp', 'recovery-code']);
    await byEmail(built, client, 'amina@private.example');
    expect(client.choices('method')).toEqual(['totp', 'recovery-code']);
    await bySheet(client, built.sheets.get('amina')?.[0] ?? '');
    expect(client.title).toBe('What have you lost?');
    const own = await built.flow.authenticators.list(built.storage.db, (await built.audited())[0]?.subject ?? '');
    const app = own.find(({ method }) => method === 'totp');
    await client.submit('/recover/lost/remove', { [`lost-${app?.id}`]: '1' });
    expect(client.title).toBe('How safe am I?');
    const left = await built.flow.authenticators.list(built.storage.db, app?.accountId ?? '');
    expect(left.map(({ method }) => method).sort()).toEqual(['email', 'recovery-code']);
    expect(await subjectsTo(built, 'amina@private.example')).toContain('a way back in was removed');
  });

  test('nothing ticked removes nothing', async () => {
    const { built, client } = await begin();
    await byEmail(built, client, 'amina@private.example');
    await bySheet(client, built.sheets.get('amina')?.[0] ?? '');
    const { fields } = client.form('/recover/lost/remove');
    await client.post('/recover/lost/remove', { _csrf: fields['_csrf'] ?? '', step: fields['step'] ?? '' });
    expect(client.text()).toContain('Tick at least one');
    expect((await built.audited()).map(({ event }) => event)).not.toContain('enrolment.removed');
  });

  test('mail alone never takes a factor away', async () => {
    const { built, client } = await begin([{ username: 'amina', addresses: ['amina@private.example'], seed: SEED }]);
    await byEmail(built, client, 'amina@private.example');
    expect(client.choices('method')).toEqual(['totp']);
  });

  test('is out of reach from a recovery, before and after its gates', async () => {
    const built = await build({ people: [amina] });
    const client = await passGates(built, built.client(), 'amina');
    const { fields } = client.form('/recover/password');
    await client.post('/recover/lost', { _csrf: fields['_csrf'] ?? '', step: fields['step'] ?? '' });
    await client.post('/recover/lost/remove', { _csrf: fields['_csrf'] ?? '', step: fields['step'] ?? '' });
    expect((await built.audited()).map(({ event }) => event)).not.toContain('lost-factor.started');
  });

  test('the sign-in that it began from is over', async () => {
    const built = await build({ people: [amina] });
    const client = await signIn(built.client(), 'amina');
    const before = new Map(client.cookies);
    await client.submit('/recover/lost');
    const twin = built.client();
    for (const [name, value] of before) twin.cookies.set(name, value);
    await twin.get('/recover');
    expect(twin.forms().some(({ action }) => action === '/recover/method')).toBe(false);
  });

  test('somebody who stops halfway is told of by mail', async () => {
    const { built, client } = await begin();
    await byApp(built, client);
    built.clock.advance(31 * 60_000);
    expect(await subjectsTo(built, 'amina@private.example')).toContain('somebody tried to get into your account');
  });
});
