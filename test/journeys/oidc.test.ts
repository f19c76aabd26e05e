/** Recovery, linking and sign-in by way of another identity provider, with a real one. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { CLIENT, type OidcProvider, startOidcProvider } from '../kit/servers/oidc-provider.ts';
import { appCode, byApp, byEmail, choose, identify, NEW, setPassword, signIn } from '../kit/steps.ts';

const RETURN = 'https://reset.example.test/oidc/return';
let provider: OidcProvider;

beforeAll(async () => {
  provider = await startOidcProvider({ redirectUri: RETURN, secret: CLIENT.clientSecret, acrValues: ['urn:mfa'] });
});
afterAll(() => provider.close());
afterEach(() => {
  provider.trouble.clear();
  provider.person = { sub: 'amina-there' };
});

const people = [
  { username: 'amina', addresses: ['amina@private.example'], seed: SEED },
  { username: 'ben', addresses: ['ben@private.example'], seed: SEED },
];

const house = (env: Record<string, string> = {}): Promise<Built> =>
  build({
    people,
    clock: createFakeClock(Date.now()),
    env: {
      SPAREKEY_POLICY_RECOVERY_METHODS: 'email,totp,oidc',
      SPAREKEY_METHODS_OIDC_NAME: 'State ID',
      SPAREKEY_METHODS_OIDC_ISSUER: provider.issuer,
      SPAREKEY_METHODS_OIDC_CLIENT_ID: CLIENT.clientId,
      SPAREKEY_METHODS_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
      ...env,
    },
  });

/** Where the button of the page leads. */
const way = (client: Client): string => {
  const href = /<a class="button" href="([^"]+)"/.exec(client.html)?.[1]?.replaceAll('&amp;', '&');
  if (!href) throw new Error(`No way to the provider: ${client.text()}`);
  return href;
};

/** To the provider and back to our page, which is not sent yet. */
async function goThere(client: Client): Promise<Client> {
  const { pathname, search } = await provider.signIn(way(client));
  return client.get(`${pathname}${search}`);
}

async function link(built: Built, username: string): Promise<Client> {
  const client = built.client();
  await signIn(client, username);
  await client.submit('/recover/method', { method: 'totp' }).catch(() => client);
  await client.submit('/recover/answer', { code: appCode(built) }).catch(() => client);
  await client.get('/ways/add/oidc');
  await goThere(client);
  return client.submit('/ways/add/oidc/confirm');
}

async function linked(built: Built, username = 'amina'): Promise<void> {
  const client = await link(built, username);
  expect(client.path).toBe('/safety?done=added');
  // The next code of the app is another one.
  built.clock.advance(30_000);
}

test('a linked account opens a gate; afterwards everything goes on as usual', async () => {
  const built = await house();
  await linked(built);
  const client = await identify(built.client(), 'amina');
  await choose(client, 'oidc');
  expect(client.title).toBe('Sign in at State ID');
  await goThere(client);
  expect(client.title).toBe('Welcome back');
  await client.submit('/recover/answer');
  expect(client.title).toBe('One more check');
  await byApp(built, client);
  await setPassword(client);
  expect(await built.bind('amina', NEW)).toBe('correct');
});

test('linking tells the person at every address, and the name of the provider stands on the safety page', async () => {
  const built = await house();
  const client = await link(built, 'amina');
  expect(client.text()).toContain('State ID');
  const told = (await built.mails()).filter(({ to }) => to === 'amina@private.example').at(-1);
  expect(told?.subject).toContain('new way back in');
});

test('an account elsewhere belongs to one person only', async () => {
  const built = await house();
  await linked(built);
  const client = await link(built, 'ben');
  expect(client.status).toBe(422);
  expect(client.text()).toContain('linked to somebody else');
});

