/** The SCIM connector against a real SCIM 2.0 server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connector, Delivered, Person } from '../../src/connectors/connector.ts';
import { type ScimConfig, scim } from '../../src/connectors/scim.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { CLIENT, type ScimServer, type ScimUser, startScim, TOKEN } from '../kit/servers/scim.ts';

const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });
const users = (): ScimUser[] => [
  { id: 'u-1', userName: 'Anna', externalId: 'E-1', emails: [{ value: 'anna@x.org' }], active: false, password: 'old' },
  {
    id: 'u-2',
    userName: 'root',
    externalId: 'E-2',
    emails: [{ value: 'shared@x.org' }],
    active: true,
    password: 'old',
  },
  {
    id: 'u-3',
    userName: 'bert',
    externalId: 'e-1',
    emails: [{ value: 'shared@x.org' }],
    active: true,
    password: 'old',
  },
];
const configFor = (server: ScimServer, change: Partial<ScimConfig> = {}): ScimConfig => ({
  url: server.url,
  lookup: 'userName',
  clientAuthentication: 'basic',
  protected: ['ROOT'],
  allowedNetworks: [],
  timeout: 2_000,
  ...('tokenUrl' in change ? {} : { token: TOKEN }),
  ...change,
});
const withOauth = (server: ScimServer): Partial<ScimConfig> => ({
  tokenUrl: server.tokenUrl,
  scope: 'users',
  ...CLIENT,
});

for (const way of ['token', 'OAuth'] as const) {
  connectorContract(`scim (${way})`, async () => {
    const server = await startScim(users());
    const clock = createFakeClock();
    const change = way === 'token' ? {} : withOauth(server);
    const open = async (more: Partial<ScimConfig>): Promise<Connector> =>
      scim.open(configFor(server, { ...change, ...more }), { id: 'app', clock });
    return {
      connector: await open({}),
      person: person('anna'),
      unknown: person('nobody'),
      guarded: person('root'),
      works: async ({ link }, password) =>
        server.users.some((user) => user.userName.toLowerCase() === link && user.password === password),
      refused: 'short',
      faults: { disappear: server.disappear, heal: server.heal },
      withWrongCredentials: () => open(way === 'token' ? { token: 'wrong' } : { clientSecret: 'wrong' }),
      log: async () => server.log(),
      close: server.close,
    };
  });
}

describe('scim', () => {
  const clock = createFakeClock();
  let server: ScimServer;
  beforeEach(async () => {
    server = await startScim(users());
  });
  afterEach(() => server.close());
  const open = async (change: Partial<ScimConfig> = {}): Promise<Connector> =>
    scim.open(configFor(server, change), { id: 'app', clock });
  const deliver = async (connector: Connector, link = 'anna', password = 'New-Password-1'): Promise<Delivered> =>
    connector.deliver(
      person(link),
      { is: 'password', password: new Secret(password), mustChange: false },
      { idempotencyKey: 'job', number: 1 },
    );

  it('sends one PATCH as RFC 7644 writes it, and leaves everything else of the account alone', async () => {
    expect(await deliver(await open())).toEqual({ is: 'delivered' });
    expect(server.patches).toEqual([
      {
        contentType: 'application/scim+json',
        body: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: [{ op: 'replace', path: 'password', value: 'New-Password-1' }],
        },
      },
    ]);
    expect(server.users[0]).toEqual({ ...users()[0], password: 'New-Password-1' });
  });

  it('compares as the attribute is compared: external ids by case, addresses without', async () => {
    expect(await (await open({ lookup: 'externalId' })).find(person('e-1'))).toEqual({ is: 'found', name: 'bert' });
    const byMail = await open({ lookup: 'emails.value' });
    expect(await byMail.find(person('Anna@X.org'))).toEqual({ is: 'found', name: 'Anna' });
    expect(await byMail.find(person('shared@x.org'))).toEqual({ is: 'several' });
    expect(await deliver(byMail, 'shared@x.org')).toMatchObject({ is: 'rejected' });
  });

  it('writes quotes and backslashes in a filter as JSON does', async () => {
    const connector = await open();
    expect(await connector.find(person('a"b\\'))).toEqual({ is: 'none' });
    expect(server.log()).toContain(`filter=${encodeURIComponent('userName eq "a\\"b\\\\"')}`);
  });

  it('says what the server does not like about a password', async () => {
    const outcome = await deliver(await open(), 'anna', 'short');
    expect(outcome).toMatchObject({ is: 'rejected', cause: expect.stringContaining('at least 8 characters') });
  });

  it('fetches one token for many, keeps it, and renews it before its end and once after a refusal', async () => {
    const connector = await open(withOauth(server));
    await Promise.all([connector.find(person('anna')), connector.find(person('bert')), deliver(connector)]);
    expect(server.tokens.issued()).toBe(1);
    clock.advance(3_541_000);
    await connector.find(person('anna'));
    expect(server.tokens.issued()).toBe(2);
    server.tokens.revokeAll();
    expect(await deliver(connector)).toEqual({ is: 'delivered' });
    expect(server.tokens.issued()).toBe(3);
  });

  it.each<[string, ScimServer['faults'][number], object]>([
    ['429 with a pause', { status: 429, headers: { 'Retry-After': '7' } }, { is: 'retry', after: 7_000, whole: true }],
    ['503', { status: 503 }, { is: 'retry', whole: true }],
    ['500', { status: 500 }, { is: 'retry', whole: true }],
    ['a redirect', { status: 307, headers: { Location: 'http://169.254.169.254/' } }, { is: 'retry', whole: true }],
    ['403', { status: 403 }, { is: 'retry', whole: true, cause: expect.stringContaining('token:') }],
    ['a page instead of a list', { status: 200, body: '<html></html>' }, { is: 'retry', whole: true }],
  ])('tries again after %s', async (_, fault, expected) => {
    server.faults.push(fault);
    expect(await deliver(await open())).toMatchObject(expected);
  });

  it('tells when a server hands the password out again', async () => {
    const connector = await open();
    await connector.find(person('anna'));
    const list = { Resources: [{ id: 'u-1', userName: 'anna' }], totalResults: 1 };
    server.faults.push({ status: 200, body: list }, { status: 200, body: { id: 'u-1', password: 'x' } });
    expect(await deliver(connector)).toMatchObject({ is: 'delivered', warning: expect.stringContaining('7643') });
  });

  it('refuses a configuration that can not work', async () => {
    await expect(open({ url: 'http://app.example.org/scim' })).rejects.toThrow('url: http is only');
    await expect(open({ tokenUrl: server.tokenUrl, clientId: 'x' })).rejects.toThrow('clientSecret:');
    await expect(open({ url: 'http://169.254.169.254/scim' })).rejects.toThrow('url:');
  });
});
