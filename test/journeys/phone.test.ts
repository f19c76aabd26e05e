/** Codes by text and by call: added, used, told of; what they are worth; and what keeps strangers from spending money on them. */
import { describe, expect, test } from 'vitest';
import { type Built, build, PASSWORD, type Person, PHONES, seed } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { answer, byApp, byEmail, choose, identify, NEW, setPassword, signIn, wrongMailCode } from '../kit/steps.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NUMBER = '+491701234567';
const ADDRESS = 'amina@private.example';
const amina: Person = { username: 'amina', addresses: [ADDRESS], phones: [NUMBER] };

/** `env`: on top of the senders that keep everything. */
const begin = (people: Person[] = [amina], env: Record<string, string> = {}) =>
  build({ people, env: { ...PHONES, ...env } });

async function byText(built: Built, client: Client, number = NUMBER): Promise<Client> {
  await choose(client, 'sms');
  return answer(client, await built.textCodeFor(number));
}

const keysOn = (client: Client): string =>
  [...client.html.matchAll(/<kbd>(\d)<\/kbd>/g)].map(([, key]) => key).join('');
const events = async (built: Built, event: string) => (await built.audited()).filter((entry) => entry.event === event);

/** As many people as wanted, each with a number of their own. */
const crowd = (count: number, number: (n: number) => string): Person[] =>
  Array.from({ length: count }, (_, n) => ({ username: `person${n}`, phones: [number(n)] }));
const spread = (n: number) => `+4917${n % 10}${String(2_000_000 + n * 137_113).padStart(7, '0')}`;