test('known and unknown names see the same pages, from the choice to the refusal', async () => {
  const built = await house();
  await linked(built);
  provider.person = { sub: 'mallory-there' };
  const seen = [];
  for (const name of ['amina', 'ben', 'nobody']) {
    const client = await identify(built.client(), name);
    await choose(client, 'oidc');
    const page = client.text();
    await goThere(client);
    const back = client.text();
    await client.submit('/recover/answer');
    seen.push([page, back, client.text(), client.status]);
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  expect(String(seen[0])).toContain('did not prove it');
});

test('breaking it off over there costs no try, and leaves every other way', async () => {
  const built = await house();
  await linked(built);
  const client = await identify(built.client(), 'amina');
  provider.person = undefined;
  for (let n = 0; n < 12; n += 1) {
    await choose(client, 'oidc');
    await goThere(client);
    await client.submit('/recover/answer');
    expect(client.text()).toContain('It was not confirmed');
  }
  provider.person = { sub: 'amina-there' };
  await choose(client, 'oidc');
  await goThere(client);
  await client.submit('/recover/answer');
  expect(client.title).toBe('One more check');
});

test('a provider that is down says so in a sentence, counts nothing, and another way goes on', async () => {
  const built = await house({ SPAREKEY_METHODS_OIDC_TIMEOUT: '300 ms' });
  await linked(built);
  const client = await identify(built.client(), 'amina');
  await choose(client, 'oidc');
  await goThere(client);
  provider.trouble.set('/token', 'hangs');
  await client.submit('/recover/answer');
  expect(client.text()).toContain('does not answer just now');
  await byEmail(built, client, 'amina@private.example');
  expect(client.title).toBe('One more check');
  const events = (await built.audited()).map(({ event }) => event);
  expect(events).toContain('recovery.unanswered');
  expect(events).not.toContain('recovery.mismatched');
  expect(built.log.join()).toContain('A way to verify could not be used.');
});

test('one answer opens one gate, however often it is sent at once', async () => {
  const built = await house();
  await linked(built);
  const client = await identify(built.client(), 'amina');
  await choose(client, 'oidc');
  await goThere(client);
  const answers = await Promise.all(Array.from({ length: 50 }, () => client.submitted('/recover/answer')));
  const rotated = answers.filter(({ cookies }) => cookies.some(({ name }) => name.endsWith('sspr_flow')));
  expect(rotated).toHaveLength(1);
  expect(provider.count('/token')).toBeGreaterThan(0);
  const verified = (await built.audited()).filter(({ event }) => event === 'recovery.verified');
  expect(verified).toHaveLength(1);
});

test('coming back to another journey, another browser or with an old answer hands nothing in', async () => {
  const built = await house();
  await linked(built);
  const [mine, theirs] = [await identify(built.client(), 'amina'), await identify(built.client(), 'ben')];
  await choose(mine, 'oidc');
  await choose(theirs, 'oidc');
  const { pathname, search } = await provider.signIn(way(theirs));
  await mine.get(`${pathname}${search}`);
  expect(mine.forms().map(({ action }) => action)).not.toContain('/recover/answer');
  const other = await built.client().get(`${pathname}${search}`);
  expect(other.forms().map(({ action }) => action)).not.toContain('/recover/answer');
  await mine.get('/recover');
  expect(mine.title).toBe('Sign in at State ID');
});

test('an answer that is sent without our page is refused, and one for a linking opens no gate', async () => {
  const built = await house();
  await linked(built);
  const client = await identify(built.client(), 'amina');
  await choose(client, 'oidc');
  const { search } = await provider.signIn(way(client));
  const { step } = client.form('/recover/another').fields;
  await client.post('/recover/answer', { returned: search.slice(1), step: step ?? '' });
  expect(client.status).toBe(403);
  const adding = await client.get(`/oidc/return${search.replace('state=gate.', 'state=add.')}`);
  await adding.submit('/ways/add/oidc/confirm');
  expect(adding.path).toMatch(/^\/sign-in/);
});

test('code, state and secrets of a sign-in over there are in no log line', async () => {
  const built = await house();
  await linked(built);
  const client = await identify(built.client(), 'amina');
  await choose(client, 'oidc');
  const { pathname, search, searchParams } = await provider.signIn(way(client));
  await client.get(`${pathname}${search}`);
  await client.submit('/recover/answer');
  await client.get(`${pathname}${search}&more=${'x'.repeat(5_000)}`);
  expect(client.status).toBe(400);
  const written = built.log.join('\n');
  expect(written).toContain('/oidc/return');
  for (const name of ['code', 'state']) expect(written).not.toContain(searchParams.get(name));
  expect(written).not.toContain(CLIENT.clientSecret);
});

test('it is a second factor at sign-in only where the provider vouches for two', async () => {
  const env = { SPAREKEY_METHODS_OIDC_ACR: 'urn:mfa' };
  const built = await house(env);
  provider.person = { sub: 'amina-there', acr: 'urn:mfa' };
  await linked(built);
  const client = built.client();
  await signIn(client, 'amina', PASSWORD);
  expect(client.choices('method')).toContain('oidc');
  await choose(client, 'oidc');
  await goThere(client);
  await client.submit('/recover/answer');
  expect(client.path).toBe('/safety');
  const without = await house();
  provider.person = { sub: 'amina-there' };
  await linked(without);
  const other = built.client();
  await signIn(other, 'ben');
  expect(other.choices('method')).not.toContain('oidc');
});

test('a sign-in over there that is not strong enough is told in the audit, exactly', async () => {
  provider.person = { sub: 'amina-there', acr: 'urn:mfa' };
  const built = await house({ SPAREKEY_METHODS_OIDC_ACR: 'urn:mfa' });
  await linked(built);
  provider.person = { sub: 'amina-there' };
  const client = await identify(built.client(), 'amina');
  await choose(client, 'oidc');
  await goThere(client);
  await client.submit('/recover/answer');
  const refused = (await built.audited()).find(({ event }) => event === 'recovery.voided');
  expect(refused?.reason).toContain('acr');
});
