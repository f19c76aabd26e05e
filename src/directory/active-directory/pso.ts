/**
 * Which fine-grained policy holds for an account. The domain controller says so in msDS-ResultantPSO; where that can't be
 * read, it is worked out in the same way (MS-ADTS §3.1.1.4.5.36): own policies before those of groups, the lowest
 * precedence wins, and of equals the lower objectGUID.
 */
import type { Entry } from 'ldapts';
import { sameDn } from '../../kernel/dn.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { buffers, integer, text, texts } from '../ldap/entry.ts';
import { answered } from '../ldap/failure.ts';
import { groupsOf } from './groups.ts';

export const psoContainer = (domainDn: string): string => `CN=Password Settings Container,CN=System,${domainDn}`;

const NORMAL_ACCOUNT = 0x200;

export interface Pso {
  dn: string;
  precedence: number;
  guid: Buffer;
  appliesTo: string[];
}

const byPrecedence = (a: Pso, b: Pso): number => a.precedence - b.precedence || Buffer.compare(a.guid, b.guid);

/** Of these, the one that binds an account with these groups. */
export function choosePso(psos: Pso[], account: string, groups: string[]): Pso | undefined {
  const linkedTo = (names: string[]) =>
    psos.filter(({ appliesTo }) => appliesTo.some((target) => names.some((name) => sameDn(name, target))));
  const own = linkedTo([account]);
  const candidates = own.length > 0 ? own : linkedTo(groups);
  return candidates.toSorted(byPrecedence)[0];
}

/** Empty when there are none, or they are hidden from us. */
export async function readPsos(connection: LdapConnection, domainDn: string): Promise<Pso[]> {
  try {
    const entries = await connection.search(psoContainer(domainDn), {
      scope: 'one',
      filter: '(objectClass=msDS-PasswordSettings)',
      attributes: ['msDS-PasswordSettingsPrecedence', 'msDS-PSOAppliesTo', 'objectGUID'],
      explicitBufferAttributes: ['objectGUID'],
    });
    const psos = entries.map((entry) => ({
      dn: entry.dn,
      precedence: integer(entry, 'msDS-PasswordSettingsPrecedence') ?? Number.MAX_SAFE_INTEGER,
      guid: buffers(entry, 'objectGUID')[0] ?? Buffer.alloc(0),
      appliesTo: texts(entry, 'msDS-PSOAppliesTo'),
    }));
    return psos.toSorted(byPrecedence);
  } catch (error) {
    if (answered(error, 32, 50)) return [];
    throw error;
  }
}

/** Its DN; undefined when the domain's own rules hold. The entry was read with STATE_ATTRIBUTES. */
export async function resultantPso(
  connection: LdapConnection,
  domainDn: string,
  entry: Entry,
): Promise<string | undefined> {
  const told = text(entry, 'msDS-ResultantPSO');
  if (told !== undefined || ((integer(entry, 'userAccountControl') ?? NORMAL_ACCOUNT) & NORMAL_ACCOUNT) === 0)
    return told;
  const psos = await readPsos(connection, domainDn);
  // An account may name its own policies even where those are hidden.
  if (psos.length === 0) return texts(entry, 'msDS-PSOApplied')[0];
  return choosePso(psos, entry.dn, await groupsOf(connection, entry, domainDn))?.dn;
}
