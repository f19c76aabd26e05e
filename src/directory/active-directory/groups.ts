/** Groups of an account, nested ones included: tokenGroups is what the domain controller itself goes by. */
import { type Entry, EqualityFilter, ExtensibleFilter, OrFilter } from 'ldapts';
import type { LdapConnection } from '../ldap/connection.ts';
import { buffers, texts } from '../ldap/entry.ts';
import { sidText } from './identifiers.ts';

/** LDAP_MATCHING_RULE_IN_CHAIN */
const IN_CHAIN = '1.2.840.113556.1.4.1941';
const AT_ONCE = 50;

/** SIDs of all security groups; tokenGroups is only computed in a base search. */
export async function tokenGroups(connection: LdapConnection, dn: string): Promise<Buffer[]> {
  const attributes = ['tokenGroups'];
  const [entry] = await connection.search(dn, { scope: 'base', attributes, explicitBufferAttributes: attributes });
  return entry ? buffers(entry, 'tokenGroups') : [];
}

/** DNs; a group of another domain that can't be resolved here is given by its SID. */
export async function groupsOf(connection: LdapConnection, entry: Entry, domainDn: string): Promise<string[]> {
  const sids = await tokenGroups(connection, entry.dn);
  const groups: string[] = [];
  for (let start = 0; start < sids.length; start += AT_ONCE) {
    const some = sids.slice(start, start + AT_ONCE);
    const filters = some.map((value) => new EqualityFilter({ attribute: 'objectSid', value }));
    const found = await connection.search(domainDn, {
      filter: new OrFilter({ filters }),
      attributes: ['objectSid'],
      explicitBufferAttributes: ['objectSid'],
    });
    const names = new Map(found.map((group) => [buffers(group, 'objectSid')[0]?.toString('hex'), group.dn]));
    groups.push(...some.flatMap((sid) => names.get(sid.toString('hex')) ?? sidText(sid) ?? []));
  }
  // Distribution groups are in no token. The rule is costly for a big domain, so it only stands in where tokens are hidden.
  if (sids.length > 0) return [...new Set([...groups, ...texts(entry, 'memberOf')])];
  const filter = new ExtensibleFilter({ matchType: 'member', rule: IN_CHAIN, value: entry.dn });
  return (await connection.search(domainDn, { filter, attributes: ['1.1'] })).map((group) => group.dn);
}
