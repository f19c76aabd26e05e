/**
 * Finds out, without changing anything, whether the service account may write an attribute of an entry: it asks to delete
 * a value that is not there. slapd looks at the rights first (50), only then for the value (16).
 */
import { Attribute, Change } from 'ldapts';
import { newToken } from '../../kernel/random.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { failureOf } from '../ldap/failure.ts';

/** Values that no entry has. */
const ABSENT = {
  userPassword: () => newToken(),
  pwdAccountLockedTime: () => '19000101000000Z',
  /** 389-DS */
  accountUnlockTime: () => '19000101000000Z',
};

/** `undefined`: the answer says neither yes nor no. */
export async function mayWrite(
  connection: LdapConnection,
  dn: string,
  attribute: keyof typeof ABSENT,
): Promise<boolean | undefined> {
  const modification = new Attribute({ type: attribute, values: [ABSENT[attribute]()] });
  try {
    await connection.modify(dn, [new Change({ operation: 'delete', modification })]);
    return true;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.is !== 'answered') throw error;
    if (failure.code === 16) return true;
    return failure.code === 50 ? false : undefined;
  }
}