describe('recovery with a phone', () => {
  test('mail and text open it, and the phone is told of the new password, too', async () => {
    const built = await begin();
    const client = await identify(built.client(), 'amina');
    await byEmail(built, client, ADDRESS);
    expect(client.choices('method')).toEqual(['sms', 'voice']);
    expect(client.text()).toContain('•••• ••• 67');
    await byText(built, client);
    await setPassword(client);
    expect(client.text()).toContain('•••• ••• 67');
    expect(await built.bind('amina', NEW)).toBe('correct');
    const texts = await built.texts();
    expect(texts.map(({ to }) => to)).toEqual([NUMBER, NUMBER]);
    expect(texts[0]?.text).toMatch(/^Northfield College: (\d{6}) is your code[\s\S]*\n\n@reset\.example\.test #\1$/);
    expect(texts[1]?.text).toMatch(/password.*555 0100/);
    expect((await built.audit.verify(built.storage.db)).faults).toEqual([]);
  });

  test('a number that gets texts can be called: the page shows the keys, the call has the code', async () => {
    const built = await begin();
    const client = await identify(built.client(), 'amina');
    await byEmail(built, client, ADDRESS);
    await choose(client, 'voice');
    const [call] = await built.calls();
    expect(call).toMatchObject({ to: NUMBER, key: keysOn(client), organisation: 'Northfield College' });
    expect(client.html).not.toContain(call?.code);
    await answer(client, call?.code ?? '');
    expect(client.title).toBe('Choose a new password');
    expect(await built.texts()).toEqual([]);
  });

  test('a text and a call are one way, not two', async () => {
    const built = await begin([{ username: 'amina', phones: [NUMBER] }]);
    const client = await identify(built.client(), 'amina');
    await byText(built, client);
    expect(client.title).toBe('We can’t check that it’s you here');
  });

  test('straight from the text to a call: the code of the text is void', async () => {
    const built = await begin();
    const client = await identify(built.client(), 'amina');
    await choose(client, 'sms');
    const old = await built.textCodeFor(NUMBER);
    await client.submit('/recover/method', { method: 'voice' });
    expect(client.title).toBe('Take the call, type the code');
    await answer(client, old);
    expect(client.text()).toContain('doesn’t match');
    await answer(client, (await built.calls()).at(-1)?.code ?? '');
    expect(client.choices('method')).toEqual(['email']);
  });

  test('texts speak the language of the person, Arabic, too', async () => {
    const built = await begin([{ ...amina, language: 'ar' }]);
    const client = await identify(built.client(), 'amina');
    await choose(client, 'sms');
    const [text] = await built.texts();
    expect(text?.language).toBe('ar');
    expect(text?.text).toMatch(/رمزك هو \d{6}/);
  });

  test.each(['sms', 'voice'])('by %s nobody can tell who exists, and to nobody nothing is sent', async (method) => {
    const built = await begin();
    const seen: string[] = [];
    for (const name of ['amina', 'nobody']) {
      const client = await identify(built.client(), name);
      await choose(client, method);
      const shape = (text: string) => text.replaceAll(keysOn(client).split('').join(' '), 'KEYS');
      seen.push(shape(client.text()));
      await answer(client, '000000');
      seen.push(shape(client.text()));
    }
    expect(seen.slice(2)).toEqual(seen.slice(0, 2));
    expect([...(await built.texts()), ...(await built.calls())].map(({ to }) => to)).toEqual([NUMBER]);
  });

  test('fifty answers at once, to two nodes: the code opens one gate, once', async () => {
    const built = await begin();
    const other = await build({
      env: {
        ...PHONES,
        SPAREKEY_STORAGE_FILE: built.config.storage.engine === 'sqlite' ? built.config.storage.file : '',
      },
      keys: built.keys,
      clock: built.clock,
    });
    const client = await identify(built.client(), 'amina');
    await choose(client, 'sms');
    const code = await built.textCodeFor(NUMBER);
    const twin = other.client();
    for (const [name, value] of client.cookies) twin.cookies.set(name, value);
    twin.html = client.html;
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? client : twin).submitted('/recover/answer', { code })),
    );
    expect(await events(built, 'recovery.verified')).toHaveLength(1);
    const later = await identify(built.client(), 'amina');
    await choose(later, 'sms');
    await answer(later, code);
    expect(later.text()).toContain('doesn’t match');
  });

  test('a new text makes the old one worthless, resets no count, and comes at most three times', async () => {
    const built = await begin();
    const client = await identify(built.client(), 'amina');
    await choose(client, 'sms');
    let old = await built.textCodeFor(NUMBER);
    for (let n = 0; n < 3; n += 1) {
      await answer(client, wrongMailCode(old));
      await answer(client, wrongMailCode(old));
      await answer(client, wrongMailCode(old));
      built.clock.advance(MINUTE);
      await client.submit('/recover/resend');
    }
    expect((await built.texts()).length).toBe(4);
    expect(client.forms().map(({ action }) => action)).not.toContain('/recover/resend');
    const newest = await built.textCodeFor(NUMBER);
    await answer(client, old);
    old = newest;
    // Ten failures in a row, over four codes: now everybody waits, the right code included.
    expect(client.text()).toContain('doesn’t match');
    await answer(client, newest);
    expect(client.text()).toMatch(/short break/);
    built.clock.advance(31_000);
    await answer(client, newest);
    expect(client.choices('method')).toContain('email');
  });
});

