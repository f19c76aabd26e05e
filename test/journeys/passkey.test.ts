/** Passkeys in journeys: as a gate, as two, as the way to begin, as second factor of a sign-in; added, used, revoked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { accountId } from '../../src/kernel/account.ts';
import * as incidents from '../../src/storage/repositories/incidents.ts';
import * as people from '../../src/storage/repositories/people.ts';
import { createAuthenticator, type Lies } from '../kit/authenticator.ts';
import { type BuildOptions, type Built, build as buildPlain, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import {
  askedAtStart,
  byPasskey,
  givePasskey,
  optionsOn,
  PASSKEYS,
  startByPasskey,
  strangersKey,
  tap,
} from '../kit/passkeys.ts';
import { byApp, byEmail, choose, identify, NEW, setPassword, signIn, subjectsTo } from '../kit/steps.ts';

const build = (options: BuildOptions) => buildPlain({ ...options, env: { ...PASSKEYS, ...options.env } });
const PASSWORD_PAGE = 'Choose a new password';
const NOTHING = 'That passkey opens nothing here';
const ADDRESS = 'amina@private.example';
const amina = (more: object = {}) => ({
  username: 'amina',
  addresses: [ADDRESS],
  device: createAuthenticator(),
  ...more,
});

async function withKey(more: object = {}, options: BuildOptions = {}) {
  const person = amina(more);
  const built = await build({ ...options, people: [person, ...(options.people ?? [])] });
  return { built, device: person.device, client: built.client() };
}

const foreignKey = () => strangersKey().passkeys[0] as never;

let address = 0;
/** Everybody from a network of their own. */
const stranger = (built: Built): Client => {
  address += 1;
  return built.client({ ip: `203.0.${113 + (address >> 8)}.${address & 255}` });
};

/** Two nodes on one database. */
async function twoNodes() {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-nodes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const shared = { clock: createFakeClock(), file: join(folder, 'shared.sqlite') };
  const person = amina();
  const one = await build({ ...shared, people: [person] });
  return { one, other: await build(shared), device: person.device };
}

const reasons = async (built: Built, event: string) =>
  (await built.audited())
    .filter((entry) => entry.event === event && entry.outcome !== 'success')
    .map(({ reason }) => reason);

