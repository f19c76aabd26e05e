/** Groups of an entry, nested ones included: from memberOf where the overlay keeps it, and by search where it does not. */
import { AndFilter, type Entry, EqualityFilter, OrFilter } from 'ldapts';
import { normaliseDn } from '../../kernel/dn.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { text, texts } from '../ldap/entry.ts';

const DEEPEST = 10;

export async function groupsOf(
  connection: LdapConnection,
  entry: Entry,
  base: string,
  usernameAttribute: string,
): Promise<string[]> {
  const found = new Map<string, string>();
  const add = (dns: string[]) => {
    const added = dns.filter((dn) => !found.has(normaliseDn(dn)));
    for (const dn of added) found.set(normaliseDn(dn), dn);
    return added;
  };
  const parents = async (dns: string[], username?: string) => {
    const filters = dns.flatMap((value) => [
      new EqualityFilter({ attribute: 'member', value }),
      new EqualityFilter({ attribute: 'uniqueMember', value }),
    ]);
    if (username) filters.push(new EqualityFilter({ attribute: 'memberUid', value: username }));
    const filter = new AndFilter({ filters: [new OrFilter({ filters })] });
    return (await connection.search(base, { filter, attributes: ['1.1'] })).map((group) => group.dn);
  };
  let newest = add([...texts(entry, 'memberOf'), ...(await parents([entry.dn], text(entry, usernameAttribute)))]);
  for (let depth = 0; newest.length > 0 && depth < DEEPEST; depth += 1) newest = add(await parents(newest));
  return [...found.values()];
}
