/** A second LDAP directory for real: the contract of connectors on slapd, with ppolicy binding resets and its history at work. */
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import type { Person } from '../../src/connectors/connector.ts';
import { ldap } from '../../src/connectors/ldap.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { type Slapd, SUFFIX, startSlapd } from '../kit/servers/slapd.ts';
import { groupLdif } from './openldap-fixture.ts';

const clock = { now: () => Date.now() };
const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });
const attempt = { idempotencyKey: 'k', number: 1 };
const BOSSES = `cn=bosses,ou=groups,${SUFFIX}`;

async function open(slapd: Slapd, own: Record<string, unknown> = {}) {
  const given = { ...slapd.config(), protectedGroups: [BOSSES], connectTimeout: 2_000, ...own };
  const config = Value.Parse(ldap.configSchema, Value.Default(ldap.configSchema, given));
  return ldap.open(config, { id: 'second', clock });
}

async function started(): Promise<Slapd> {
  const people = ['anna', 'boss', 'twin1', 'twin2'].map((uid) => ({
    uid,
    password: 'First-Passw0rd',
    mail: uid.startsWith('twin') ? 'twin@people.test' : `${uid}@people.test`,
  }));
  const slapd = await startSlapd({ people });
  slapd.ldif(groupLdif(BOSSES, slapd.personDn('boss')));
  return slapd;
}

connectorContract('A second LDAP directory', async () => {
  const slapd = await started();
  const dn = slapd.personDn('anna');
  return {
    connector: await open(slapd),
    person: person('anna'),
    unknown: person('nobody'),
    guarded: person('boss'),
    shared: person('twin@people.test'),
    works: ({ link }, password) => slapd.bindAs(slapd.personDn(link), password),
    lock: {
      set: async () => {
        for (const wrong of ['a', 'b', 'c']) await slapd.bindAs(dn, wrong);
      },
      isSet: async () => (await slapd.read(dn, 'pwdAccountLockedTime')).length > 0,
    },
    mustChange: { isSet: async () => (await slapd.read(dn, 'pwdReset')).includes('TRUE') },
    refused: 'x1A',
    faults: { disappear: () => slapd.daemon.stop(), heal: () => slapd.restart() },
    withWrongCredentials: () => open(slapd, { bindPassword: 'wrong' }),
    log: async () => `slapd: ${slapd.daemon.output()}`,
    close: () => slapd.stop(),
  };
});

describe('A second LDAP directory', { timeout: 60_000 }, () => {
  it('keeps the meaning of each outcome: several is not nobody, history is no', async () => {
    const slapd = await started();
    const connector = await open(slapd);
    const set = (link: string, password: string) =>
      connector.deliver(person(link), { is: 'password', password: new Secret(password), mustChange: false }, attempt);
    expect(await set('twin@people.test', 'Second-Passw0rd')).toMatchObject({
      is: 'rejected',
      hint: expect.any(String),
    });
    expect(await set('anna', 'Second-Passw0rd')).toEqual({ is: 'delivered' });
    expect(await set('anna', 'Third-Passw0rd')).toEqual({ is: 'delivered' });
    expect(await set('anna', 'Second-Passw0rd')).toMatchObject({ is: 'rejected', hint: expect.any(String) });
    expect(await slapd.bindAs(slapd.personDn('anna'), 'Third-Passw0rd')).toBe(true);
    await connector.close();
    await slapd.stop();
  });
});
