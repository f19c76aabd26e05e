/** Pages speak the visitor's language; mails that of the account, where the directory knows it. */
import { describe, expect, test } from 'vitest';
import { build, PASSWORD, SEED } from '../kit/build.ts';
import { byApp, byEmail, choose, identify, NEW, setPassword } from '../kit/steps.ts';

const person = (username: string, language?: string) => ({
  username,
  addresses: [`${username}@private.example`],
  seed: SEED,
  ...(language ? { language } : {}),
});

describe('languages of pages', () => {
  test('follow the browser, and ?lang= for as long as the browser is open', async () => {
    const built = await build();
    const client = built.client();
    await client.get('/', { 'accept-language': 'de-AT, en;q=0.5' });
    expect(client.html).toContain('<html lang="de"');
    await client.get('/?lang=en', { 'accept-language': 'de' });
    expect(client.html).toContain('<html lang="en"');
    await client.get('/sign-in', { 'accept-language': 'de' });
    expect(client.html).toContain('<html lang="en"');
  });

  test('Arabic reads from right to left', async () => {
    const client = await (await build()).client().get('/', { 'accept-language': 'ar-SA' });
    expect(client.html).toMatch(/<html[^>]*lang="ar"[^>]*dir="rtl"|<html[^>]*dir="rtl"[^>]*lang="ar"/);
  });

  test('what is not offered or makes no sense gives the default', async () => {
    const built = await build();
    for (const url of ['/?lang=fr', '/?lang=', '/?lang=de&lang=ar', '/?lang[]=de', '/?lang=__proto__'])
      expect((await built.server.inject(url)).body).toContain('<html lang="en"');
  });
});

describe('languages of mails', () => {
  test('are the account’s own, whatever page a stranger used to ask for them', async () => {
    const built = await build({ people: [person('klaus', 'de-AT')] });
    const client = built.client();
    await client.get('/?lang=ar');
    await client.submit('/recover', { identifier: 'klaus' });
    await choose(client, 'email');
    expect((await built.mails()).map(({ language }) => language)).toEqual(['de']);
  });

  test('the notice after the reset, too', async () => {
    const built = await build({ people: [person('klaus', 'de')] });
    const client = await identify(built.client(), 'klaus');
    await byEmail(built, client, 'klaus@private.example');
    await byApp(built, client);
    await setPassword(client);
    expect((await built.mails()).map(({ language }) => language)).toEqual(['de', 'de']);
    expect(client.html).toContain('<html lang="en"');
  });

  test('and the one after a change', async () => {
    const built = await build({ people: [person('jamila', 'ar')] });
    const client = await built.client().get('/change');
    await client.submit('/change', { username: 'jamila', current: PASSWORD, password: NEW, again: NEW });
    const [mail] = await built.mails();
    expect(mail?.language).toBe('ar');
    expect(mail?.html).toContain('dir="rtl"');
  });

  test.each([undefined, 'fr', 'tlh'])('where the account says %s, they are that of the page', async (language) => {
    const built = await build({ people: [person('lea', language)] });
    const client = built.client();
    await client.get('/?lang=de');
    await client.submit('/recover', { identifier: 'lea' });
    await choose(client, 'email');
    expect((await built.mails()).map((mail) => mail.language)).toEqual(['de']);
  });
});
