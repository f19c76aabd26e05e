/** The main job on a real OpenLDAP with ppolicy, over LDAPS and over StartTLS, with a service account that has `write`. */

import { SUFFIX } from '../kit/servers/slapd.ts';
import { FIRST, openHouse } from './journey-house.ts';
import { type JourneyFixture, journeySuite } from './journey-suite.ts';
import { openldapSubject, POLICIES } from './openldap-fixture.ts';

const LONG = `dn: cn=long,ou=policies,${SUFFIX}
objectClass: device
objectClass: pwdPolicy
pwdAttribute: userPassword
pwdMinLength: 30
pwdCheckQuality: 2

`;

async function fixture(transport: 'ldaps' | 'starttls'): Promise<JourneyFixture> {
  const subject = await openldapSubject(transport, { ldif: POLICIES + LONG });
  const { slapd, network } = subject;
  if (!network) throw new Error('OpenLDAP has a network.');
  const timeouts = { connectTimeout: 1_500, operationTimeout: 1_500 };
  const directory = { type: 'openldap', ...subject.config, ...timeouts };
  const house = await openHouse({ ca: slapd.ca, directory });
  const set = (username: string, name: string, value: string) =>
    slapd.ldif(`dn: ${slapd.personDn(username)}\nchangetype: modify\nreplace: ${name}\n${name}: ${value}\n\n`);
  return {
    house,
    network,
    async addPerson(person) {
      await subject.addPerson(person);
      // slapd notes the time in whole seconds; nobody changes a password twice in one.
      set(person.username, 'pwdChangedTime', '20260101000000Z');
    },
    putInto: subject.putInto,
    signsIn: subject.signsIn,
    async lock(username) {
      for (let attempt = 0; attempt < 3; attempt += 1) await subject.signsIn(username, `not ${FIRST}`);
    },
    async demandLong(username) {
      set(username, 'pwdPolicySubentry', `cn=long,ou=policies,${SUFFIX}`);
    },
    async close() {
      await house.close();
      await subject.close();
    },
  };
}

journeySuite(
  'OpenLDAP over LDAPS',
  {
    blocks: [
      ['disabled', /pwdStartTime/],
      ['account-expired', /pwdEndTime/],
      ['protected', /Member of the protected group cn=protected/],
      ['cannot-change-password', /pwdAllowUserChange is FALSE in cn=fixed/],
      ['minimum-age', /pwdMinAge in cn=young/],
      ['admin-locked', /pwdAccountLockedTime is 000001010000Z/],
      ['missing-right', /may not write userPassword of uid=/],
    ],
    historyOf: 'directory',
    ownRules: true,
    faults: 'everywhere',
  },
  () => fixture('ldaps'),
);

// What does not hang on the transport is proven once, above.
journeySuite(
  'OpenLDAP over StartTLS',
  { blocks: [['disabled', /pwdStartTime/]], historyOf: 'directory', ownRules: true, faults: false },
  () => fixture('starttls'),
);
