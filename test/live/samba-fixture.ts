/** Samba AD as the directory contract wants it: people, states and faults, all made by the domain controller's own means. */
import { Value } from 'typebox/value';
import { type ActiveDirectoryConfig, activeDirectory } from '../../src/directory/active-directory.ts';
import type { Directory } from '../../src/directory/directory.ts';
import type { LdapDirectoryPorts } from '../../src/directory/ldap/ports.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { DirectorySubject, PersonState } from '../contract/directory.ts';
import { startProxy } from '../kit/servers/proxy.ts';
import { DOMAIN_DN, PEOPLE_DN, type Samba } from '../kit/servers/samba.ts';

export const PROTECTED = `CN=Protected,CN=Users,${DOMAIN_DN}`;

export async function openOn(
  samba: Samba,
  own: Record<string, unknown> = {},
  clock: Clock = { now: () => Date.now() },
  ports: Pick<LdapDirectoryPorts, 'resolver'> = {},
): Promise<Directory> {
  const given = Value.Default(activeDirectory.configSchema, { ...samba.config(), ...own });
  const config = Value.Parse(activeDirectory.configSchema, given) as ActiveDirectoryConfig;
  return activeDirectory.open(config, { id: 'corp', clock, ...ports });
}

/** Puts what the contract needs into a fresh domain: a protected group and a canary. */
export async function prepare(samba: Samba): Promise<void> {
  samba.ldif(`dn: ${PROTECTED}
changetype: add
objectClass: group
sAMAccountName: Protected
`);
  await samba.addPerson({ username: 'canary', password: 'First-Canary-Passw0rd' });
}

export async function sambaSubject(
  samba: Samba,
  transport: 'ldaps' | 'starttls',
): Promise<DirectorySubject & { config: Record<string, unknown> }> {
  const proxy = await startProxy(samba.address, transport === 'ldaps' ? 636 : 389);
  const own = {
    ...samba.config(transport),
    url: `${transport === 'ldaps' ? 'ldaps' : 'ldap'}://127.0.0.1:${proxy.port}`,
    // The whole domain, so that an account outside the delegated OU=People is found.
    baseDn: DOMAIN_DN,
    protectedGroups: [PROTECTED],
    canary: 'canary',
  };
  const directory = await openOn(samba, own);
  return {
    directory,
    config: own,
    addPerson: (person) => samba.addPerson(person),
    putInto: async (username, state) => putInto(samba, username, state),
    signsIn: (username, password) => samba.bindAs(`${username}@corp.test`, password),
    network: {
      open: (timeouts) => openOn(samba, { ...own, ...timeouts }),
      proxy,
      pause: samba.pause,
      resume: samba.resume,
      stop: () => samba.daemon.stop(),
      start: samba.restart,
    },
    close: async () => {
      await directory.close();
      await proxy.close();
    },
  };
}

const set = (dn: string, ...attributes: [string, string][]): string =>
  `dn: ${dn}\nchangetype: modify\n${attributes.map(([name, value]) => `replace: ${name}\n${name}: ${value}\n-\n`).join('')}\n`;

function putInto(samba: Samba, username: string, state: PersonState): void {
  const dn = samba.personDn(username);
  switch (state) {
    case 'must-change':
      samba.ldif(set(dn, ['pwdLastSet', '0']));
      return;
    case 'expired':
      samba.backdatePassword(dn);
      return;
    case 'disabled':
      samba.ldif(set(dn, ['userAccountControl', '514']));
      return;
    case 'account-expired':
      samba.ldif(set(dn, ['accountExpires', '131000000000000000']));
      return;
    case 'protected':
      samba.ldif(`dn: ${PROTECTED}\nchangetype: modify\nadd: member\nmember: ${dn}\n`);
      return;
    case 'cannot-change-password':
      samba.tool('dsacl', 'set', `--objectdn=${dn}`, '--sddl=(OD;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;;PS)');
      return;
    case 'missing-right':
      samba.ldif(
        `dn: ${dn}\nchangetype: modrdn\nnewrdn: CN=${username}\ndeleteoldrdn: 1\nnewsuperior: OU=Admins,${DOMAIN_DN}\n`,
      );
      return;
    default:
      throw new Error(`Active Directory has no state "${state}".`);
  }
}

export { DOMAIN_DN, PEOPLE_DN };