describe('recovery', () => {
  test('a passkey that checks the person is enough by itself', async () => {
    const { built, device, client } = await withKey({ seed: SEED });
    await identify(client, 'amina');
    await byPasskey(client, device);
    expect(client.title).toBe(PASSWORD_PAGE);
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect(await subjectsTo(built, ADDRESS)).toContain('your password was reset');
    expect((await built.audited()).map(({ event, method }) => [event, method])).toContainEqual([
      'recovery.verified',
      'passkey',
    ]);
  });

  test('one that does not is a single gate; with a mailed code it is enough', async () => {
    const { built, device, client } = await withKey({ device: createAuthenticator({ uv: false }) });
    await identify(client, 'amina');
    await byPasskey(client, device);
    expect(client.title).toBe('One more check');
    expect(client.choices('method')).toEqual(['email']);
    await byEmail(built, client, ADDRESS);
    expect(client.title).toBe(PASSWORD_PAGE);
  });

  test('what this answer shows counts, not what the key once could', async () => {
    const { device, client } = await withKey();
    await identify(client, 'amina');
    await byPasskey(client, device, { uv: false });
    expect(client.title).toBe('One more check');
  });

  test('privileged people need a second, different way besides', async () => {
    const { built, device, client } = await withKey(
      { seed: SEED, groups: ['admins'] },
      { env: { SPAREKEY_POLICY_PRIVILEGED_GROUPS: 'admins' } },
    );
    await identify(client, 'amina');
    await byPasskey(client, device);
    expect(client.title).toBe('One more check');
    expect(client.choices('method')).not.toContain('passkey');
    await byApp(built, client);
    expect(client.title).toBe(PASSWORD_PAGE);
  });

  test('who has only a key that counts once is not left without an answer', async () => {
    const { device, client } = await withKey({ addresses: [], device: createAuthenticator({ uv: false }) });
    await identify(client, 'amina');
    await byPasskey(client, device);
    expect(client.text()).not.toContain('Something broke');
    expect(client.title).not.toBe(PASSWORD_PAGE);
  });

  test('a wrong answer costs a try and says so; five void the challenge', async () => {
    const { device, client } = await withKey();
    await identify(client, 'amina');
    await byPasskey(client, device, { origin: 'https://evil.example' });
    expect(client.title).toBe('Use your passkey');
    expect(client.text()).toContain('That passkey didn’t work');
    expect(client.text()).toContain('4 tries left');
    for (let n = 0; n < 4; n += 1) await tap(client, device, { signedBy: foreignKey() });
    expect(client.title).toBe('How can we check that it’s you?');
    expect(client.text()).toContain('That took too long');
    await byPasskey(client, device);
    expect(client.title).toBe(PASSWORD_PAGE);
  });

  test('the audit names why, the page does not', async () => {
    const { built, device, client } = await withKey();
    await identify(client, 'amina');
    await byPasskey(client, device, { origin: 'https://evil.example' });
    const [reason] = await reasons(built, 'recovery.mismatched');
    expect(reason).toContain('https://evil.example');
    expect(client.html).not.toContain('evil.example');
  });

  test('five minutes, then a new challenge', async () => {
    const { built, device, client } = await withKey();
    await identify(client, 'amina');
    await choose(client, 'passkey');
    const credential = device.use(optionsOn(client));
    built.clock.advance(300_001);
    await client.submit('/recover/answer', { credential });
    expect(client.text()).toContain('That took too long');
    await byPasskey(client, device);
    expect(client.title).toBe(PASSWORD_PAGE);
  });

  test('an answer of one journey is nothing in another, nor in the same one after going back', async () => {
    const { built, device, client } = await withKey();
    await identify(client, 'amina');
    await choose(client, 'passkey');
    const credential = device.use(optionsOn(client));
    const thief = await choose(await identify(stranger(built), 'amina'), 'passkey');
    await thief.submit('/recover/answer', { credential });
    expect(thief.text()).toContain('didn’t work');
    await client.submit('/recover/another');
    await choose(client, 'passkey');
    await client.submit('/recover/answer', { credential });
    expect(client.text()).toContain('didn’t work');
  });

  test('an unknown name, one without a passkey and a real one are asked the same and answered the same', async () => {
    const { built, device } = await withKey(
      {},
      { people: [{ username: 'dmitri', addresses: ['dmitri@private.example'] }] },
    );
    const foreign = createAuthenticator();
    await givePasskey(built, 'dmitri', foreign);
    const pages = [];
    for (const name of ['amina', 'dmitri', 'nobody']) {
      const client = await choose(await identify(stranger(built), name), 'passkey');
      const { challenge: _, ...asked } = JSON.parse(optionsOn(client)) as Record<string, unknown>;
      expect(asked).toEqual({ rpId: 'reset.example.test', timeout: 300_000, userVerification: 'preferred' });
      const text = [client.text()];
      await tap(client, name === 'amina' ? foreign : device);
      pages.push([...text, client.text(), client.status].join());
    }
    expect(new Set(pages).size).toBe(1);
  });

  test('of fifty at once exactly one opens, on one node and on two', async () => {
    const { one, other, device } = await twoNodes();
    for (const nodes of [[one], [one, other]]) {
      const client = await choose(await identify(stranger(one), 'amina'), 'passkey');
      const form = client.form('/recover/answer');
      const credential = device.use(optionsOn(client));
      const twins = Array.from({ length: 50 }, (_, n) => {
        const twin = (nodes[n % nodes.length] as Built).client({ ip: '203.0.113.250' });
        // Without the heir: the browser that opened the gate could look at the page again, and would be counted twice.
        for (const [name, value] of client.cookies) if (!name.endsWith('heir')) twin.cookies.set(name, value);
        return twin.post('/recover/answer', { ...form.fields, credential });
      });
      const opened = (await Promise.all(twins)).filter(({ title }) => title === PASSWORD_PAGE);
      expect(opened).toHaveLength(1);
    }
    const verified = (await one.audited()).filter(({ event }) => event === 'recovery.verified');
    expect(verified).toHaveLength(2);
  });

  test('a copied key is refused, opens an incident, and says nothing of it on the page', async () => {
    const device = createAuthenticator({ counts: true, synced: false });
    const { built, client } = await withKey({ device });
    await identify(client, 'amina');
    await byPasskey(client, device, { counter: 9 });
    expect(client.title).toBe(PASSWORD_PAGE);
    const again = await identify(stranger(built), 'amina');
    await byPasskey(again, device, { counter: 8 });
    expect(again.text()).toContain('That passkey didn’t work');
    expect(again.text()).not.toMatch(/copy|counted/);
    const open = await incidents.list(built.storage.db, { open: true, limit: 10 });
    expect(open).toMatchObject([{ kind: 'clone', accountId: accountId('builtin', 'amina') }]);
    expect(open[0]?.says).toContain('counted 8 after 9');
    expect(await built.audited()).toContainEqual(
      expect.objectContaining({ event: 'incident.opened', reason: open[0]?.says }),
    );
    // An unknown key of the same count does not.
    await tap(again, strangersKey(), { counter: 1 });
    expect(await incidents.list(built.storage.db, { limit: 10 })).toHaveLength(1);
  });

  test('is disabled after fifty failures in a row, the right answer then fails, too', async () => {
    const { built, device } = await withKey();
    const wrong: Lies = { challenge: 'AAAA' };
    for (let n = 0; n < 50; n += 1) {
      const client = await choose(await identify(stranger(built), 'amina'), 'passkey');
      await tap(client, device, wrong);
      built.clock.advance(7_200_000);
    }
    const own = await built.flow.authenticators.list(built.storage.db, accountId('builtin', 'amina'));
    expect(own.find(({ method }) => method === 'passkey')?.disabledAt).toBeDefined();
    const client = await identify(stranger(built), 'amina');
    await byPasskey(client, device);
    expect(client.title).toBe('Use your passkey');
    expect((await startByPasskey(stranger(built), device)).text()).toContain(NOTHING);
  });
});

