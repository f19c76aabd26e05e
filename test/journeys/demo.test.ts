/** The demo of `npm start`: every way to verify is tried with nothing but what its own pages show. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { compose, type Sparekey } from '../../src/compose.ts';
import { demoConfig } from '../../src/demo/config.ts';
import { DEMO_PASSWORD, DEMO_PEOPLE } from '../../src/demo/people.ts';
import { CODE_COST, PASSWORD_COST } from '../../src/kernel/argon2.ts';
import { methodPlugins } from '../../src/methods/index.ts';
import { languages } from '../../src/text/index.ts';
import { createAuthenticator } from '../kit/authenticator.ts';
import { Client } from '../kit/client.ts';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { byPasskey, optionsOn } from '../kit/passkeys.ts';
import { freePort } from '../kit/servers/process.ts';
import { answer, choose, identify, NEW, setPassword, signIn } from '../kit/steps.ts';

for (const cost of [PASSWORD_COST, CODE_COST]) Object.assign(cost, { memory: 64, passes: 1, parallelism: 1 });

const PASSWORD_PAGE = 'Choose a new password';

interface Demo extends Sparekey {
  clock: FakeClock;
  origin: string;
  client(ip?: string): Client;
  /** What a page of the demo says, tags removed. */
  page(path: string): Promise<Client>;
}

