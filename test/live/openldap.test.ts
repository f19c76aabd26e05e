/** OpenLDAP for real: the directory contract over LDAPS and StartTLS, and what only OpenLDAP does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PreflightBlock } from '../../src/directory/directory.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { accountOf, directoryContract } from '../contract/directory.ts';
import { personLdif, type Slapd, SUFFIX, startSlapd } from '../kit/servers/slapd.ts';
import { groupLdif, openldapSubject, openOn, POLICIES, stateLdif } from './openldap-fixture.ts';

const blocks: PreflightBlock[] = [
  'disabled',
  'account-expired',
  'protected',
  'cannot-change-password',
  'minimum-age',
  'admin-locked',
  'missing-right',
];
/** Nobody listens at the discard port. */
const DEAD = 'ldaps://127.0.0.1:9';
const traits = { blocks, network: true, history: true, tooShort: 'x1A', wholeSeconds: true };

directoryContract('OpenLDAP over LDAPS', traits, () => openldapSubject('ldaps'));
directoryContract('OpenLDAP over StartTLS', traits, () => openldapSubject('starttls'));
directoryContract('OpenLDAP while the first server of two is dead', traits, () => openldapSubject('ldaps', {}, [DEAD]));

const FIRST = 'First-Passw0rd';
const SECOND = new Secret('Second-Passw0rd');
const people = ['ann', 'ben', 'cleo', 'dan', 'eve'].map((uid) => ({
  uid,
  password: FIRST,
  mail: `${uid}@people.test`,
}));

describe('OpenLDAP: service account with "write"', { timeout: 60_000 }, () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await startSlapd({ people, ldif: POLICIES });
  }, 60_000);
  afterAll(() => slapd?.stop());

  it('reports nested groups, whoever keeps them: memberOf, uniqueMember or memberUid', async () => {
    const inner = `cn=inner,ou=groups,${SUFFIX}`;
    const outer = `cn=outer,ou=groups,${SUFFIX}`;
    slapd.ldif(groupLdif(inner, slapd.personDn('ann')));
    slapd.ldif(
      `dn: ${outer}\nobjectClass: groupOfUniqueNames\nuniqueMember: ${inner}\n\n` +
        `dn: cn=unix,ou=groups,${SUFFIX}\nobjectClass: groupOfUniqueNames\nuniqueMember: ${outer}\n`,
    );
    const directory = await openOn(slapd);
    const { groups } = await accountOf(directory, 'ann');
    await directory.close();
    expect(groups.toSorted()).toEqual([inner, outer, `cn=unix,ou=groups,${SUFFIX}`]);
  });

  it('protects the members of a nested protected group, however its DN is spelt', async () => {
    const directory = await openOn(slapd, { protectedGroups: [`CN=Outer, OU=Groups,${SUFFIX.toUpperCase()}`] });
    const account = await accountOf(directory, 'ann');
    expect(await directory.preflight(account)).toMatchObject({ is: 'blocked', why: 'protected' });
    expect(await directory.writePassword(account, SECOND)).toMatchObject({ is: 'failed' });
    await directory.close();
    expect(await slapd.bindAs(account.locator, FIRST)).toBe(true);
  });

  it('resets the person and not the DN: a DN that passed to somebody else is not written', async () => {
    const directory = await openOn(slapd);
    const account = await accountOf(directory, 'ben');
    const rename = (from: string, to: string) =>
      slapd.ldif(`dn: ${slapd.personDn(from)}\nchangetype: modrdn\nnewrdn: uid=${to}\ndeleteoldrdn: 1\n`);
    rename('ben', 'benjamin');
    slapd.ldif(personLdif({ uid: 'ben', password: 'Other-Passw0rd' }));
    expect(await directory.writePassword(account, SECOND)).toEqual({ is: 'applied' });
    await directory.close();
    expect(await slapd.bindAs(slapd.personDn('benjamin'), 'Second-Passw0rd')).toBe(true);
    expect(await slapd.bindAs(slapd.personDn('ben'), 'Other-Passw0rd')).toBe(true);
  });

  it('says that an expired password with grace sign-ins left is right, but expired', async () => {
    slapd.ldif(stateLdif(slapd.personDn('cleo'), 'grace'));
    const directory = await openOn(slapd);
    const account = await accountOf(directory, 'cleo');
    expect(await directory.verifyPassword(account, new Secret(FIRST))).toEqual({ is: 'correct-but', why: 'expired' });
    await directory.close();
  });

  it('blocks where pwdSafeModify wants the old password, and a change with it goes through', async () => {
    slapd.ldif(
      `dn: ${slapd.personDn('dan')}\nchangetype: modify\nreplace: pwdPolicySubentry\n` +
        `pwdPolicySubentry: cn=safe,ou=policies,${SUFFIX}\n`,
    );
    const directory = await openOn(slapd);
    const account = await accountOf(directory, 'dan');
    const blocked = { is: 'blocked', why: 'cannot-change-password', cause: expect.stringContaining('pwdSafeModify') };
    expect(await directory.preflight(account)).toEqual(blocked);
    expect((await directory.writePassword(account, SECOND)).is).toBe('failed');
    expect(await directory.writePassword(account, SECOND, { old: new Secret(FIRST) })).toEqual({ is: 'applied' });
    await directory.close();
  });

  it('takes a permanent lock as permanent: unlock and reset are refused', async () => {
    slapd.ldif(stateLdif(slapd.personDn('eve'), 'admin-locked'));
    const directory = await openOn(slapd);
    const account = await accountOf(directory, 'eve');
    expect(await directory.unlock(account)).toMatchObject({ is: 'failed', cause: expect.stringContaining('for good') });
    expect(await directory.writePassword(account, SECOND)).toMatchObject({ is: 'failed' });
    expect(await slapd.read(account.locator, 'pwdAccountLockedTime')).toEqual(['000001010000Z']);
    await directory.close();
  });
});