describe('beginning without a name', () => {
  test('one tap leads to the new password; everybody who must know is told', async () => {
    const { built, device, client } = await withKey();
    await startByPasskey(client, device);
    expect(client.path).toBe('/recover');
    expect(client.title).toBe(PASSWORD_PAGE);
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect(await subjectsTo(built, ADDRESS)).toContain('your password was reset');
    const told = (await built.audited()).filter(({ subject }) => subject === accountId('builtin', 'amina'));
    expect(told.map(({ event }) => event).slice(0, 2)).toEqual(['recovery.started', 'recovery.verified']);
  });

  test('a key that does not check the person leads to the next gate', async () => {
    const { built, device, client } = await withKey({ device: createAuthenticator({ uv: false }) });
    await startByPasskey(client, device);
    expect(client.title).toBe('One more check');
    await byEmail(built, client, ADDRESS);
    expect(client.title).toBe(PASSWORD_PAGE);
  });

  test('whoever goes no further leaves a trace: the person is told', async () => {
    const { built, device, client } = await withKey({ device: createAuthenticator({ uv: false }) });
    await startByPasskey(client, device);
    built.clock.advance(3_600_000);
    expect(await subjectsTo(built, ADDRESS)).toEqual(['somebody tried to get into your account']);
  });

  test('asking costs no row and says the same to everybody', async () => {
    const { built, client } = await withKey();
    const rows = () => built.storage.db.selectFrom('flows').selectAll().execute();
    const asked = [await askedAtStart(client), await askedAtStart(stranger(built))].map((text) => JSON.parse(text));
    expect(asked[0].challenge).not.toBe(asked[1].challenge);
    for (const { challenge: _, ...rest } of asked)
      expect(rest).toEqual({ rpId: 'reset.example.test', timeout: 300_000, userVerification: 'preferred' });
    expect(await rows()).toEqual([]);
    const cookie = [client.last.headers['set-cookie']].flat().find((one) => String(one).includes('sspr_passkey'));
    expect(cookie).toMatch(/^__Host-sspr_passkey=.*HttpOnly; Secure; SameSite=Strict/);
    expect(cookie).not.toContain(asked[0].challenge);
  });

  test('unknown, wrong, switched off, removed, late, used and foreign keys all read alike', async () => {
    const { built, device } = await withKey();
    const own = () => built.flow.authenticators.list(built.storage.db, accountId('builtin', 'amina'));
    const key = (await own()).find(({ method }) => method === 'passkey');
    const { id = '', version = 0 } = key ?? {};
    const pages: string[] = [];
    const look = (client: Client) => {
      pages.push(`${client.status} ${client.text()}`);
      // So that no limit speaks first.
      built.clock.advance(1_200_000);
    };

    look(await startByPasskey(stranger(built), strangersKey()));
    look(await startByPasskey(stranger(built), device, { signedBy: foreignKey() }));
    look(await startByPasskey(stranger(built), device, { origin: 'https://evil.example' }));
    look(await startByPasskey(stranger(built), device, { userHandle: undefined }));
    look(await startByPasskey(stranger(built), device, { posted: () => 'nonsense' }));

    const late = stranger(built);
    const options = await askedAtStart(late);
    built.clock.advance(300_001);
    look(await late.submit('/passkey', { credential: device.use(options) }));

    const used = stranger(built);
    const credential = device.use(await askedAtStart(used));
    const form = used.form('/passkey');
    const jar = new Map(used.cookies);
    expect((await used.post('/passkey', { ...form.fields, credential })).title).toBe(PASSWORD_PAGE);
    const thief = stranger(built);
    for (const [name, value] of jar) thief.cookies.set(name, value);
    look(await thief.post('/passkey', { ...form.fields, credential }));

    const other = stranger(built);
    await askedAtStart(other);
    look(await other.submit('/passkey', { credential: device.use(await askedAtStart(stranger(built))) }));
    const without = stranger(built);
    await without.get('/');
    look(await without.submit('/passkey', { credential: device.use(await askedAtStart(stranger(built))) }));

    const now = (await own()).find((one) => one.id === id)?.version ?? version;
    await built.flow.authenticators.update(built.storage.db, id, now, { disabledAt: built.clock.now() });
    look(await startByPasskey(stranger(built), device));
    await built.flow.authenticators.remove(built.storage.db, id);
    look(await startByPasskey(stranger(built), device));

    expect(pages).toHaveLength(11);
    expect(new Set(pages)).toEqual(new Set([pages[0]]));
    expect(pages[0]).toMatch(/^422 /);
    expect(pages[0]).toContain(NOTHING);
    expect(new Set(await reasons(built, 'recovery.started'))).toContain('The passkey is not one of this account.');
  });

  test('works nowhere where the policy has no passkeys, and not for whom it allows none', async () => {
    const none = await build({
      env: { SPAREKEY_POLICY_RECOVERY_METHODS: 'email,totp', SPAREKEY_POLICY_PRIVILEGED_METHODS: 'email,totp' },
    });
    const client = await none.client().get('/');
    expect(client.html).not.toContain('passkey');
    expect((await client.post('/passkey/ask', client.form('/recover').fields)).status).toBe(404);
    const { built, device } = await withKey(
      {},
      // Opened for the sake of others.
      { env: { SPAREKEY_POLICY_RECOVERY_METHODS: 'email,totp' } },
    );
    expect((await startByPasskey(built.client(), device)).text()).toContain(NOTHING);
    expect(await reasons(built, 'recovery.started')).toEqual(['The policy does not take it.']);
  });

  test('what was found beforehand is told after the gate, like everywhere', async () => {
    const { built, device } = await withKey();
    await people.freeze(
      built.storage.db,
      { id: accountId('builtin', 'amina'), directory: 'builtin', key: 'amina' },
      'Frozen.',
      1,
    );
    const client = await startByPasskey(built.client(), device);
    expect(client.title).not.toBe(PASSWORD_PAGE);
    expect(client.forms().map(({ action }) => action)).not.toContain('/recover/password');
    expect(await reasons(built, 'recovery.started')).toEqual(['Frozen.']);
  });

  test('counts as a start: twenty an hour from one network, five for one account', async () => {
    const { built, device } = await withKey();
    for (let n = 0; n < 5; n += 1) expect((await startByPasskey(stranger(built), device)).title).toBe(PASSWORD_PAGE);
    expect((await startByPasskey(stranger(built), device)).status).toBe(429);
    const client = built.client();
    for (let n = 0; n < 20; n += 1) expect((await startByPasskey(client, strangersKey())).status).toBe(422);
    expect((await startByPasskey(client, strangersKey())).status).toBe(429);
    // Looking at the page, and being asked, uses up nothing.
    for (let n = 0; n < 30; n += 1) await askedAtStart(client);
    expect(client.last.statusCode).toBe(200);
  });

  test('of fifty at once exactly one opens, on one node and on two', async () => {
    const { one, other, device } = await twoNodes();
    for (const nodes of [[one], [one, other]]) {
      const client = stranger(one);
      const credential = device.use(await askedAtStart(client));
      const form = client.form('/passkey');
      const twins = Array.from({ length: 50 }, (_, n) => {
        const twin = stranger(nodes[n % nodes.length] as Built);
        for (const [name, value] of client.cookies) twin.cookies.set(name, value);
        return twin.post('/passkey', { ...form.fields, credential });
      });
      const opened = (await Promise.all(twins)).filter(({ title }) => title === PASSWORD_PAGE);
      expect(opened).toHaveLength(1);
      one.clock.advance(3_600_000);
    }
  });

  test('a copied key opens an incident here, too', async () => {
    const device = createAuthenticator({ counts: true, synced: false });
    const { built } = await withKey({ device });
    await startByPasskey(stranger(built), device, { counter: 5 });
    expect((await startByPasskey(stranger(built), device, { counter: 5 })).text()).toContain(NOTHING);
    expect(await incidents.list(built.storage.db, { open: true, limit: 10 })).toMatchObject([{ kind: 'clone' }]);
  });
});

