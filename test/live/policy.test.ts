/** A group inside a group, or an attribute, decides the rule: through the whole of Sparekey, on slapd and on a Samba AD. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN_DN, startSamba } from '../kit/servers/samba.ts';
import { SUFFIX } from '../kit/servers/slapd.ts';
import { FIRST, type House, openHouse } from './journey-house.ts';
import { groupLdif, openldapSubject } from './openldap-fixture.ts';
import { prepare, sambaSubject } from './samba-fixture.ts';

interface Fixture {
  house: House;
  close(): Promise<void>;
}

const policyFor = (outer: string, pupils: string, attribute: string) => ({
  risk: { enabled: false },
  privileged: { groups: [outer] },
  groups: [
    { name: 'pupils', groups: [pupils], methods: ['email', 'recovery-code'] },
    { name: 'guests', attributes: { [attribute]: ['Guest'] }, gates: 3 },
  ],
});

function suite(name: string, open: () => Promise<Fixture>): void {
  describe(name, { timeout: 120_000 }, () => {
    let fixture: Fixture;
    beforeAll(async () => {
      fixture = await open();
    }, 120_000);
    afterAll(() => fixture?.close());

    /** What is offered, and out of how many, once the mail was passed. */
    const afterMail = async (username: string) => {
      const { house } = fixture;
      const client = await house.firstGate(await house.enrolled(username));
      return { ways: client.choices('method'), step: /Step \d of \d/.exec(client.text())?.[0] };
    };

    it.each([
      ['plain', ['totp', 'recovery-code'], 'Step 2 of 3'],
      // A member of a group that is a member of the privileged one.
      ['boss', ['totp'], 'Step 2 of 3'],
      ['pupil', ['recovery-code'], 'Step 2 of 3'],
      ['visitor', ['totp', 'recovery-code'], 'Step 2 of 4'],
    ])('%s goes by the rule of their group or attribute', async (username, ways, step) => {
      expect(await afterMail(username)).toEqual({ ways, step });
    });
  });
}

suite('OpenLDAP', async () => {
  const subject = await openldapSubject('ldaps');
  const { slapd } = subject;
  for (const username of ['plain', 'boss', 'pupil', 'visitor']) await subject.addPerson({ username, password: FIRST });
  const group = (cn: string) => `cn=${cn},ou=groups,${SUFFIX}`;
  slapd.ldif(groupLdif(group('inner'), slapd.personDn('boss')) + groupLdif(group('outer'), group('inner')));
  slapd.ldif(groupLdif(group('pupils'), slapd.personDn('pupil')));
  slapd.ldif(`dn: ${slapd.personDn('visitor')}\nchangetype: modify\nreplace: employeeType\nemployeeType: guest\n\n`);
  // As an operator might spell it.
  const policy = policyFor(`CN=Outer, OU=groups, ${SUFFIX}`, group('pupils'), 'employeetype');
  const house = await openHouse({ ca: slapd.ca, directory: { type: 'openldap', ...subject.config }, more: { policy } });
  return {
    house,
    close: async () => {
      await house.close();
      await subject.close();
    },
  };
});

suite('Samba AD', async () => {
  const samba = await startSamba();
  await prepare(samba);
  const subject = await sambaSubject(samba, 'ldaps');
  for (const username of ['plain', 'boss', 'pupil', 'visitor']) await subject.addPerson({ username, password: FIRST });
  for (const group of ['Inner', 'Outer', 'Pupils']) samba.tool('group', 'add', group);
  samba.tool('group', 'addmembers', 'Inner', 'boss');
  samba.tool('group', 'addmembers', 'Outer', 'Inner');
  samba.tool('group', 'addmembers', 'Pupils', 'pupil');
  samba.ldif(`dn: ${samba.personDn('visitor')}\nchangetype: modify\nreplace: employeeType\nemployeeType: guest\n`);
  const dn = (cn: string) => `cn=${cn}, cn=users, ${DOMAIN_DN}`;
  const policy = policyFor(dn('outer'), dn('pupils'), 'employeeType');
  const directory = { type: 'active-directory', ...subject.config };
  const house = await openHouse({ ca: samba.ca, directory, more: { policy } });
  return {
    house,
    close: async () => {
      await house.close();
      await subject.close();
      await samba.stop();
    },
  };
});