describe('adding a phone', () => {
  const dmitri: Person = { username: 'dmitri' };
  const start = async (env: Record<string, string> = {}, people = [dmitri]) => {
    const built = await begin(people, env);
    return { built, client: await signIn(built.client(), 'dmitri') };
  };

  test('says what a phone is worth and what is safer, then binds it by a text', async () => {
    const { built, client } = await start();
    await client.get('/ways/add/sms');
    expect(client.text()).toContain('a phone alone never gets you back in');
    expect(client.html).toContain('href="/ways/add/totp"');
    expect(client.html).toContain('inputmode="tel"');
    await client.submit('/ways/add/sms', { address: '0170 123 45 67' });
    expect(client.text()).toContain('•••• ••• 67');
    expect(client.html).not.toContain('1234567');
    await client.submit('/ways/add/sms/confirm', { code: await built.textCodeFor(NUMBER) });
    expect(client.text()).toContain('Added');
    expect((await events(built, 'enrolment.added'))[0]).toMatchObject({ method: 'sms' });
  });

  test('binds it by a call whose keys stand on the page', async () => {
    const { built, client } = await start();
    await client.get('/ways/add/voice');
    await client.submit('/ways/add/voice', { address: '030 901820' });
    const [call] = await built.calls();
    expect(call).toMatchObject({ to: '+4930901820', key: keysOn(client) });
    await client.submit('/ways/add/voice/confirm', { code: call?.code ?? '' });
    expect(client.text()).toContain('Added');
  });

  test.each([
    ['', 'Type a phone number.'],
    ['my phone', 'doesn’t look like a phone number'],
    ['12', 'too short'],
    ['0170 123456789012345', 'too long'],
    ['+999 12345678', 'which country'],
    ['0900 1234567', 'service number'],
    ['0170 1234567 ext. 4', 'extension'],
    ['+43 664 1234567', 'phones of that country'],
  ])('%j gets one sentence and costs nothing', async (address, sentence) => {
    const { built, client } = await start();
    await client.get('/ways/add/sms');
    await client.submit('/ways/add/sms', { address });
    expect(client.status).toBe(422);
    expect(client.text()).toContain(sentence);
    expect(await built.texts()).toEqual([]);
  });

  test('a number of somebody else is refused before it costs anything', async () => {
    const { built, client } = await start({}, [dmitri, amina]);
    await client.get('/ways/add/voice');
    await client.submit('/ways/add/voice', { address: NUMBER });
    expect(client.text()).toContain('Another account has this number already');
    expect(await built.calls()).toEqual([]);
  });

  test('or taken and noted, where policy says so', async () => {
    const { built, client } = await start({ SPAREKEY_POLICY_SHARED_PHONE: 'flag' }, [dmitri, amina]);
    await client.get('/ways/add/sms');
    await client.submit('/ways/add/sms', { address: NUMBER });
    await client.submit('/ways/add/sms/confirm', { code: await built.textCodeFor(NUMBER) });
    expect(client.text()).toContain('Added');
    expect(await events(built, 'enrolment.shared')).toHaveLength(1);
  });

  test('two who add the same number at once: the second one learns it at the end, in a sentence', async () => {
    const { built, client } = await start({}, [dmitri, { username: 'ivan' }]);
    const other = await signIn(built.client(), 'ivan');
    for (const one of [client, other]) {
      await one.get('/ways/add/sms');
      await one.submit('/ways/add/sms', { address: NUMBER });
    }
    const codes = (await built.texts()).map(({ text }) => text.slice(-6));
    await client.submit('/ways/add/sms/confirm', { code: codes[0] ?? '' });
    await other.submit('/ways/add/sms/confirm', { code: codes[1] ?? '' });
    expect(client.text()).toContain('Added');
    expect(other.text()).toContain('Another account has this number already');
  });

  test('whoever removes a phone is told on that very phone', async () => {
    const { built, client } = await start({}, [{ ...dmitri, phones: [NUMBER] }]);
    // The phone is the second factor here.
    await byText(built, client);
    expect(client.path).toBe('/safety');
    const [, url = ''] = /href="(\/ways\/[\w-]+\/remove)"/.exec(client.html) ?? [];
    await client.get(url);
    await client.submit(url);
    expect((await built.texts()).at(-1)).toMatchObject({ to: NUMBER, text: expect.stringContaining('removed') });
  });
});

