/** `check()` on real OpenLDAP servers that are set up wrong, one fault each: it names the cause, the fix and the key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Slapd, type SlapdOptions, SUFFIX, startSlapd } from '../kit/servers/slapd.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { openOn } from './openldap-fixture.ts';

const people = [{ uid: 'canary', password: 'First-Canary-Passw0rd' }];

async function findings(slapd: Slapd, own: Record<string, unknown> = {}) {
  const directory = await openOn(slapd, { canary: 'canary', ...own });
  const found = await directory.check();
  await directory.close();
  return found;
}

const bad = async (slapd: Slapd, own: Record<string, unknown> = {}) =>
  (await findings(slapd, own)).filter((finding) => finding.is !== 'ok');

const has = (text: string | RegExp) => expect.stringMatching(text);

describe('check of OpenLDAP', { timeout: 60_000 }, () => {
  let ca: TestCa;
  let slapd: Slapd;
  beforeAll(async () => {
    ca = await createTestCa();
    slapd = await startSlapd({ people, ca });
  }, 60_000);
  afterAll(async () => {
    await slapd?.stop();
    await ca?.remove();
  });

  /** A server of its own for one test. */
  async function on<T>(options: SlapdOptions, work: (other: Slapd) => Promise<T>): Promise<T> {
    const other = await startSlapd({ people, ca, ...options });
    try {
      return await work(other);
    } finally {
      await other.stop();
    }
  }

  it('finds nothing wrong with the documented set-up, and really reset the canary', async () => {
    const all = await findings(slapd);
    expect(all.filter((finding) => finding.is !== 'ok')).toEqual([]);
    expect(all.map((finding) => finding.what)).toContain('reset of the canary');
    expect(await slapd.bindAs(slapd.personDn('canary'), 'First-Canary-Passw0rd')).toBe(false);
  });

  it('says by how much the clocks differ', async () => {
    const directory = await openOn(slapd, { canary: 'canary' }, { now: () => Date.now() + 600_000 });
    const found = (await directory.check()).find((finding) => finding.what === 'clock of the LDAP server');
    await directory.close();
    expect(found).toMatchObject({ is: 'failed', cause: has(/differ by (59|60)\d s/), fix: has(/NTP/), key: 'url' });
  });

  it.each(['ldaps', 'starttls'] as const)('says over %s that the authority is unknown', async (transport) => {
    const stranger = await createTestCa();
    const { url, startTls } = slapd.config(transport);
    const [finding, ...more] = await bad(slapd, { url, startTls, caFile: stranger.caFile });
    await stranger.remove();
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ is: 'failed', what: 'TLS connection', cause: has(/not trusted/), key: 'caFile' });
  });

  it.each(['ldaps', 'starttls'] as const)(
    'says over %s that the certificate is for another name',
    async (transport) => {
      const certificate = ca.issue(['DNS:ldap.example.test']);
      const [finding] = await on({ certificate }, (other) => bad(other, other.config(transport)));
      expect(finding).toMatchObject({
        is: 'failed',
        cause: has(/another name: it lists DNS:ldap\.example\.test, not 127\.0\.0\.1/),
        key: 'url',
      });
    },
  );

  it.each(['ldaps', 'starttls'] as const)('says over %s that the certificate has expired', async (transport) => {
    const certificate = ca.issue(['IP:127.0.0.1'], { expired: true });
    const [finding] = await on({ certificate }, (other) => bad(other, other.config(transport)));
    expect(finding).toMatchObject({ is: 'failed', cause: has(/has expired/), fix: has(/Renew/) });
  });

  it('says that nobody listens', async () => {
    const [finding] = await bad(slapd, { url: 'ldaps://127.0.0.1:9' });
    expect(finding).toMatchObject({ is: 'failed', cause: has(/Nobody listens.*ECONNREFUSED/), key: 'url' });
  });

  it('says that the port does not speak TLS', async () => {
    const [finding] = await bad(slapd, { url: `ldaps://127.0.0.1:${slapd.port}`, connectTimeout: 1_000 });
    expect(finding).toMatchObject({ is: 'failed', what: 'TLS connection', key: 'url' });
  });

  it('says that the password of the service account is wrong, without showing it', async () => {
    const all = await bad(slapd, { bindPassword: 'Wr0ng-Service-Secret' });
    expect(all).toEqual([
      expect.objectContaining({ is: 'failed', cause: has(/invalidCredentials/), key: 'bindPassword' }),
    ]);
    expect(JSON.stringify(all)).not.toContain('Wr0ng');
  });

  it('says that baseDn does not exist', async () => {
    expect(await bad(slapd, { baseDn: `ou=nowhere,${SUFFIX}` })).toMatchObject([{ is: 'failed', key: 'baseDn' }]);
  });

  it('says that a protected group does not exist: a typing error would protect nobody', async () => {
    const protectedGroups = [`cn=typo,ou=groups,${SUFFIX}`];
    expect(await bad(slapd, { protectedGroups })).toMatchObject([{ is: 'failed', key: 'protectedGroups' }]);
  });

  it('says that the default policy does not exist', async () => {
    const defaultPolicyDn = `cn=typo,ou=policies,${SUFFIX}`;
    expect(await bad(slapd, { defaultPolicyDn })).toContainEqual(
      expect.objectContaining({ is: 'failed', key: 'defaultPolicyDn', fix: has(/^access to dn\.base=/) }),
    );
  });

  it('gives the access line when the right on userPassword is missing', async () => {
    const all = await on({ passwordRight: 'none' }, (other) => bad(other));
    const line = `access to dn.subtree="ou=people,${SUFFIX}" attrs=userPassword by dn.exact="cn=sspr,${SUFFIX}" write`;
    expect(all).toEqual([
      expect.objectContaining({ is: 'failed', fix: has(new RegExp(`^${line.replace(/[.]/g, '\\.')}`)) }),
    ]);
  });

  it('gives the access line when the right to unlock is missing', async () => {
    const all = await on({ stateRight: 'none' }, (other) => bad(other));
    expect(all).toEqual([
      expect.objectContaining({
        is: 'failed',
        what: 'right to unlock',
        fix: has(/^access to .*attrs=pwdAccountLockedTime,pwdFailureTime,pwdReset by dn\.exact="cn=sspr.*" manage/),
      }),
    ]);
  });

  it('warns of rootdn, which bypasses every policy', async () => {
    const all = await bad(slapd, { bindDn: slapd.adminDn, bindPassword: slapd.adminPassword });
    expect(all.map((finding) => finding.what)).toContain('service account has no more rights than needed');
    expect(all.every((finding) => finding.is === 'warning')).toBe(true);
  });

  it('warns when the configured right is not the real one', async () => {
    const manage = await on({ passwordRight: 'manage' }, (other) => bad(other));
    expect(manage).toMatchObject([{ is: 'warning', key: 'passwordRight', cause: has(/accepted a reused password/) }]);
    const write = await bad(slapd, { passwordRight: 'manage' });
    expect(write).toMatchObject([{ is: 'warning', key: 'passwordRight', cause: has(/has write, not manage/) }]);
  });

  it('warns when no canary is named, and fails when the named one does not exist', async () => {
    expect(await bad(slapd, { canary: undefined })).toMatchObject([{ is: 'warning', key: 'canary' }]);
    expect(await bad(slapd, { canary: 'nobody' })).toMatchObject([{ is: 'failed', key: 'canary' }]);
  });

  it('refuses plain LDAP before a single byte leaves', async () => {
    await expect(openOn(slapd, { url: slapd.ldapUrl })).rejects.toThrow(/in clear/);
    await expect(openOn(slapd, { url: slapd.ldapsUrl, startTls: true })).rejects.toThrow(/TLS from the start/);
    await expect(openOn(slapd, { caFile: '/nonexistent.pem' })).rejects.toThrow(/can't be read \(ENOENT\)/);
  });
});
