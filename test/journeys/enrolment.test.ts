/** Ways to verify from nothing: add, confirm, see what is missing, practise, recover, remove. */
import { describe, expect, test } from 'vitest';
import { type Built, build, PASSWORD } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import {
  answer,
  appCode,
  byApp,
  byEmail,
  bySheet,
  choose,
  identify,
  NEW,
  setPassword,
  signIn,
  subjectsTo,
  wrongAppCode,
  wrongMailCode,
} from '../kit/steps.ts';

const MINUTE = 60_000;
const ADDRESS = 'dmitri@private.example';
const begin = async (env: Record<string, string> = {}) => {
  const built = await build({ people: [{ username: 'dmitri' }], env });
  return { built, client: await signIn(built.client(), 'dmitri') };
};

async function addAddress(built: Built, client: Client, address = ADDRESS): Promise<Client> {
  await client.get('/ways/add/email');
  await client.submit('/ways/add/email', { address });
  return client.submit('/ways/add/email/confirm', { code: await built.codeFor(address) });
}

/** The seed as a person without a camera types it. */
async function addApp(built: Built, client: Client): Promise<string> {
  await client.get('/ways/add/totp');
  const seed = (/<code class="secret"[^>]*>([A-Z2-7 ]+)<\/code>/.exec(client.html)?.[1] ?? '').replaceAll(' ', '');
  await client.submit('/ways/add/totp/confirm', { code: appCode(built, seed) });
  return seed;
}

async function addSheet(client: Client): Promise<string[]> {
  await client.get('/ways/add/recovery-code');
  const codes = [...client.html.matchAll(/<li>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){4})<\/li>/g)].map(([, code]) => code ?? '');
  await client.submit('/ways/add/recovery-code/confirm', { saved: 'yes' });
  return codes;
}