describe('what a phone is worth', () => {
  const listed: Person = { username: 'amina', addresses: [ADDRESS], attributes: { mobile: ['0170 1234567'] } };
  const env = { SPAREKEY_METHODS_SMS_DIRECTORY_ATTRIBUTE: 'mobile' };

  test('mail and a number that only the directory knows are one method (N-37), the app and that number are two', async () => {
    const built = await begin([listed, { ...listed, username: 'ben', seed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }], env);
    const client = await identify(built.client(), 'amina');
    await byEmail(built, client, ADDRESS);
    expect(client.title).toBe('We can’t check that it’s you here');
    const ben = await identify(built.client(), 'ben');
    await byApp(built, ben);
    expect(ben.choices('method')).toEqual(['email', 'sms']);
    await byText(built, ben);
    expect(ben.title).toBe('Choose a new password');
  });

  test('a confirmed number is a second factor at sign-in, one of the directory is not', async () => {
    const built = await begin([amina, { ...listed, username: 'ben' }], env);
    const client = await signIn(built.client(), 'amina', PASSWORD);
    expect(client.path).toBe('/recover');
    await byText(built, client);
    expect(client.path).toBe('/safety');
    expect((await signIn(built.client(), 'ben', PASSWORD)).path).toBe('/safety');
  });
});

