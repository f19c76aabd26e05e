/** The Entra connector against a stand-in of Microsoft Graph that refuses what Graph would refuse. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connector, Delivered, Order, Person } from '../../src/connectors/connector.ts';
import { type EntraConfig, entra } from '../../src/connectors/entra.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { CLIENT, type EntraAccount, type EntraStandIn, SCOPE, startEntra, TENANT } from '../kit/servers/entra.ts';
import { run, tempDir } from '../kit/servers/process.ts';

const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });
const account = (name: string, more: Partial<EntraAccount> = {}): EntraAccount => ({
  id: `id-${name}`,
  userPrincipalName: `${name}@contoso.com`,
  mail: `${name}@contoso.com`,
  password: 'old',
  ...more,
});
const users = (): EntraAccount[] => [
  account('anna'),
  account("o'hara"),
  account('boss', { isAdministrator: true }),
  account('synced', { onPremisesSyncEnabled: true }),
  account('twin', { mail: 'twins@contoso.com' }),
  account('twin2', { mail: 'twins@contoso.com' }),
];
const ANNA = 'anna@contoso.com';
const password = (text = 'New-Password-1'): Order => ({
  is: 'password',
  password: new Secret(text),
  mustChange: false,
});

const configFor = (server: EntraStandIn, change: Partial<EntraConfig> = {}): EntraConfig => ({
  tenant: TENANT,
  ...CLIENT,
  lookup: 'userPrincipalName',
  url: `${server.url}/v1.0`,
  loginUrl: server.url,
  scope: SCOPE,
  protected: [],
  allowedNetworks: [],
  timeout: 2_000,
  ...change,
});

connectorContract('entra', async () => {
  const server = await startEntra(users());
  const clock = createFakeClock();
  const open = async (change: Partial<EntraConfig> = {}): Promise<Connector> =>
    entra.open(configFor(server, change), { id: 'entra', clock });
  return {
    connector: await open(),
    person: person(ANNA),
    unknown: person('nobody@contoso.com'),
    guarded: person('synced@contoso.com'),
    works: async ({ link }, text) =>
      server.users.some((user) => user.userPrincipalName === link && user.password === text),
    mustChange: { isSet: async () => server.users[0]?.passwordProfile?.forceChangePasswordNextSignIn === true },
    refused: 'weak',
    faults: { disappear: server.disappear, heal: server.heal },
    withWrongCredentials: () => open({ clientSecret: 'wrong' }),
    log: async () => server.log(),
    close: server.close,
  };
});

describe('entra', () => {
  const clock = createFakeClock();
  let server: EntraStandIn;
  beforeEach(async () => {
    server = await startEntra(users());
  });
  afterEach(() => server.close());
  const open = async (change: Partial<EntraConfig> = {}): Promise<Connector> =>
    entra.open(configFor(server, change), { id: 'entra', clock });
  const deliver = async (connector: Connector, link = ANNA, order = password()): Promise<Delivered> =>
    connector.deliver(person(link), order, { idempotencyKey: 'job', number: 1 });

  it('finds names with a quote in them, and nobody where two have the same', async () => {
    const connector = await open();
    expect(await deliver(connector, "O'Hara@contoso.com")).toEqual({ is: 'delivered' });
    expect(await (await open({ lookup: 'mail' })).find(person('twins@contoso.com'))).toEqual({ is: 'several' });
  });

  it('leaves accounts of an own Active Directory alone and says where their password comes from', async () => {
    expect(await deliver(await open(), 'synced@contoso.com')).toMatchObject({
      is: 'rejected',
      cause: expect.stringContaining('onPremisesSyncEnabled'),
      hint: expect.stringContaining('connect that directory'),
    });
    expect(server.count('PATCH /v1.0/users/id-synced')).toBe(0);
  });

  it('tells an administrator, whom Graph protects, from a right that is missing for everybody', async () => {
    const connector = await open();
    expect(await deliver(connector, 'boss@contoso.com')).toMatchObject({ is: 'rejected' });
    expect(await deliver(connector)).toEqual({ is: 'delivered' });
    server.rights.roles = ['User.Read.All'];
    const without = await open();
    expect(await deliver(without)).toMatchObject({
      is: 'retry',
      whole: true,
      cause: expect.stringContaining('clientId:'),
    });
    expect(await without.check()).toContainEqual(
      expect.objectContaining({ is: 'failed', fix: expect.stringContaining('User-PasswordProfile.ReadWrite.All') }),
    );
    server.rights.roles = ['User.Read.All', 'User-PasswordProfile.ReadWrite.All'];
    server.rights.wids = [];
    expect(await deliver(await open())).toMatchObject({ is: 'retry', whole: false });
  });

  it('reads the roles of an account where it may', async () => {
    server.rights.roles.push('RoleManagement.Read.Directory');
    const connector = await open();
    expect(await connector.find(person('boss@contoso.com'))).toMatchObject({ is: 'protected' });
    expect(await deliver(connector)).toEqual({ is: 'delivered' });
  });

  it('renews a token that was revoked, once', async () => {
    const connector = await open();
    await deliver(connector);
    server.tokens.revokeAll();
    expect(await deliver(connector)).toEqual({ is: 'delivered' });
    expect(server.tokens.issued()).toBe(2);
    server.answerNext('GET /v1.0/users', { status: 401 }, 2);
    expect(await deliver(connector)).toMatchObject({
      is: 'retry',
      whole: true,
      cause: expect.stringContaining('clientSecret:'),
    });
    expect(server.tokens.issued()).toBe(3);
  });

  it('waits as long as Graph asks', async () => {
    server.answerNext('PATCH', { status: 429, headers: { 'Retry-After': '120' } });
    expect(await deliver(await open())).toMatchObject({ is: 'retry', whole: true, after: 120_000 });
  });

  it('names what is wrong with the sign-in', async () => {
    expect((await (await open({ clientSecret: 'old' })).check()).at(-1)).toMatchObject({
      cause: expect.stringContaining('AADSTS7000215'),
      key: 'clientSecret',
    });
    expect((await (await open({ clientId: 'other' })).check()).at(-1)).toMatchObject({ key: 'clientId' });
  });

  it('signs in with a certificate instead of a secret', async () => {
    const dir = await tempDir('entra');
    const [keyFile, certificateFile] = [join(dir.path, 'key.pem'), join(dir.path, 'certificate.pem')];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=sparekey'];
    run('openssl', [...made, '-keyout', keyFile, '-out', certificateFile], 'openssl');
    const peer = await startEntra(users(), readFileSync(certificateFile, 'utf8'));
    const { clientSecret: _, ...config } = configFor(peer, {
      privateKey: readFileSync(keyFile, 'utf8'),
      certificateFile,
    });
    const connector = await entra.open(config, { id: 'entra', clock });
    expect(await deliver(connector)).toEqual({ is: 'delivered' });
    await peer.close();
    await dir.remove();
  });

  it('is over in time, however many requests it takes', async () => {
    const connector = await open({ timeout: 1_500 });
    const value = [{ id: 'id-anna', userPrincipalName: ANNA }];
    server.answerNext('GET /v1.0/users', { status: 200, body: { value }, after: 1_000 });
    server.answerNext('PATCH', 'hangs');
    const began = performance.now();
    expect(await deliver(connector)).toMatchObject({ is: 'retry', whole: true });
    expect(performance.now() - began).toBeLessThan(2_200);
  });
});
