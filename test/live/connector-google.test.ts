/** The Google Workspace connector against a stand-in of the Directory API that refuses what Google would refuse. */
import { exportPKCS8, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connector, Delivered, Person } from '../../src/connectors/connector.ts';
import { type GoogleConfig, google } from '../../src/connectors/google.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { type GoogleAccount, type GoogleStandIn, googleError, SUBJECT, startGoogle } from '../kit/servers/google.ts';

const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });
const account = (name: string, more: Partial<GoogleAccount> = {}): GoogleAccount => ({
  id: `10${name.length}${name}`,
  primaryEmail: `${name}@example.org`,
  password: 'old',
  isAdmin: false,
  isDelegatedAdmin: false,
  ...more,
});
const users = (): GoogleAccount[] => [
  account('anna', { aliases: ['ann@example.org'] }),
  account('boss', { isAdmin: true }),
  account('sparekey', { isDelegatedAdmin: true }),
];
const ANNA = 'anna@example.org';
const configFor = (server: GoogleStandIn, change: Partial<GoogleConfig> = {}): GoogleConfig => ({
  serviceAccount: server.serviceAccount,
  subject: SUBJECT,
  url: server.url,
  loginUrl: server.url,
  protected: [],
  allowedNetworks: [],
  timeout: 2_000,
  ...change,
});
const otherKey = async (server: GoogleStandIn): Promise<string> => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return JSON.stringify({ ...JSON.parse(server.serviceAccount), private_key: await exportPKCS8(privateKey) });
};

connectorContract('google', async () => {
  const server = await startGoogle(users());
  const clock = createFakeClock();
  const open = async (change: Partial<GoogleConfig> = {}): Promise<Connector> =>
    google.open(configFor(server, change), { id: 'google', clock });
  return {
    connector: await open(),
    person: person(ANNA),
    unknown: person('nobody@example.org'),
    guarded: person('boss@example.org'),
    works: async ({ link }, text) => server.users.some((user) => user.primaryEmail === link && user.password === text),
    mustChange: { isSet: async () => server.users[0]?.changePasswordAtNextLogin === true },
    refused: 'weak',
    faults: { disappear: server.disappear, heal: server.heal },
    withWrongCredentials: async () => open({ serviceAccount: await otherKey(server) }),
    log: async () => server.log(),
    close: server.close,
  };
});

describe('google', () => {
  const clock = createFakeClock();
  let server: GoogleStandIn;
  beforeEach(async () => {
    server = await startGoogle(users());
  });
  afterEach(() => server.close());
  const open = async (change: Partial<GoogleConfig> = {}): Promise<Connector> =>
    google.open(configFor(server, change), { id: 'google', clock });
  const deliver = async (connector: Connector, link = ANNA): Promise<Delivered> =>
    connector.deliver(
      person(link),
      { is: 'password', password: new Secret('New-Password-1'), mustChange: true },
      { idempotencyKey: 'job', number: 1 },
    );

  it('does not follow an alias, nor an address of a stranger', async () => {
    const connector = await open();
    expect(await connector.find(person('ann@example.org'))).toEqual({ is: 'none' });
    expect(await connector.find(person('anna@elsewhere.example'))).toEqual({ is: 'none' });
    expect(await connector.find(person('ANNA@example.org'))).toEqual({ is: 'found', name: ANNA });
  });

  it('asks for a new password at the next sign-in together with the password', async () => {
    expect(await deliver(await open())).toEqual({ is: 'delivered' });
    expect(server.users[0]).toMatchObject({ password: 'New-Password-1', changePasswordAtNextLogin: true });
  });

  it('gives a suspended account its password, and leaves it suspended', async () => {
    Object.assign(server.users[0] ?? {}, { suspended: true });
    expect(await deliver(await open())).toEqual({ is: 'delivered' });
    expect(server.users[0]).toMatchObject({ password: 'New-Password-1', suspended: true });
  });

  it.each(['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded'])(
    'waits when a quota is used up: %s',
    async (reason) => {
      server.answerNext('PUT', googleError(403, reason, 'Quota exceeded'));
      expect(await deliver(await open())).toMatchObject({
        is: 'retry',
        whole: true,
        cause: expect.stringContaining(reason),
      });
    },
  );

  it('tells missing privileges of the subject from an account elsewhere', async () => {
    const connector = await open();
    server.privileges.update = false;
    expect(await deliver(connector)).toMatchObject({ is: 'retry', whole: false });
    server.privileges.read = false;
    expect(await deliver(connector)).toMatchObject({
      is: 'retry',
      whole: true,
      cause: expect.stringContaining('subject:'),
    });
    expect((await connector.check()).at(-1)).toMatchObject({ is: 'failed', key: 'subject' });
  });

  it('says where the delegation is given', async () => {
    server.delegated = false;
    expect((await (await open()).check()).at(-1)).toMatchObject({
      is: 'failed',
      fix: expect.stringContaining('Domain-wide delegation'),
    });
  });

  it('uses one token for many calls', async () => {
    const connector = await open();
    await Promise.all([deliver(connector), connector.find(person(ANNA)), connector.check()]);
    expect(server.tokens.issued()).toBe(1);
  });

  it('refuses what is no key of a service account', async () => {
    await expect(open({ serviceAccount: '{}' })).rejects.toThrow('serviceAccount: is not the JSON key');
    const broken = JSON.stringify({ client_email: 'a@b', private_key: 'nonsense' });
    await expect(open({ serviceAccount: broken })).rejects.toThrow('serviceAccount: is no private key');
  });
});