describe('spending', () => {
  let addresses = 0;
  /** From an address of their own, because those have limits, too. */
  const ask = async (built: Built, name: string) => {
    addresses += 1;
    return choose(await identify(built.client({ ip: `192.0.2.${addresses}` }), name), 'sms');
  };
  const numbers = async (built: Built) => (await built.texts()).map(({ to }) => to);

  test('the next sender takes over within the same attempt, and the first is left alone for a while', async () => {
    const dead = '{type: http-gateway, url: "http://127.0.0.1:9/send", encoding: form, body: "to={to}&text={text}"}';
    const built = await begin([amina], { SPAREKEY_TEXTS_SENDERS: `[${dead}, {type: demo-phone}]` });
    const client = await identify(built.client(), 'amina');
    await byText(built, client);
    expect(client.choices('method')).toEqual(['email']);
    const rows = await built.storage.db
      .selectFrom('outbox')
      .select(['attempt', 'state'])
      .where('kind', '=', 'text')
      .execute();
    expect(rows).toEqual([{ attempt: 1, state: 'done' }]);
    expect(built.log.join('')).toContain('A sender of texts failed.');
    expect(built.log.join('')).not.toContain('1701234567');
  });

  test('at 80 % of the day’s budget operators are told, at 100 % nothing is sent, and a restart forgets nothing', async () => {
    const people = crowd(8, spread);
    const built = await begin(people, {
      SPAREKEY_TEXTS_BUDGET_PER_DAY: '5',
      SPAREKEY_ORGANISATION_ALERTS: 'ops@northfield.example',
    });
    for (const { username } of people.slice(0, 4)) await ask(built, username);
    expect((await events(built, 'texts.budget')).map(({ reason }) => reason)).toEqual([
      expect.stringContaining('4 of the 5'),
    ]);
    const page = (await ask(built, 'person4')).text();
    const over = await ask(built, 'person5');
    expect(over.text()).toBe(page);
    expect(await numbers(built)).toHaveLength(5);
    const { file } = built.config.storage as { file: string };
    const again = await build({
      env: { ...PHONES, SPAREKEY_TEXTS_BUDGET_PER_DAY: '5', SPAREKEY_STORAGE_FILE: file },
      keys: built.keys,
      clock: built.clock,
    });
    await ask(again, 'person6');
    expect(await numbers(again)).toEqual([]);
    expect(await events(built, 'texts.budget')).toHaveLength(2);
    expect((await built.mails()).filter(({ to }) => to === 'ops@northfield.example')).toHaveLength(2);
    built.clock.advance(24 * HOUR);
    await ask(built, 'person7');
    expect(await numbers(built)).toHaveLength(6);
  });

  test('twelve people who ask at the same instant don’t slip past the budget', async () => {
    const people = crowd(12, spread);
    const built = await begin(people, { SPAREKEY_TEXTS_BUDGET_PER_DAY: '5' });
    await Promise.all(people.map(({ username }) => ask(built, username)));
    expect(await numbers(built)).toHaveLength(5);
    expect(await events(built, 'texts.budget')).toHaveLength(2);
  });

  test('a block of neighbouring numbers is cut off after some, and nobody can see it', async () => {
    const people = crowd(6, (n) => `+49170765432${n}`);
    const built = await begin([...people, amina], { SPAREKEY_TEXTS_NEIGHBOURS_PER_HOUR: '3' });
    const pages = new Set<string>();
    for (const { username } of people) pages.add((await ask(built, username)).text());
    expect(pages.size).toBe(1);
    expect(await numbers(built)).toHaveLength(3);
    await ask(built, 'person5');
    await ask(built, 'person0');
    await ask(built, 'amina');
    expect((await numbers(built)).slice(3)).toEqual(['+491707654320', NUMBER]);
    expect((await events(built, 'texts.withheld'))[0]?.reason).toMatch(/begin with \+49170,/);
    built.clock.advance(HOUR);
    await ask(built, 'person5');
    expect(await numbers(built)).toHaveLength(6);
  });

  test('a range whose codes nobody types in gets no more, until somebody does', async () => {
    const people = crowd(9, (n) => `+49171${String(1_000_000 + n * 91_357)}`);
    const built = await begin([...people, amina], { SPAREKEY_TEXTS_UNANSWERED_PER_HOUR: '5' });
    const clients: Client[] = [];
    for (const { username } of people.slice(0, 7)) clients.push(await ask(built, username));
    expect(await numbers(built)).toHaveLength(5);
    await answer(clients[0] as Client, (await built.texts())[0]?.text.slice(-6) ?? '');
    await ask(built, 'person7');
    await ask(built, 'amina');
    expect(await numbers(built)).toHaveLength(7);
    expect(await events(built, 'texts.withheld')).toHaveLength(2);
  });

  test('a stranger who asks for people that don’t exist spends nothing and alarms nobody', async () => {
    const built = await begin([amina], { SPAREKEY_TEXTS_BUDGET_PER_DAY: '2', SPAREKEY_TEXTS_NEIGHBOURS_PER_HOUR: '2' });
    for (let n = 0; n < 6; n += 1) await ask(built, `nobody${n}`);
    await ask(built, 'amina');
    expect(await numbers(built)).toEqual([NUMBER]);
    expect(await events(built, 'texts.withheld')).toEqual([]);
  });

  test('a number of a country that is not on the list any more gets nothing', async () => {
    const built = await begin([{ ...amina, phones: ['+436641234567'] }]);
    await ask(built, 'amina');
    expect(await numbers(built)).toEqual([]);
    expect((await events(built, 'texts.withheld'))[0]?.reason).toContain('AT');
  });

  test('a number with a new SIM gets no code, but notices go on (N-19)', async () => {
    const built = await build({
      people: [amina, { username: 'ben', phones: ['+491709876543'] }],
      env: PHONES,
      signals: {
        recentChange: async (number) =>
          number === NUMBER ? { is: 'changed', cause: 'SIM of today' } : { is: 'unknown', cause: 'No answer.' },
      },
    });
    await ask(built, 'amina');
    await ask(built, 'ben');
    expect(await numbers(built)).toEqual(['+491709876543']);
    expect((await events(built, 'texts.withheld'))[0]?.reason).toContain('SIM of today');
    await built.outbox.idle();
    expect(built.log.join('')).toContain('Nobody could tell');
  });

  test('notices cost, too: over budget they stay away, and the mail says it all the same', async () => {
    const built = await begin([{ ...amina, phones: [NUMBER] }], { SPAREKEY_TEXTS_BUDGET_PER_DAY: '1' });
    const client = await identify(built.client(), 'amina');
    await byEmail(built, client, ADDRESS);
    await byText(built, client);
    await setPassword(client);
    expect(await numbers(built)).toEqual([NUMBER]);
    expect((await built.mails()).map(({ subject }) => subject).at(-1)).toContain('your password was reset');
  });
});

test('a person who is added while the node runs gets texts like everybody', async () => {
  const built = await begin([]);
  await seed(built, amina, built.clock.now());
  const client = await identify(built.client(), 'amina');
  await byText(built, client);
  expect(client.choices('method')).toEqual(['email']);
});
