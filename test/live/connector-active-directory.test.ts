/** A second Active Directory domain for real: the contract of connectors on Samba. */
import { Value } from 'typebox/value';
import { activeDirectory } from '../../src/connectors/active-directory.ts';
import type { Person } from '../../src/connectors/connector.ts';
import { connectorContract } from '../contract/connector.ts';
import { type Samba, startSamba } from '../kit/servers/samba.ts';

const clock = { now: () => Date.now() };
const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });

async function open(samba: Samba, own: Record<string, unknown> = {}) {
  const given = { ...samba.config(), connectTimeout: 2_000, ...own };
  const config = Value.Parse(activeDirectory.configSchema, Value.Default(activeDirectory.configSchema, given));
  return activeDirectory.open(config, { id: 'second', clock });
}

connectorContract('A second Active Directory', async () => {
  const mail = 'twin@people.test';
  const samba = await startSamba({
    people: [
      { username: 'anna', password: 'First-Passw0rd' },
      { username: 'boss', password: 'First-Passw0rd' },
      { username: 'twin1', password: 'First-Passw0rd', mail },
      { username: 'twin2', password: 'First-Passw0rd', mail },
    ],
  });
  samba.tool('group', 'addmembers', 'Domain Admins', 'boss');
  const bind = (username: string, password: string) => samba.bindAs(`${username}@corp.test`, password);
  return {
    connector: await open(samba),
    person: person('anna'),
    unknown: person('nobody'),
    guarded: person('boss'),
    shared: person(mail),
    works: ({ link }, password) => bind(link, password),
    lock: {
      set: async () => {
        for (const wrong of ['a', 'b', 'c']) await bind('anna', wrong);
      },
      isSet: async () => {
        const [computed] = await samba.read(samba.personDn('anna'), 'msDS-User-Account-Control-Computed');
        return (Number(computed) & 0x10) !== 0;
      },
    },
    mustChange: { isSet: async () => (await samba.read(samba.personDn('anna'), 'pwdLastSet')).includes('0') },
    refused: 'x1A',
    faults: { disappear: () => samba.daemon.stop(), heal: () => samba.restart() },
    withWrongCredentials: () => open(samba, { bindPassword: 'wrong' }),
    log: async () => `samba: ${samba.daemon.output()}`,
    close: () => samba.stop(),
  };
});
