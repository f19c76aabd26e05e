/** The LDAP Password Modify extended operation (RFC 3062). The new password is always given, or the server would make one. */
import { BerWriter } from 'ldapts';
import type { Secret } from '../../kernel/secret.ts';

export const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1';

/** PasswdModifyRequestValue ::= SEQUENCE { userIdentity [0], oldPasswd [1] OPTIONAL, newPasswd [2] } */
export function passwordModifyValue(dn: string, password: Secret, old?: Secret): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeString(dn, 0x80);
  if (old) writer.writeString(old.reveal(), 0x81);
  writer.writeString(password.reveal(), 0x82);
  writer.endSequence();
  return writer.buffer;
}