describe('OpenLDAP: service account with "manage"', { timeout: 60_000 }, () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await startSlapd({ people, ldif: POLICIES, passwordRight: 'manage' });
  }, 60_000);
  afterAll(() => slapd?.stop());

  it('bypasses the policy, says so in its abilities, and takes away the must-change flag that slapd sets', async () => {
    const directory = await openOn(slapd, { passwordRight: 'manage' });
    expect(directory.can.resetHistory).toBe(false);
    const account = await accountOf(directory, 'ann');
    expect(await directory.writePassword(account, SECOND)).toEqual({ is: 'applied' });
    expect(await directory.writePassword(account, new Secret(FIRST)), 'no history').toEqual({ is: 'applied' });
    expect(await slapd.read(account.locator, 'pwdReset')).toEqual([]);
    expect(await directory.verifyPassword(account, new Secret(FIRST))).toEqual({ is: 'correct' });
    await directory.close();
  });

  it('may reset a young password', async () => {
    slapd.ldif(stateLdif(slapd.personDn('ben'), 'minimum-age'));
    const directory = await openOn(slapd, { passwordRight: 'manage' });
    const account = await accountOf(directory, 'ben');
    expect(await directory.preflight(account)).toMatchObject({ is: 'ready' });
    expect(await directory.writePassword(account, SECOND)).toEqual({ is: 'applied' });
    await directory.close();
  });
});

describe('OpenLDAP without ppolicy', { timeout: 60_000 }, () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await startSlapd({ people, ppolicy: false });
  }, 60_000);
  afterAll(() => slapd?.stop());

  it('resets, changes and verifies all the same, and has a marker', async () => {
    const directory = await openOn(slapd);
    expect(directory.can).toEqual({ resetHistory: false, unlock: false, mustChange: false });
    const account = await accountOf(directory, 'ann');
    const before = await directory.passwordMarker(account);
    expect(await directory.preflight(account)).toMatchObject({ is: 'ready', locked: false });
    expect(await directory.writePassword(account, SECOND)).toEqual({ is: 'applied' });
    expect(await directory.passwordMarker(account)).not.toBe(before);
    const old = SECOND;
    const third = new Secret('Third-Passw0rd');
    expect(await directory.writePassword(account, third, { old: new Secret('no') })).toEqual({ is: 'wrong-password' });
    expect(await directory.writePassword(account, third, { old })).toEqual({ is: 'applied' });
    expect(await directory.verifyPassword(account, third)).toEqual({ is: 'correct' });
    expect(await directory.unlock(account)).toMatchObject({ is: 'failed' });
    expect(await directory.readPolicy(account)).toMatchObject({ minLength: undefined, history: undefined });
    await directory.close();
  });

  it('stores a password that looks like a hash as a password', async () => {
    const directory = await openOn(slapd);
    const account = await accountOf(directory, 'ben');
    expect(await directory.writePassword(account, new Secret('{CLEARTEXT}smuggled'))).toEqual({ is: 'applied' });
    await directory.close();
    expect(await slapd.bindAs(account.locator, 'smuggled')).toBe(false);
    expect(await slapd.bindAs(account.locator, '{CLEARTEXT}smuggled')).toBe(true);
  });
});