describe('signing in', () => {
  test('a passkey is a second factor, and the browser is told which keys to look for', async () => {
    const { built, device, client } = await withKey();
    await signIn(client, 'amina');
    await choose(client, 'passkey');
    const { allowCredentials } = JSON.parse(optionsOn(client)) as { allowCredentials: { id: string }[] };
    expect(allowCredentials.map(({ id }) => id)).toEqual(device.passkeys.map(({ id }) => id));
    await tap(client, device, { userHandle: undefined });
    expect(client.title).toBe('How safe am I?');
    expect((await built.audited()).find(({ event }) => event === 'session.opened')?.method).toBe('passkey');
  });

  test('somebody else’s does not do', async () => {
    const { client } = await withKey();
    await signIn(client, 'amina');
    await choose(client, 'passkey');
    const thief = strangersKey();
    const { allowCredentials: _, ...asked } = JSON.parse(optionsOn(client)) as Record<string, unknown>;
    const credential = thief.use(JSON.stringify(asked));
    await client.submit('/recover/answer', { credential });
    expect(client.text()).toContain('That passkey didn’t work');
    expect((await client.get('/safety')).title).toBe('Sign in');
  });
});

describe('a passkey of one’s own', () => {
  const signedIn = async (): Promise<{ built: Built; client: Client }> => {
    const built = await build({ people: [{ username: 'dmitri', addresses: ['dmitri@private.example'] }, amina()] });
    return { built, client: await signIn(built.client(), 'dmitri') };
  };

  test('is made, named, shown, practised with and taken away; then it fails at once', async () => {
    const { built, client } = await signedIn();
    const device = createAuthenticator();
    await client.get('/ways/add/passkey');
    expect(client.title).toBe('Make a passkey');
    const credential = device.make(optionsOn(client));
    await client.submit('/ways/add/passkey/confirm', { credential, label: 'Blue key' });
    expect(client.path).toContain('/safety');
    expect(client.text()).toContain('Blue key');
    expect(client.text()).toContain('All good');
    expect(await subjectsTo(built, 'dmitri@private.example')).toHaveLength(1);

    await client.submit('/practice');
    await byPasskey(client, device);
    expect(client.text()).toContain('Nothing was changed');

    const waiting = await choose(await identify(stranger(built), 'dmitri'), 'passkey');
    const own = await built.flow.authenticators.list(built.storage.db, accountId('builtin', 'dmitri'));
    const key = own.find(({ method }) => method === 'passkey');
    await client.get(`/ways/${key?.id}/remove`);
    await client.submit(`/ways/${key?.id}/remove`);
    expect(client.text()).not.toContain('Blue key');
    await tap(waiting, device);
    expect(waiting.text()).toContain('That passkey didn’t work');
    expect((await startByPasskey(stranger(built), device)).text()).toContain(NOTHING);
  });

  test('gets five fresh minutes whenever its page is opened', async () => {
    const { built, client } = await signedIn();
    const device = createAuthenticator();
    await client.get('/ways/add/passkey');
    const first = optionsOn(client);
    built.clock.advance(200_000);
    await client.get('/ways/add/passkey');
    expect(optionsOn(client)).not.toBe(first);
    await client.submit('/ways/add/passkey/confirm', { credential: device.make(first) });
    expect(client.status).toBe(422);
    expect(client.text()).toContain('No passkey was added');
    await client.submit('/ways/add/passkey/confirm', { credential: device.make(optionsOn(client)) });
    expect(client.path).toContain('/safety');
  });

  test('a second one may be added, the same one not, and not somebody else’s', async () => {
    const { built, client } = await signedIn();
    const device = createAuthenticator();
    const add = async (credential: (options: string) => string) => {
      await client.get('/ways/add/passkey');
      return client.submit('/ways/add/passkey/confirm', { credential: credential(optionsOn(client)) });
    };
    await add((options) => device.make(options));
    expect(client.path).toContain('/safety');
    await add((options) => {
      const { excludeCredentials } = JSON.parse(options) as { excludeCredentials: { id: string }[] };
      expect(excludeCredentials.map(({ id }) => id)).toEqual([device.passkeys[0]?.id]);
      return device.make(options);
    });
    expect(client.path).toContain('/safety');
    const own = await built.flow.authenticators.list(built.storage.db, accountId('builtin', 'dmitri'));
    expect(own.flatMap(({ method, label }) => (method === 'passkey' ? [label] : [])).sort()).toEqual([
      'Passkey 1',
      'Passkey 2',
    ]);

    // A device that claims the id of another person’s key, which findByLookup knows.
    const [foreign] = await built.flow.authenticators.list(built.storage.db, accountId('builtin', 'amina'));
    expect(foreign).toBeDefined();
    const stolen = Buffer.alloc(32, 3);
    await givePasskey(built, 'amina', createAuthenticator(), { idIs: stolen });
    await add((options) => createAuthenticator().make(options, { idIs: stolen }));
    expect(client.status).toBe(422);
    expect(client.text()).toContain('It already belongs to another account');
  });
});
