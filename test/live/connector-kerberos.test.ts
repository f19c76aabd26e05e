/** MIT Kerberos for real: the contract of connectors against krb5kdc and kadmind, and what only Kerberos does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../../src/connectors/connector.ts';
import { type KerberosConfig, kerberos } from '../../src/connectors/kerberos.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { type Kdc, REALM, startKdc } from '../kit/servers/kdc.ts';

const clock = { now: () => Date.now() };
const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });
const attempt = { idempotencyKey: 'k', number: 1 };
const to = (password: string, mustChange = false) =>
  ({ is: 'password', password: new Secret(password), mustChange }) as const;

const configOf = (kdc: Kdc, own: Partial<KerberosConfig> = {}): KerberosConfig => ({
  realm: REALM,
  principal: 'sparekey/admin',
  keytabFile: kdc.keytabFile,
  krb5File: kdc.krb5File,
  kadmin: '/usr/bin/kadmin',
  kinit: '/usr/bin/kinit',
  protected: ['listed'],
  timeout: 10_000,
  ...own,
});

async function started() {
  const kdc = await startKdc();
  for (const name of ['anna', 'listed', 'off', 'boss/admin', 'host/server'])
    kdc.local('addprinc', '-policy', 'people', '-pw', 'First-Passw0rd', '+requires_preauth', name);
  kdc.local('modprinc', '-allow_tix', 'off');
  return kdc;
}

connectorContract('Kerberos', async () => {
  const kdc = await started();
  return {
    connector: await kerberos.open(configOf(kdc), { id: 'krb', clock }),
    person: person('anna'),
    unknown: person('nobody'),
    guarded: person('boss/admin'),
    works: async ({ link }, password) => kdc.kinit(link, password) === '',
    lock: {
      set: async () => {
        for (const wrong of ['a', 'b', 'c']) kdc.kinit('anna', wrong);
      },
      isSet: async () => /revoked/.test(kdc.kinit('anna', 'whatever')),
    },
    mustChange: { isSet: async () => /REQUIRES_PWCHANGE/.test(kdc.local('getprinc', 'anna')) },
    refused: 'x1A',
    faults: { disappear: () => kdc.stop(), heal: () => kdc.start() },
    withWrongCredentials: async () =>
      kerberos.open(configOf(kdc, { principal: 'stranger/admin' }), { id: 'krb', clock }),
    log: async () => kdc.log(),
    close: () => kdc.remove(),
  };
});

describe('Kerberos', { timeout: 60_000 }, () => {
  let kdc: Kdc;
  beforeAll(async () => {
    kdc = await started();
  }, 60_000);
  afterAll(() => kdc?.remove());
  const open = (own: Partial<KerberosConfig> = {}) => kerberos.open(configOf(kdc, own), { id: 'krb', clock });

  it.each([
    'sparekey/admin',
    `boss/admin@${REALM}`,
    'host/server',
    `krbtgt/${REALM}`,
    'kadmin/changepw',
    'kadmin/admin',
    'listed',
    'off',
  ])('never writes %s', async (link) => {
    const connector = await open();
    expect(await connector.find(person(link))).toMatchObject({ is: 'protected' });
    expect(await connector.deliver(person(link), to('Never-Written-1'), attempt)).toMatchObject({ is: 'rejected' });
  });

  it('takes a principal with our realm, and none with another', async () => {
    const connector = await open();
    expect(await connector.find(person(`anna@${REALM}`))).toEqual({ is: 'found', name: `anna@${REALM}` });
    for (const link of ['anna@OTHER.TEST', 'anna@', 'anna@@MIT.TEST', 'anna ', '-pw', 'anna\n', 'a/b/c', 'K/M@x', '..'])
      expect(await connector.find(person(link))).toEqual({ is: 'none' });
  });

  it('refuses a password of before, in the words of the realm', async () => {
    const connector = await open();
    for (const password of ['Kerberos-One-1', 'Kerberos-Two-2'])
      expect(await connector.deliver(person('anna'), to(password), attempt)).toEqual({ is: 'delivered' });
    expect(await connector.deliver(person('anna'), to('Kerberos-One-1'), attempt)).toMatchObject({
      is: 'rejected',
      cause: expect.stringContaining('Cannot reuse password'),
      hint: expect.stringContaining('policy'),
    });
    expect(await connector.deliver(person('anna'), to('two\nlines-1'), attempt)).toMatchObject({ is: 'rejected' });
    expect(kdc.kinit('anna', 'Kerberos-Two-2')).toBe('');
  });

  it('sets a password for one sign-in', async () => {
    const connector = await open();
    expect(await connector.deliver(person('anna'), to('For-One-Sign-In-1', true), attempt)).toEqual({
      is: 'delivered',
    });
    expect(kdc.kinit('anna', 'For-One-Sign-In-1')).toMatch(/Password expired/);
    expect(await connector.verify?.(person('anna'), new Secret('For-One-Sign-In-1'))).toBe('right');
  });

  it('names the right or the key that is wrong', async () => {
    const weak = await open({ principal: 'weak/admin' });
    expect(await weak.deliver(person('anna'), to('Weak-Harbour-1'), attempt)).toMatchObject({
      is: 'retry',
      whole: false,
      cause: expect.stringContaining('kadm5.acl'),
    });
    const mute = await open({ principal: 'mute/admin' });
    expect(await mute.check()).toEqual([
      expect.objectContaining({ is: 'failed', key: 'principal', cause: expect.stringContaining('kadm5.acl') }),
    ]);
    const keyless = await open({ keytabFile: '/nowhere/keytab' });
    expect(await keyless.check()).toEqual([expect.objectContaining({ is: 'failed', key: 'keytabFile' })]);
  });

  it('kills kadmin when the realm hangs', async () => {
    const connector = await open({ timeout: 1_000 });
    kdc.pause();
    try {
      const begun = Date.now();
      expect(await connector.find(person('anna'))).toMatchObject({ is: 'retry', whole: true });
      expect(Date.now() - begun).toBeLessThan(3_000);
    } finally {
      kdc.resume();
    }
  });
});
