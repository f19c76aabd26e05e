/**
 * Whether a server is a provider or a read-only copy. Neither OpenLDAP nor 389-DS tells a plain account, but a copy refuses
 * every change before it looks at what the change is: so it is asked to take away a value that is not there.
 */
import { Attribute, Change } from 'ldapts';
import { newToken } from '../../kernel/random.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { failureOf, isReadOnly } from '../ldap/failure.ts';
import type { Greeting } from '../ldap/server.ts';

/** @throws whatever kept the server from answering */
export async function roleOf(connection: LdapConnection, baseDn: string): Promise<Greeting> {
  const modification = new Attribute({ type: 'description', values: [newToken()] });
  try {
    await connection.modify(baseDn, [new Change({ operation: 'delete', modification })]);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.is !== 'answered') throw error;
    return { takesWrites: !isReadOnly(failure) };
  }
  return { takesWrites: true };
}
