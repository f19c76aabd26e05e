/** The Keycloak connector against a stand-in of the admin REST API that refuses what Keycloak would refuse. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connector, Delivered, Order, Person } from '../../src/connectors/connector.ts';
import { type KeycloakConfig, keycloak } from '../../src/connectors/keycloak.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { CLIENT, type KeycloakAccount, type KeycloakStandIn, REALM, startKeycloak } from '../kit/servers/keycloak.ts';

const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });
const users = (): KeycloakAccount[] => [
  { id: 'u-1', username: 'anna', email: 'anna@x.org', password: 'old', requiredActions: ['CONFIGURE_TOTP'] },
  { id: 'u-2', username: 'anna.b', email: 'shared@x.org', password: 'old' },
  { id: 'u-3', username: 'boss', email: 'shared@x.org', password: 'old', roles: { direct: ['manage-users'] } },
  { id: 'u-4', username: 'chief', password: 'old', roles: { throughGroups: ['realm-admin'] } },
  { id: 'u-5', username: 'auditor', password: 'old', roles: { direct: ['view-users'], realm: ['offline_access'] } },
  { id: 'u-6', username: 'federated', password: 'old', readOnly: true },
];
const password = (text = 'New-Password-1', mustChange = false): Order => ({
  is: 'password',
  password: new Secret(text),
  mustChange,
});
const configFor = (server: KeycloakStandIn, change: Partial<KeycloakConfig> = {}): KeycloakConfig => ({
  url: server.url,
  realm: REALM,
  ...CLIENT,
  lookup: 'username',
  readRoles: true,
  protected: [],
  allowedNetworks: [],
  timeout: 2_000,
  ...change,
});

connectorContract('keycloak', async () => {
  const server = await startKeycloak(users());
  const clock = createFakeClock();
  const open = async (change: Partial<KeycloakConfig> = {}): Promise<Connector> =>
    keycloak.open(configFor(server, change), { id: 'keycloak', clock });
  const anna = (): KeycloakAccount | undefined => server.users[0];
  return {
    connector: await open(),
    person: person('anna'),
    unknown: person('nobody'),
    guarded: person('chief'),
    works: async ({ link }, text) => server.users.some((user) => user.username === link && user.password === text),
    lock: {
      set: async () => void Object.assign(anna() ?? {}, { locked: true }),
      isSet: async () => anna()?.locked === true,
    },
    mustChange: { isSet: async () => anna()?.requiredActions?.includes('UPDATE_PASSWORD') === true },
    refused: 'weak',
    faults: { disappear: server.disappear, heal: server.heal },
    withWrongCredentials: () => open({ clientSecret: 'wrong' }),
    log: async () => server.log(),
    close: server.close,
  };
});

describe('keycloak', () => {
  const clock = createFakeClock();
  let server: KeycloakStandIn;
  beforeEach(async () => {
    server = await startKeycloak(users());
  });
  afterEach(() => server.close());
  const open = async (change: Partial<KeycloakConfig> = {}): Promise<Connector> =>
    keycloak.open(configFor(server, change), { id: 'keycloak', clock });
  const deliver = async (connector: Connector, link = 'anna', order = password()): Promise<Delivered> =>
    connector.deliver(person(link), order, { idempotencyKey: 'job', number: 1 });

  it('knows administrators by their own roles, those of groups and service accounts, and nobody else', async () => {
    const connector = await open();
    for (const link of ['boss', 'chief', 'service-account-sparekey'])
      expect(await connector.find(person(link))).toMatchObject({ is: 'protected' });
    expect(await connector.find(person('auditor'))).toEqual({ is: 'found', name: 'auditor' });
  });

  it('does not write when it may not see who administers the realm, unless told so', async () => {
    server.roles.delete('view-clients');
    const connector = await open();
    expect(await deliver(connector)).toMatchObject({
      is: 'retry',
      whole: true,
      cause: expect.stringContaining('view-clients'),
    });
    expect((await connector.check()).at(-1)).toMatchObject({
      is: 'failed',
      fix: expect.stringContaining('view-clients'),
    });
    expect(await deliver(await open({ readRoles: false }))).toEqual({ is: 'delivered' });
  });

  it('asks for the exact name, so that no page of similar ones hides it', async () => {
    await (await open()).find(person('a&b=c'));
    expect(server.log()).toContain(`/admin/realms/${REALM}/users?username=a%26b%3Dc&exact=true`);
  });

  it('adds to the required actions and takes none away', async () => {
    expect(await deliver(await open(), 'anna', { is: 'must-change' })).toEqual({ is: 'delivered' });
    expect(server.users[0]?.requiredActions).toEqual(['CONFIGURE_TOTP', 'UPDATE_PASSWORD']);
    await deliver(await open(), 'anna', password('For-One-Sign-In-1', true));
    expect(server.users[0]?.requiredActions).toEqual(['CONFIGURE_TOTP', 'UPDATE_PASSWORD']);
  });

  it('repeats the rule that a password breaks, and that a federation keeps it', async () => {
    const connector = await open();
    expect(await deliver(connector, 'anna', password('short'))).toMatchObject({
      is: 'rejected',
      cause: expect.stringContaining('minimum length 8'),
    });
    expect(await deliver(connector, 'federated')).toMatchObject({
      is: 'rejected',
      cause: expect.stringContaining('read only'),
    });
  });

  it.each([
    { field: 'phone', errorMessage: 'error-user-attribute-required' },
    { errors: [{ field: 'phone', errorMessage: 'error-user-attribute-required', params: ['phone'] }] },
  ])('names the attribute without which Keycloak writes no account: %o', async (body) => {
    server.answerNext(`PUT /admin/realms/${REALM}/users/u-1`, { status: 400, body });
    expect(await deliver(await open(), 'anna', { is: 'must-change' })).toMatchObject({
      is: 'rejected',
      cause: expect.stringContaining('phone: error-user-attribute-required'),
    });
  });

  it('leaves an address alone that two accounts have', async () => {
    const connector = await open({ lookup: 'email' });
    expect(await connector.find(person('ANNA@x.org'))).toEqual({ is: 'found', name: 'anna' });
    expect(await deliver(connector, 'shared@x.org')).toMatchObject({ is: 'rejected' });
  });

  it('says which roles the service account misses', async () => {
    server.roles.delete('manage-users');
    const connector = await open();
    expect(await deliver(connector)).toMatchObject({ is: 'retry', whole: true });
    expect(await connector.check()).toContainEqual(
      expect.objectContaining({ is: 'failed', what: 'write accounts', fix: expect.stringContaining('manage-users') }),
    );
  });

  it('names a realm that is not there', async () => {
    const connector = await open({ realm: 'elsewhere', loginRealm: REALM });
    expect(await deliver(connector)).toMatchObject({
      is: 'retry',
      whole: true,
      cause: expect.stringContaining('realm:'),
    });
  });

  it('gets a new token when the old one was taken away', async () => {
    const connector = await open();
    await deliver(connector);
    server.tokens.revokeAll();
    expect(await deliver(connector)).toEqual({ is: 'delivered' });
    expect(server.tokens.issued()).toBe(2);
  });
});
