/** The Okta connector against a stand-in of the management API that refuses what Okta would refuse. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connector, Delivered, Order, Person } from '../../src/connectors/connector.ts';
import { type OktaConfig, okta } from '../../src/connectors/okta.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import {
  CLIENT_ID,
  KEY_ID,
  type OktaAccount,
  type OktaStandIn,
  oktaError,
  startOkta,
  TOKEN,
} from '../kit/servers/okta.ts';

const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });
const account = (name: string, more: Partial<OktaAccount> = {}): OktaAccount => ({
  id: `00u${name}`,
  login: `${name}@example.org`,
  status: 'ACTIVE',
  password: 'old',
  ...more,
});
const users = (): OktaAccount[] => [
  account('anna'),
  account('boss', { roles: ['HELP_DESK_ADMIN'] }),
  account('windows', { provider: 'ACTIVE_DIRECTORY' }),
  account('gone', { status: 'DEPROVISIONED' }),
  account('twin', { email: 'twins@example.org' }),
  account('twin2', { email: 'twins@example.org' }),
];
const ANNA = 'anna@example.org';
const password = (text = 'New-Password-1', mustChange = false): Order => ({
  is: 'password',
  password: new Secret(text),
  mustChange,
});
const app = (server: OktaStandIn): Partial<OktaConfig> => ({
  clientId: CLIENT_ID,
  privateKey: server.privateKey,
  keyId: KEY_ID,
});
const configFor = (server: OktaStandIn, change: Partial<OktaConfig> = {}): OktaConfig => ({
  url: server.url,
  lookup: 'login',
  readRoles: true,
  protected: [],
  allowedNetworks: [],
  timeout: 2_000,
  ...('clientId' in change ? {} : { token: TOKEN }),
  ...change,
});

for (const way of ['API token', 'service app'] as const) {
  connectorContract(`okta (${way})`, async () => {
    const server = await startOkta(users());
    const clock = createFakeClock();
    const own = way === 'API token' ? {} : app(server);
    const open = async (change: Partial<OktaConfig> = {}): Promise<Connector> =>
      okta.open(configFor(server, { ...own, ...change }), { id: 'okta', clock });
    const anna = (): OktaAccount => server.users[0] ?? account('nobody');
    return {
      connector: await open(),
      person: person(ANNA),
      unknown: person('nobody@example.org'),
      guarded: person('boss@example.org'),
      works: async ({ link }, text) => server.users.some((user) => user.login === link && user.password === text),
      lock: {
        set: async () => void Object.assign(anna(), { status: 'LOCKED_OUT' }),
        isSet: async () => anna().status === 'LOCKED_OUT',
      },
      mustChange: { isSet: async () => anna().status === 'PASSWORD_EXPIRED' },
      refused: 'weak',
      faults: { disappear: server.disappear, heal: server.heal },
      withWrongCredentials: () => open(way === 'API token' ? { token: 'wrong' } : { keyId: 'other' }),
      log: async () => server.log(),
      close: server.close,
    };
  });
}

describe('okta', () => {
  const clock = createFakeClock();
  let server: OktaStandIn;
  beforeEach(async () => {
    server = await startOkta(users());
  });
  afterEach(() => server.close());
  const open = async (change: Partial<OktaConfig> = {}): Promise<Connector> =>
    okta.open(configFor(server, change), { id: 'okta', clock });
  const deliver = async (connector: Connector, link = ANNA, order = password()): Promise<Delivered> =>
    connector.deliver(person(link), order, { idempotencyKey: 'job', number: 1 });

  it('takes the whole login only: neither a short name nor the account of the token', async () => {
    const connector = await open();
    for (const link of ['me', 'anna', '00uanna', '.', '..', 'a/b'])
      expect(await connector.find(person(link))).toEqual({ is: 'none' });
    expect(await connector.find(person('Anna@Example.org'))).toEqual({ is: 'found', name: ANNA });
  });

  it('looks up by another attribute, and leaves two of the same alone', async () => {
    const connector = await open({ lookup: 'email' });
    expect(await connector.find(person(ANNA))).toEqual({ is: 'found', name: ANNA });
    expect(await deliver(connector, 'twins@example.org')).toMatchObject({ is: 'rejected' });
  });

  it('leaves passwords alone that another directory keeps', async () => {
    expect(await deliver(await open(), 'windows@example.org')).toMatchObject({
      is: 'rejected',
      cause: expect.stringContaining('ACTIVE_DIRECTORY'),
    });
    expect(server.count('POST /api/v1/users/00uwindows')).toBe(0);
  });

  it('repeats which rule a password breaks, and that a state does not allow it', async () => {
    const connector = await open();
    expect(await deliver(connector, ANNA, password('short'))).toMatchObject({
      is: 'rejected',
      cause: expect.stringMatching(/E0000001 .*at least 8 characters/),
    });
    expect(await deliver(connector, 'gone@example.org')).toMatchObject({
      is: 'rejected',
      cause: expect.stringContaining('E0000038'),
    });
  });

  it('sets a password for one sign-in', async () => {
    expect(await deliver(await open(), ANNA, password('Only-Once-1', true))).toEqual({ is: 'delivered' });
    expect(server.users[0]).toMatchObject({ password: 'Only-Once-1', status: 'PASSWORD_EXPIRED' });
  });

  it('waits until the limit begins anew', async () => {
    const reset = String(clock.now() / 1_000 + 42);
    const said = oktaError(429, 'E0000047', 'API call exceeded rate limit due to too many requests.');
    server.answerNext('POST', { ...said, headers: { 'X-Rate-Limit-Reset': reset } });
    expect(await deliver(await open())).toMatchObject({ is: 'retry', whole: true, after: 42_000 });
  });

  it('does not write when it may not see who is an administrator, unless told so', async () => {
    server.mayReadRoles = false;
    expect(await deliver(await open())).toMatchObject({ is: 'retry', whole: true });
    expect((await (await open()).check()).at(-1)).toMatchObject({ is: 'failed', key: 'token' });
    expect(await deliver(await open({ readRoles: false }))).toEqual({ is: 'delivered' });
  });

  it('says which scopes a service app misses', async () => {
    server.granted = ['okta.users.read'];
    const connector = await open(app(server));
    expect(await deliver(connector)).toMatchObject({ is: 'retry', whole: true });
    expect((await connector.check()).at(-1)).toMatchObject({ key: 'clientId', fix: expect.stringContaining('manage') });
  });

  it('does not end for everybody because of one account that it may not write', async () => {
    server.answerNext('POST', oktaError(403, 'E0000006', 'You do not have permission'));
    expect(await deliver(await open())).toMatchObject({ is: 'retry', whole: false });
  });
});