async function startDemo(): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-demo-'));
  const config = demoConfig({ folder, host: '127.0.0.1', port: await freePort() });
  // Responses need not be slow here.
  const quick = { ...config, responseFloor: { ...config.responseFloor, milliseconds: 0, jitter: 0 } };
  const clock = createFakeClock(Date.now());
  const sparekey = await compose({
    config: quick,
    keys: [{ id: 'demo', bytes: Buffer.alloc(32, 9) }],
    clock,
    logger: pino({ level: 'silent' }),
    demo: true,
  });
  await sparekey.start();
  onTestFinished(async () => {
    await sparekey.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const client = (ip?: string) => new Client(sparekey.server, config.publicUrl, ip);
  return {
    ...sparekey,
    clock,
    origin: config.publicUrl,
    client,
    async page(path) {
      await sparekey.outbox.idle();
      return client().get(path, { host: new URL(config.publicUrl).host });
    },
  };
}

/** The newest mail with a code. */
async function codeInInbox(demo: Demo): Promise<string> {
  const inbox = await demo.page('/demo/inbox');
  const mail = /href="(\/demo\/inbox\/[\w-]+)"/.exec(inbox.html)?.[1] ?? '';
  const [, first, second] = /\b(\d{4}) ?(\d{4})\b/.exec((await demo.page(mail)).text()) ?? [];
  return `${first}${second}`;
}

/** What the app of that person shows. */
async function codeInApp(demo: Demo, name: string): Promise<string> {
  const shown = (await demo.page('/demo/app')).text();
  const [, first, second] = new RegExp(`${name} (\\d{3}) (\\d{3})`).exec(shown) ?? [];
  return `${first}${second}`;
}

async function byMail(demo: Demo, client: Client): Promise<Client> {
  await choose(client, 'email');
  return answer(client, await codeInInbox(demo));
}

async function byApp(demo: Demo, client: Client, name: string): Promise<Client> {
  await choose(client, 'totp');
  return answer(client, await codeInApp(demo, name));
}

test('its page says how to try every way there is, in every language', async () => {
  const demo = await startDemo();
  expect([...demo.flow.methods.keys()].sort()).toEqual(Object.keys(methodPlugins).sort());
  for (const { code } of languages) {
    const page = await demo.page(`/demo?lang=${code}`);
    expect(page.status).toBe(200);
    expect(page.html.match(/<section[^>]*aria-labelledby="ways"[\s\S]*?<\/section>/)?.[0].match(/<li>/g)).toHaveLength(
      demo.flow.methods.size,
    );
  }
  for (const { displayName } of DEMO_PEOPLE) expect((await demo.page('/demo')).text()).toContain(displayName);
});

test('email and sms: the inbox and the phone have the codes', async () => {
  const demo = await startDemo();
  const client = await identify(demo.client(), 'amina');
  await byMail(demo, client);
  await choose(client, 'sms');
  const phone = await demo.page('/demo/phone');
  expect(phone.text()).toContain('+491713920001');
  await answer(client, /#(\d{6})/.exec(phone.text())?.[1] ?? '');
  expect(client.title).toBe(PASSWORD_PAGE);
  await setPassword(client);
  expect(client.title).toContain('back in');
});

test('voice: the phone rings, and speaks to the right keys only', async () => {
  const demo = await startDemo();
  const client = await identify(demo.client(), 'amina');
  const ring = async () => {
    const keys = [...client.html.matchAll(/<kbd>(\d)<\/kbd>/g)].map(([, key]) => key).join('');
    const phone = await demo.page('/demo/phone');
    const form = phone.forms().find(({ action }) => action.startsWith('/demo/phone/'));
    if (!form) throw new Error(phone.text());
    const id = form.action.split('/').at(-1) ?? '';
    const code = demo.phones.phone.calls()[0]?.code ?? '';
    expect(phone.text()).not.toContain([...code].join(' '));
    return { keys, phone, press: (typed: string) => phone.submit(form.action, { [`keys-${id}`]: typed }), code };
  };
  await choose(client, 'voice');
  const first = await ring();
  await first.press(first.keys === '111' ? '222' : '111');
  expect(first.phone.text()).toContain('no code was spoken');
  expect(first.phone.text()).not.toContain([...first.code].join(' '));

  const again = await identify(demo.client('192.0.2.11'), 'chiara');
  await choose(again, 'voice');
  client.html = again.html;
  const second = await ring();
  await second.press(second.keys);
  expect(second.phone.text()).toContain([...second.code].join(' '));
  await answer(again, second.code);
  expect(again.title).toBe('One more check');
});

test('totp: the app shows codes of everybody, and of a key that was pasted', async () => {
  const demo = await startDemo();
  const client = await identify(demo.client(), 'amina');
  await byMail(demo, client);
  await byApp(demo, client, 'Amina Haddad');
  expect(client.title).toBe(PASSWORD_PAGE);

  const dmitri = await signIn(demo.client('192.0.2.12'), 'dmitri', DEMO_PASSWORD);
  await dmitri.get('/ways/add/totp');
  const key = /<code class="secret"[^>]*>([^<]+)</.exec(dmitri.html)?.[1] ?? '';
  const app = await demo.page('/demo/app');
  await app.submit('/demo/app', { key: 'no key!' });
  expect(app.text()).toContain('not a key');
  await app.submit('/demo/app', { key });
  const [, first, second] = /New key \w{4}… (\d{3}) (\d{3})/.exec(app.text()) ?? [];
  await dmitri.submit('/ways/add/totp/confirm', { code: `${first}${second}` });
  expect(dmitri.path).toContain('/safety');
});

test('passkey: added by dmitri, and enough to come back', async () => {
  const demo = await startDemo();
  const dmitri = await signIn(demo.client(), 'dmitri', DEMO_PASSWORD);
  const device = createAuthenticator({ origin: demo.origin });
  await dmitri.get('/ways/add/passkey');
  await dmitri.submit('/ways/add/passkey/confirm', { credential: device.make(optionsOn(dmitri)), label: 'Key' });
  const client = await identify(demo.client('192.0.2.13'), 'dmitri');
  await byPasskey(client, device);
  expect(client.title).toBe(PASSWORD_PAGE);
});

test('recovery-code: the saved codes of ben are on the page', async () => {
  const demo = await startDemo();
  const client = await identify(demo.client(), 'ben');
  await byMail(demo, client);
  await choose(client, 'recovery-code');
  const page = await demo.page('/demo');
  const code = /(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}/.exec(page.text().slice(page.text().indexOf('Ben Okafor')))?.[0] ?? '';
  await answer(client, code);
  expect(client.title).toBe(PASSWORD_PAGE);
});

test('helper-pass: the help desk of the page issues one', async () => {
  const demo = await startDemo();
  const page = await demo.page('/demo');
  await page.submit('/demo/pass', { username: 'amina' });
  const code = /Pass for Amina Haddad: ([0-9A-Z-]+)/.exec(page.text())?.[1] ?? '';
  const client = await identify(demo.client(), 'amina');
  await choose(client, 'helper-pass');
  await answer(client, code);
  expect(client.title).toMatch(/One more check|Choose a new password/);
  // Nobody is issued a pass where no recovery is possible; the page says why.
  await page.submit('/demo/pass', { username: 'hana' });
  expect(page.text()).toContain('No pass was issued.');
});

test('contact-approval: the manager of amina confirms', async () => {
  const demo = await startDemo();
  const client = await identify(demo.client(), 'amina');
  await choose(client, 'contact-approval');
  const number = /class="number"[^>]*>(?:<span[^>]*>[^<]*<\/span>)?(\d{3})</.exec(client.html)?.[1] ?? '';
  await demo.page('/demo/inbox');
  const mail = (await demo.page('/demo/inbox')).html.match(/href="(\/demo\/inbox\/[\w-]+)"/)?.[1] ?? '';
  const token = /\/approve#([\w-]+)/.exec((await demo.page(mail)).html)?.[1] ?? '';
  const chiara = demo.client('192.0.2.14');
  await chiara.get('/approve');
  await chiara.submit('/approve', { token });
  await signIn(chiara, 'chiara', DEMO_PASSWORD);
  if (chiara.choices('method').length > 0) await byApp(demo, chiara, 'Chiara Rossi');
  await chiara.submit('/approve/confirm', { number });
  expect(chiara.title).toBe('Thank you');
  await client.submit('/recover/answer');
  expect(client.title).toBe('One more check');
});

test('oidc: chiara signs in at the demo’s own provider, and a wrong person there opens nothing', async () => {
  const demo = await startDemo();
  await demo.server.listen({ host: '127.0.0.1', port: Number(new URL(demo.origin).port) });
  const there = async (client: Client, as: string) => {
    await choose(client, 'oidc');
    const way = /<a class="button" href="([^"]+)"/.exec(client.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const { pathname, search } = new URL(way);
    await client.get(`${pathname}${search}`);
    await client.submit('/demo/idp/authorize', { as });
    return client.submit('/recover/answer');
  };
  const client = await identify(demo.client(), 'chiara');
  await there(client, 'ben');
  expect(client.title).not.toBe('One more check');
  const another = await identify(demo.client('192.0.2.15'), 'chiara');
  await there(another, 'chiara');
  expect(another.title).toBe('One more check');
  await byApp(demo, another, 'Chiara Rossi');
  await setPassword(another, NEW);
  expect(another.title).toContain('back in');
});