describe('enrolment', () => {
  test('from nothing to a recovery that works', async () => {
    const { built, client } = await begin();
    expect(client.text()).toContain('no way back in yet');
    await addAddress(built, client);
    expect(client.text()).toContain('Added');
    expect(client.text()).toContain('One more way is missing');
    const seed = await addApp(built, client);
    expect(client.text()).toContain('All good');
    const codes = await addSheet(client);
    expect(new Set(codes).size).toBe(10);
    expect(client.text()).toContain('10 left');
    expect(await subjectsTo(built, ADDRESS)).toEqual([
      'is this address yours?',
      'a new way back in was added',
      'a new way back in was added',
    ]);

    built.clock.advance(30_000);
    await client.submit('/practice');
    await byEmail(built, client, ADDRESS);
    await byApp(built, client, seed);
    expect(client.title).toBe('Practice run finished');

    const locked = await identify(built.client(), 'dmitri');
    await byEmail(built, locked, ADDRESS);
    await bySheet(locked, codes[7] as string);
    await setPassword(locked);
    expect(await built.bind('dmitri', NEW)).toBe('correct');
    const events = (await built.audited()).map(({ event, method }) => `${event} ${method ?? ''}`.trim());
    for (const method of ['email', 'totp', 'recovery-code']) {
      expect(events).toContain(`enrolment.begun ${method}`);
      expect(events).toContain(`enrolment.added ${method}`);
    }
  });

  test('an address counts only after its code came back', async () => {
    const { built, client } = await begin();
    await client.get('/ways/add/email');
    expect(client.html).toContain('value="dmitri@northfield.example"');
    await client.submit('/ways/add/email', { address: ADDRESS });
    const stranger = await identify(built.client(), 'dmitri');
    await choose(stranger, 'email');
    expect(await subjectsTo(built, ADDRESS)).toEqual(['is this address yours?']);
    const code = await built.codeFor(ADDRESS);
    await client.submit('/ways/add/email/confirm', { code: wrongMailCode(code) });
    expect(client.text()).toContain('4 tries');
    await client.submit('/ways/add/email/confirm', { code });
    expect(client.text()).toContain('Added');
    expect((await built.audited()).map(({ event }) => event)).toContain('enrolment.failed');
  });

  test('five wrong codes start it over instead of a page that accepts nothing', async () => {
    const { built, client } = await begin();
    await client.get('/ways/add/email');
    await client.submit('/ways/add/email', { address: ADDRESS });
    const code = await built.codeFor(ADDRESS);
    const { fields } = client.form('/ways/add/email/confirm');
    for (let n = 0; n < 5; n += 1)
      await client.post('/ways/add/email/confirm', { ...fields, code: wrongMailCode(code) });
    expect(client.title).toBe('Where can we reach you?');
    await client.post('/ways/add/email/confirm', { ...fields, code });
    expect(client.title).toBe('Where can we reach you?');
    await addAddress(built, client);
    expect(client.text()).toContain('Added');
  });

  test('five wrong app codes bring a new seed, with a word about it', async () => {
    const { built, client } = await begin();
    await client.get('/ways/add/totp');
    const first = client.html.match(/<code class="secret"[^>]*>([A-Z2-7 ]+)</)?.[1];
    const { fields } = client.form('/ways/add/totp/confirm');
    for (let n = 0; n < 5; n += 1)
      await client.post('/ways/add/totp/confirm', { ...fields, code: wrongAppCode(built, first?.replaceAll(' ', '')) });
    expect(client.text()).toContain('no longer works');
    const second = client.html.match(/<code class="secret"[^>]*>([A-Z2-7 ]+)</)?.[1] ?? '';
    expect(second).not.toBe(first);
    await client.submit('/ways/add/totp/confirm', { code: appCode(built, second.replaceAll(' ', '')) });
    expect(client.text()).toContain('Added');
  });

  test('a code that came too late starts it over', async () => {
    const { built, client } = await begin();
    await client.get('/ways/add/email');
    await client.submit('/ways/add/email', { address: ADDRESS });
    const code = await built.codeFor(ADDRESS);
    built.clock.advance(10 * MINUTE + 1);
    await client.submit('/ways/add/email/confirm', { code });
    expect(client.title).not.toBe('How safe am I?');
    await client.get('/safety');
    expect(client.text()).toContain('no way back in yet');
  });

  test('a page that is loaded again shows the same seed and the same sheet', async () => {
    const { client } = await begin();
    for (const method of ['totp', 'recovery-code']) {
      await client.get(`/ways/add/${method}`);
      const first = client.html.match(/<code class="secret"[^>]*>.*?<\/code>|<ol class="sheet.*?<\/ol>/s)?.[0];
      await client.get(`/ways/add/${method}`);
      expect(client.html.match(/<code class="secret"[^>]*>.*?<\/code>|<ol class="sheet.*?<\/ol>/s)?.[0]).toBe(first);
    }
  });

  test('a sheet counts only when the box is ticked; a new one replaces the old', async () => {
    const { built, client } = await begin();
    await addAddress(built, client);
    await client.get('/ways/add/recovery-code');
    await client.submit('/ways/add/recovery-code/confirm');
    expect(client.status).toBe(422);
    expect(client.text()).toContain('Save the codes first');
    const old = await addSheet(client);
    const fresh = await addSheet(client);
    const locked = await identify(built.client(), 'dmitri');
    await bySheet(locked, old[0] as string);
    expect(locked.text()).toContain('doesn’t match');
    await answer(locked, fresh[0] as string);
    expect(locked.choices('method')).toEqual(['email']);
  });

  test('a second address is written to as well, and the first one is told of it', async () => {
    const { built, client } = await begin();
    await addAddress(built, client);
    await addAddress(built, client, 'second@private.example');
    expect((await subjectsTo(built, ADDRESS)).at(-1)).toBe('a new way back in was added');
    const locked = await identify(built.client(), 'dmitri');
    await choose(locked, 'email');
    expect(await built.codeFor(ADDRESS)).toBe(await built.codeFor('second@private.example'));
  });

  test('the same address twice is one address, and nobody is told a second time', async () => {
    const { built, client } = await begin();
    await addAddress(built, client);
    await addAddress(built, client, 'DMITRI@private.example');
    const added = (await built.audited()).filter(({ event }) => event === 'enrolment.added');
    expect(added).toHaveLength(1);
    expect(await subjectsTo(built, ADDRESS)).toEqual(['is this address yours?']);
  });

  test('the mailbox that the password opens is named as the trap it is', async () => {
    const { built, client } = await begin();
    await addAddress(built, client, 'dmitri@northfield.example');
    expect(client.text()).toContain('same mailbox');
  });

  test.each([
    '',
    'x',
    'a@b',
    'a@b.c',
    'a b@c.example',
    'a@b.example,c@d.example',
    'a@b.example\r\nBcc: e@v.il',
    `${'a'.repeat(65)}@b.example`,
  ])('what is no address is refused and nothing is sent: %j', async (address) => {
    const { built, client } = await begin();
    await client.get('/ways/add/email');
    await client.submit('/ways/add/email', { address });
    expect([400, 422]).toContain(client.status);
    expect(await built.mails()).toEqual([]);
  });
});

describe('removing a way', () => {
  test('works at once and is told to all addresses, the removed one included', async () => {
    const { built, client } = await begin();
    await addAddress(built, client);
    // Listed oldest first.
    built.clock.advance(1_000);
    await addAddress(built, client, 'second@private.example');
    const link = /\/ways\/[\w-]+\/remove/.exec(client.html)?.[0] as string;
    await client.get(link);
    expect(client.title).toContain('Remove');
    await client.submit(link);
    expect(client.text()).toContain('Removed');
    for (const address of [ADDRESS, 'second@private.example'])
      expect((await subjectsTo(built, address)).at(-1)).toBe('a way back in was removed');
    expect((await built.audited()).map(({ event }) => event)).toContain('enrolment.removed');
    const before = (await built.mails()).length;
    const locked = await identify(built.client(), 'dmitri');
    await choose(locked, 'email');
    expect((await built.mails()).slice(before).map(({ to }) => to)).toEqual(['second@private.example']);
  });

  test('warns where it is a way that the person can not do without, and only there', async () => {
    const { built, client } = await begin();
    await addAddress(built, client);
    await addAddress(built, client, 'dmitri@home.example');
    await addApp(built, client);
    const links = [...client.html.matchAll(/\/ways\/[\w-]+\/remove/g)].map(([link]) => link);
    const warned: [app: boolean, warned: boolean][] = [];
    for (const link of links) {
      await client.get(link);
      warned.push([client.title.includes('Authenticator app'), client.text().includes('You need this one')]);
    }
    expect(warned).toHaveLength(3);
    for (const [app, told] of warned) expect(told, 'one of two addresses can go; the only app can not').toBe(app);
  });

  test('of somebody else is not possible', async () => {
    const built = await build({
      people: [{ username: 'dmitri' }, { username: 'eve', addresses: ['eve@private.example'] }],
    });
    const eve = await signIn(built.client(), 'eve');
    const link = /\/ways\/[\w-]+\/remove/.exec(eve.html)?.[0] as string;
    const client = await signIn(built.client(), 'dmitri');
    const { fields } = client.form('/practice');
    await client.get(link);
    expect(client.status).toBe(404);
    await client.post(link, fields);
    await eve.get('/safety');
    expect(eve.html).toContain(link);
  });
});

describe('step-up', () => {
  test.each(['/ways/add', '/ways/add/totp', '/ways/add/email', '/ways/add/recovery-code'])(
    'after five minutes %s asks for the password again',
    async (path) => {
      const { built, client } = await begin();
      built.clock.advance(5 * MINUTE + 1);
      await client.get(path);
      expect(client.title).toBe('Type your password once more');
      await client.submit('/sign-in', { password: 'not the right one now' });
      expect(client.status).toBe(422);
      await client.submit('/sign-in', { password: PASSWORD });
      expect(client.title).toBe('How safe am I?');
      await client.get(path);
      expect(client.title).not.toBe('Type your password once more');
    },
  );

  test('guards the forms themselves, not only the pages', async () => {
    const { built, client } = await begin();
    await addAddress(built, client);
    const link = /\/ways\/[\w-]+\/remove/.exec(client.html)?.[0] as string;
    await client.get(link);
    const { fields } = client.form(link);
    built.clock.advance(5 * MINUTE + 1);
    await client.post(link, fields);
    expect(client.title).toBe('Type your password once more');
    await client.post('/ways/add/email', { ...fields, address: 'second@private.example' });
    expect(client.title).toBe('Type your password once more');
    expect(await subjectsTo(built, 'second@private.example')).toEqual([]);
    await client.get('/safety');
    expect(client.html).toContain(link);
  });

  test('with an app means the app, too: the password alone is not fresh proof', async () => {
    const { built, client } = await begin();
    const seed = await addApp(built, client);
    built.clock.advance(6 * MINUTE);
    await client.get('/ways/add/email');
    await client.submit('/sign-in', { password: PASSWORD });
    await client.get('/ways/add/email');
    expect(client.title).toBe('Type your password once more');
    await client.submit('/sign-in', { password: PASSWORD });
    await byApp(built, client, seed);
    await client.get('/ways/add/email');
    expect(client.title).toBe('Where can we reach you?');
  });
});

describe('a way that was disabled', () => {
  test('is told to the person, shown, and can be bound anew', async () => {
    const { built, client: before } = await begin({
      SPAREKEY_LIMITS_LADDER_DISABLE_AT: '11',
      SPAREKEY_LIMITS_SENDS_PER_ACCOUNT_PER_HOUR: '50',
      SPAREKEY_LIMITS_SENDS_PER_ACCOUNT_PER_DAY: '50',
      SPAREKEY_LIMITS_SENDS_PER_DESTINATION_PER_HOUR: '50',
    });
    await addAddress(built, before);
    for (let n = 0; n < 3; n += 1) {
      const stranger = await identify(built.client({ ip: '203.0.113.7' }), 'dmitri');
      await choose(stranger, 'email');
      const code = await built.codeFor(ADDRESS);
      for (let tries = 0; tries < 5; tries += 1) {
        if (stranger.forms().some(({ action }) => action === '/recover/answer'))
          await answer(stranger, wrongMailCode(code));
        if (n === 2) built.clock.advance(MINUTE);
      }
    }
    expect((await subjectsTo(built, ADDRESS)).at(-1)).toBe('a way back in was removed');
    const client = await signIn(built.client(), 'dmitri');
    expect(client.text()).toContain('switched off');

    await addAddress(built, client);
    expect(client.text()).not.toContain('switched off');
    const mails = (await built.mails()).length;
    built.clock.advance(60 * MINUTE);
    const locked = await identify(built.client(), 'dmitri');
    await choose(locked, 'email');
    expect((await built.mails()).length).toBe(mails + 1);
    // The failures of the one before don't count against the new one.
    await answer(locked, await built.codeFor(ADDRESS));
    expect(locked.title).toBe('We can’t check that it’s you here');
  });
});

test('a further address is told of at the old one and at the new one, each with a stop button of its own', async () => {
  const built = await build({ people: [{ username: 'amina', addresses: ['old@private.example'] }] });
  const client = await signIn(built.client(), 'amina');
  await client.get('/ways/add/email');
  await client.submit('/ways/add/email', { address: 'new@private.example' });
  await client.submit('/ways/add/email/confirm', { code: await built.codeFor('new@private.example') });
  const told = (await built.mails()).filter(({ subject }) => subject.includes('a new way back in was added'));
  expect(told.map(({ to }) => to).sort()).toEqual(['new@private.example', 'old@private.example']);
  const stops = told.map(({ text }) => /\/stop#([\w-]+)/.exec(text)?.[1]);
  expect(new Set(stops).size).toBe(2);
});
