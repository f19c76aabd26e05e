/**
 * The floor: what the directory itself must do for a journey, asked by the same LDAP client over kept TLS connections. No page, no
 * code, no limit, no record, no mail.
 */
import { readFileSync } from 'node:fs';
import { BerWriter, Client } from 'ldapts';
import { type OnTheWay, passwordFor } from './people.ts';

export interface FloorTarget {
  url: string;
  caFile: string;
  bindDn: string;
  bindPassword: string;
  baseDn: string;
  policyDn: string;
}

const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1';
const ATTRIBUTES = [
  'entryUUID',
  'uid',
  'cn',
  'givenName',
  'mail',
  'memberOf',
  'pwdChangedTime',
  'pwdAccountLockedTime',
];

/** PasswdModifyRequestValue (RFC 3062 §2). */
function modifyValue(dn: string, password: string, old?: string): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeString(dn, 0x80);
  if (old !== undefined) writer.writeString(old, 0x81);
  writer.writeString(password, 0x82);
  writer.endSequence();
  return writer.buffer;
}

export interface Floor {
  recover(person: OnTheWay): Promise<void>;
  change(person: OnTheWay): Promise<void>;
  close(): Promise<void>;
}

/** One worker's own connections: one bound as the service account, one that is bound as people in turn. */
export async function openFloor(target: FloorTarget): Promise<Floor> {
  const open = () => new Client({ url: target.url, tlsOptions: { ca: readFileSync(target.caFile) } });
  const service = open();
  const asPerson = open();
  await service.bind(target.bindDn, target.bindPassword);

  const find = (person: OnTheWay) =>
    service.search(target.baseDn, {
      filter: `(&(objectClass=person)(uid=${person.username}))`,
      attributes: ATTRIBUTES,
    });
  const readPolicy = () => service.search(target.policyDn, { scope: 'base' });

  return {
    /** search by uid · read of the policy entry · password modify by the service account */
    async recover(person) {
      await find(person);
      await readPolicy();
      const password = passwordFor(person.username, person.made + 1);
      await service.exop(PASSWORD_MODIFY, modifyValue(person.dn, password));
      person.made += 1;
      person.password = password;
    },
    /** search by uid · read of the policy entry · bind as the person · password modify by the person with the old password */
    async change(person) {
      await find(person);
      await readPolicy();
      await asPerson.bind(person.dn, person.password);
      const password = passwordFor(person.username, person.made + 1);
      await asPerson.exop(PASSWORD_MODIFY, modifyValue(person.dn, password, person.password));
      person.made += 1;
      person.password = password;
    },
    async close() {
      await service.unbind();
      await asPerson.unbind().catch(() => undefined);
    },
  };
}