test('directory-facts: a student is asked for her card as well', async () => {
  const demo = await startDemo();
  const client = await identify(demo.client(), 'maya');
  await byMail(demo, client);
  await byApp(demo, client, 'Maya Lindqvist');
  expect(client.title).not.toBe(PASSWORD_PAGE);
  if (client.choices('method').length > 0) await choose(client, 'directory-facts');
  const page = (await demo.page('/demo')).text();
  await client.submit('/recover/answer', { card: /Student card (\d+)/.exec(page)?.[1] ?? '' });
  expect(client.title).toBe(PASSWORD_PAGE);
});

test('questions: noah answers three of his, with what the page shows', async () => {
  const demo = await startDemo();
  const client = await identify(demo.client(), 'noah');
  await byMail(demo, client);
  await byApp(demo, client, 'Noah Adeyemi');
  if (client.choices('method').length > 0) await choose(client, 'questions');
  const page = await demo.page('/demo');
  const answers = new Map(
    [...page.html.matchAll(/<dt>([^<]+)<\/dt><dd><code>([^<]+)<\/code>/g)].map(([, question = '', text = '']) => [
      question,
      text,
    ]),
  );
  const asked = [...client.html.matchAll(/<label for="(answer\d)">([^<]+)<\/label>/g)];
  expect(asked).toHaveLength(3);
  await client.submit(
    '/recover/answer',
    Object.fromEntries(asked.map(([, name = '', question = '']) => [name, answers.get(question) ?? ''])),
  );
  expect(client.title).toBe(PASSWORD_PAGE);
});
