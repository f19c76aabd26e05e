/** OpenLDAP as the directory contract wants it: people, states and faults, all made by slapd's own means. */
import { Value } from 'typebox/value';
import type { Directory } from '../../src/directory/directory.ts';
import { type OpenldapConfig, openldap } from '../../src/directory/openldap.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { ContractPerson, DirectorySubject, PersonState } from '../contract/directory.ts';
import { startProxy } from '../kit/servers/proxy.ts';
import { DEFAULT_POLICY, personLdif, type Slapd, type SlapdOptions, SUFFIX, startSlapd } from '../kit/servers/slapd.ts';

export const PROTECTED = `cn=protected,ou=groups,${SUFFIX}`;

/** A directory on a running slapd; `own` overrides the configuration. */
export async function openOn(
  slapd: Slapd,
  own: Record<string, unknown> = {},
  clock: Clock = { now: () => Date.now() },
): Promise<Directory> {
  const given = Value.Default(openldap.configSchema, { ...slapd.config(), ...own });
  return openldap.open(Value.Parse(openldap.configSchema, given) as OpenldapConfig, { id: 'corp', clock });
}

export async function openldapSubject(
  transport: 'ldaps' | 'starttls',
  options: SlapdOptions = {},
  /** Servers that are tried before the real one. */
  before: string[] = [],
): Promise<DirectorySubject & { slapd: Slapd; config: Record<string, unknown> }> {
  const slapd = await startSlapd({ ldif: POLICIES, ...options });
  const proxy = await startProxy('127.0.0.1', transport === 'ldaps' ? slapd.securePort : slapd.port);
  const own = {
    ...slapd.config(transport),
    url: [...before, `${transport === 'ldaps' ? 'ldaps' : 'ldap'}://127.0.0.1:${proxy.port}`].join(' '),
    protectedGroups: [PROTECTED],
    canary: 'canary',
  };
  const addPerson = async (person: ContractPerson) => {
    const { username, displayName, ...rest } = person;
    slapd.ldif(personLdif({ uid: username, ...(displayName ? { cn: displayName } : {}), ...rest }));
  };
  slapd.ldif(groupLdif(PROTECTED, `uid=canary-boss,ou=people,${SUFFIX}`));
  await addPerson({ username: 'canary', password: 'First-Canary-Passw0rd' });
  const directory = await openOn(slapd, own);
  return {
    slapd,
    config: own,
    directory,
    addPerson,
    putInto: async (username, state) => {
      slapd.ldif(stateLdif(slapd.personDn(username), state));
    },
    signsIn: (username, password) => slapd.bindAs(slapd.personDn(username), password),
    network: {
      open: (timeouts) => openOn(slapd, { ...own, ...timeouts }),
      proxy,
      pause: slapd.pause,
      resume: slapd.resume,
      stop: () => slapd.daemon.stop(),
      start: slapd.restart,
    },
    close: async () => {
      await directory.close();
      await proxy.close();
      await slapd.stop();
    },
  };
}

const policyLdif = (name: string, more: Record<string, string>): string =>
  [
    `dn: cn=${name},ou=policies,${SUFFIX}`,
    'objectClass: device',
    'objectClass: pwdPolicy',
    'pwdAttribute: userPassword',
    'pwdMinLength: 8',
    'pwdInHistory: 3',
    'pwdCheckQuality: 2',
    ...Object.entries(more).map(([key, value]) => `${key}: ${value}`),
    '',
    '',
  ].join('\n');

export const POLICIES = [
  policyLdif('expires', { pwdMaxAge: '86400' }),
  policyLdif('grace', { pwdMaxAge: '86400', pwdGraceAuthNLimit: '2' }),
  policyLdif('young', { pwdMinAge: '86400' }),
  policyLdif('fixed', { pwdAllowUserChange: 'FALSE' }),
  policyLdif('safe', { pwdSafeModify: 'TRUE' }),
].join('');

export const groupLdif = (dn: string, member: string): string =>
  `dn: ${dn}\nobjectClass: groupOfNames\nmember: ${member}\n\n`;

const set = (dn: string, ...attributes: [string, string][]): string =>
  `dn: ${dn}\nchangetype: modify\n${attributes.map(([name, value]) => `replace: ${name}\n${name}: ${value}\n-\n`).join('')}\n`;
const policyOf = (name: string): [string, string] => ['pwdPolicySubentry', `cn=${name},ou=policies,${SUFFIX}`];
const LONG_AGO = '20200101000000Z';
const FAR_AHEAD = '20990101000000Z';

export function stateLdif(dn: string, state: PersonState | 'grace'): string {
  switch (state) {
    case 'must-change':
      return set(dn, ['pwdReset', 'TRUE']);
    case 'expired':
      return set(dn, policyOf('expires'), ['pwdChangedTime', LONG_AGO]);
    case 'grace':
      return set(dn, policyOf('grace'), ['pwdChangedTime', LONG_AGO]);
    case 'disabled':
      return set(dn, ['pwdStartTime', FAR_AHEAD]);
    case 'account-expired':
      return set(dn, ['pwdEndTime', LONG_AGO]);
    case 'protected':
      return `dn: ${PROTECTED}\nchangetype: modify\nadd: member\nmember: ${dn}\n\n`;
    case 'cannot-change-password':
      return set(dn, policyOf('fixed'));
    case 'minimum-age': {
      const now = new Date().toISOString().replace(/[-:T]|\.\d+/g, '');
      return set(dn, policyOf('young'), ['pwdChangedTime', now]);
    }
    case 'admin-locked':
      return set(dn, ['pwdAccountLockedTime', '000001010000Z']);
    case 'missing-right': {
      const rdn = dn.slice(0, dn.indexOf(','));
      return `dn: ${dn}\nchangetype: modrdn\nnewrdn: ${rdn}\ndeleteoldrdn: 0\nnewsuperior: ou=untouchable,ou=people,${SUFFIX}\n\n`;
    }
  }
}

export { DEFAULT_POLICY };
