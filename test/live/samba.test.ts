/** Samba Active Directory for real: the directory contract, and what only Active Directory does. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { accountOf, directoryContract, somebody } from '../contract/directory.ts';
import { serverEnv } from '../kit/servers/process.ts';
import { DOMAIN_DN, PEOPLE_DN, type Samba, startSamba } from '../kit/servers/samba.ts';
import { openOn, PROTECTED, prepare, sambaSubject } from './samba-fixture.ts';

let samba: Samba;
beforeAll(async () => {
  samba = await startSamba();
  await prepare(samba);
}, 120_000);
afterAll(() => samba?.stop(), 60_000);

const SECOND = new Secret('Second-Passw0rd');

describe('Active Directory', { timeout: 60_000 }, () => {
  let directory: Directory;
  beforeAll(async () => {
    directory = await openOn(samba, { baseDn: DOMAIN_DN, protectedGroups: [PROTECTED], canary: 'canary' });
  });
  afterAll(() => directory?.close());

  async function add() {
    const person = somebody();
    await samba.addPerson(person);
    return { ...person, account: await accountOf(directory, person.username) };
  }
  const lock = async (account: Awaited<ReturnType<typeof add>>['account']) => {
    for (const wrong of ['a', 'b', 'c']) await directory.verifyPassword(account, new Secret(wrong));
  };

  it('finds somebody by user principal name and by DOMAIN\\name', async () => {
    const { account, username } = await add();
    const found = { is: 'found', account: { id: account.id } };
    expect(await directory.find(`${username}@corp.test`)).toMatchObject(found);
    expect(await directory.find(`CORP\\${username}`)).toMatchObject(found);
    expect(await directory.find(`CORP\\*`)).toEqual({ is: 'none' });
  });

  it('knows nested groups, and protects the members of a nested protected one', async () => {
    const { account, username } = await add();
    const inner = `Inner-${username}`;
    samba.tool('group', 'add', inner);
    samba.tool('group', 'addmembers', inner, username);
    samba.tool('group', 'addmembers', 'Protected', inner);
    expect((await accountOf(directory, username)).groups).toEqual(
      expect.arrayContaining([`CN=${inner},CN=Users,${DOMAIN_DN}`, PROTECTED]),
    );
    expect(await directory.preflight(account)).toMatchObject({ is: 'blocked', why: 'protected' });
    expect(await directory.writePassword(account, SECOND)).toMatchObject({ is: 'failed' });
  });

  it('protects privileged accounts by themselves: a fresh domain administrator, and whoever has adminCount', async () => {
    const [boss, former] = [await add(), await add()];
    samba.tool('group', 'addmembers', 'Domain Admins', boss.username);
    samba.ldif(`dn: ${former.account.locator}\nchangetype: modify\nreplace: adminCount\nadminCount: 1\n`);
    for (const { account, password, username } of [boss, former]) {
      expect(await directory.preflight(account), username).toMatchObject({ is: 'blocked', why: 'protected' });
      expect(await directory.writePassword(account, SECOND)).toMatchObject({ is: 'failed' });
      expect(await directory.unlock(account)).toMatchObject({ is: 'failed' });
      expect(await samba.bindAs(account.locator, password)).toBe(true);
    }
  });

  it('blocks accounts that sign in by smart card only', async () => {
    const { account } = await add();
    samba.ldif(`dn: ${account.locator}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 262656\n`);
    expect(await directory.preflight(account)).toMatchObject({
      is: 'blocked',
      cause: expect.stringMatching(/SMARTCARD/),
    });
  });

  it('resets the person and not the DN: a DN that passed to somebody else is not written', async () => {
    const { account, username } = await add();
    samba.ldif(`dn: ${account.locator}\nchangetype: modrdn\nnewrdn: CN=moved-${username}\ndeleteoldrdn: 1\n`);
    samba.ldif(
      `dn: CN=moved-${username},${PEOPLE_DN}\nchangetype: modify\nreplace: sAMAccountName\nsAMAccountName: m${username}\n-\nreplace: userPrincipalName\nuserPrincipalName: m@corp.test\n`,
    );
    await samba.addPerson({ username, password: 'Other-Passw0rd-1' });
    expect(await directory.writePassword(account, SECOND)).toEqual({ is: 'applied' });
    expect(await samba.bindAs(`CN=moved-${username},${PEOPLE_DN}`, 'Second-Passw0rd')).toBe(true);
    expect(await samba.bindAs(samba.personDn(username), 'Other-Passw0rd-1')).toBe(true);
  });

  it('shows no numbers where a fine-grained policy applies that it may not read', async () => {
    const { account, username } = await add();
    expect(await directory.readPolicy(account)).toMatchObject({ minLength: 7, history: 3, complexity: true });
    const age = ['--min-pwd-age=0', '--max-pwd-age=0'];
    samba.tool('domain', 'passwordsettings', 'pso', 'create', 'vip', '10', '--min-pwd-length=15', ...age);
    samba.tool('domain', 'passwordsettings', 'pso', 'apply', 'vip', username);
    expect(await directory.readPolicy(account)).toMatchObject({ minLength: undefined, history: undefined });
    const short = await directory.writePassword(account, new Secret('Short-Passw0rd'));
    expect(short, 'the server itself knows the rule').toMatchObject({ is: 'refused', rules: ['too-short'] });
    const reader = await openOn(samba, { bindDn: samba.adminDn, bindPassword: samba.adminPassword });
    expect(await reader.readPolicy(account)).toMatchObject({ minLength: 15 });
    await reader.close();
  });

  it('names complexity as the broken rule', async () => {
    const { account } = await add();
    expect(await directory.writePassword(account, new Secret('onlylowercase'))).toMatchObject({
      is: 'refused',
      rules: ['complexity'],
    });
  });

  it('says a change is too young where a minimum age holds, and a reset is not bound by it', async () => {
    const { account, password } = await add();
    samba.tool('domain', 'passwordsettings', 'set', '--min-pwd-age=1');
    try {
      const changed = await directory.writePassword(account, SECOND, { old: new Secret(password) });
      expect(changed).toMatchObject({ is: 'refused', rules: ['too-young'] });
      expect(await directory.preflight(account), 'no policy hints on Samba').toMatchObject({ is: 'ready' });
      expect(await directory.writePassword(account, SECOND)).toEqual({ is: 'applied' });
    } finally {
      samba.tool('domain', 'passwordsettings', 'set', '--min-pwd-age=0');
    }
  });

  it('does not promise a history that this server does not keep for resets', async () => {
    await add();
    expect(directory.can).toEqual({ resetHistory: false, unlock: true, mustChange: true });
  });

  it('works over StartTLS', async () => {
    const { account } = await add();
    const upgraded = await openOn(samba, samba.config('starttls'));
    expect(await upgraded.writePassword(account, SECOND)).toEqual({ is: 'applied' });
    expect(await upgraded.verifyPassword(account, SECOND)).toEqual({ is: 'correct' });
    expect(await upgraded.verifyPassword(account, new Secret('wrong'))).toEqual({ is: 'wrong' });
    await upgraded.close();
  });

  describe('with a service account that lacks rights', () => {
    const WEAK = `CN=weak,CN=Users,${DOMAIN_DN}`;
    const own = { bindDn: WEAK, bindPassword: 'Weak-Pass-1!', canary: 'canary' };
    beforeAll(() => samba.addPerson({ username: 'weak', password: 'Weak-Pass-1!', ou: `CN=Users,${DOMAIN_DN}` }));

    /** Runs the very command that `check` printed. */
    function obey(fix: string | undefined): void {
      const [, dn, sddl] = /^samba-tool dsacl set --objectdn="([^"]+)" --sddl="([^"]+)"$/.exec(fix ?? '') ?? [];
      if (!dn || !sddl) throw new Error(`Not a samba-tool command: ${fix}`);
      samba.tool('dsacl', 'set', `--objectdn=${dn}`, `--sddl=${sddl}`);
    }

    it('says which right is missing, and each printed command mends exactly that', async () => {
      const weak = await openOn(samba, own);
      const { account } = await add();
      expect(await weak.preflight(account)).toMatchObject({ is: 'blocked', why: 'missing-right' });
      expect(await weak.writePassword(account, SECOND)).toMatchObject({
        is: 'failed',
        cause: expect.stringMatching(/insufficientAccessRights/),
      });
      const bad = async () => (await weak.check()).filter((finding) => finding.is === 'failed');
      const names = (await bad()).map((finding) => finding.what);
      expect(names).toEqual(['canary pre-flight', 'right to unlock', 'right to clear must-change']);
      obey((await bad())[0]?.fix);
      expect((await bad()).map((finding) => finding.what)).toEqual(names.slice(1));

      // May reset, may not unlock: the password is in force and the warning says what is not.
      await lock(account);
      const outcome = await weak.writePassword(account, SECOND);
      expect(outcome).toEqual({ is: 'applied', warning: expect.stringMatching(/lockoutTime.*insufficientAccess/) });
      expect(await weak.verifyPassword(account, SECOND)).toMatchObject({ is: 'refused', why: 'locked' });
      expect(await weak.unlock(account)).toMatchObject({ is: 'failed' });

      for (const finding of await bad()) obey(finding.fix);
      expect(await bad()).toEqual([]);
      expect(await weak.unlock(account)).toEqual({ is: 'applied' });
      expect(await weak.verifyPassword(account, SECOND)).toEqual({ is: 'correct' });
      await weak.close();
    });
  });

  it('warns of a service account that is a domain administrator, and fails when the clocks differ', async () => {
    const strong = await openOn(
      samba,
      { bindDn: samba.adminDn, bindPassword: samba.adminPassword, canary: 'canary' },
      { now: () => Date.now() + 600_000 },
    );
    const bad = (await strong.check()).filter((finding) => finding.is !== 'ok');
    await strong.close();
    expect(bad).toMatchObject([
      {
        is: 'failed',
        what: 'clock of the domain controller',
        cause: expect.stringMatching(/differ by (599|600|601) s/),
      },
      { is: 'warning', what: 'service account has no more rights than needed' },
    ]);
  });

  it('sets a password that Kerberos takes too', async () => {
    const { account, username } = await add();
    await directory.writePassword(account, SECOND);
    const krb5 = `[libdefaults]\ndefault_realm = CORP.TEST\n[realms]\nCORP.TEST = {\n kdc = ${samba.address}\n}\n`;
    const kinit = (password: string) => {
      const script =
        'cat > "$D/krb5.conf"; export KRB5_CONFIG="$D/krb5.conf" KRB5CCNAME="$D/cc"; printf "%s\\n" "$P" | kinit "$U"';
      const wrapped = `D=$(mktemp -d); ( ${script} ); code=$?; rm -r "$D"; exit $code`;
      const env = { ...serverEnv(), P: password, U: `${username}@CORP.TEST` };
      execFileSync('/bin/sh', ['-c', wrapped], { input: krb5, env, stdio: ['pipe', 'pipe', 'pipe'] });
    };
    expect(() => kinit('Second-Passw0rd')).not.toThrow();
    expect(() => kinit('Third-Passw0rd')).toThrow();
  });
});

directoryContract(
  'Samba AD over LDAPS',
  {
    blocks: ['disabled', 'account-expired', 'protected', 'cannot-change-password', 'missing-right'],
    network: true,
    history: true,
    tooShort: 'x1A',
  },
  () => sambaSubject(samba, 'ldaps'),
);
