/**
 * `sparekey check` and `sparekey audit verify` of the built product, on real servers: green on a good set-up; every broken
 * thing named with the line of the file and what to do; no secret ever printed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Settings, smtpSection, writeConfig } from '../kit/config-file.ts';
import { cli } from '../kit/node-process.ts';
import { freePort, type TempDir, tempDir } from '../kit/servers/process.ts';
import { PEOPLE_DN, startSamba } from '../kit/servers/samba.ts';
import { type Slapd, type SlapdOptions, SUFFIX, startSlapd } from '../kit/servers/slapd.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';

const MAIL_AUTH = { user: 'sparekey', pass: 'mail-account-password' };
const SECRETS = ['service-account-password', MAIL_AUTH.pass, 'Svc-Pass-1!', 'database-password', 'Wr0ng-Secret'];
const CANARY = { uid: 'canary', password: 'First-Canary-Passw0rd' };
/** Below the lock-out of both directories, as the documentation asks for. */
const LIMITS = { signIn: { failures: 2 } };

interface Bad {
  is: 'warning' | 'failed';
  what: string;
  cause?: string;
  fix?: string;
  key?: string;
  at?: string;
  /** The text of the line that `at` names. */
  line?: string;
}

interface Checked {
  code: number;
  bad: Bad[];
  good: number;
}

describe('sparekey check', { timeout: 60_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let slapd: Slapd;
  let smtp: TestSmtpServer;
  let printed = '';
  beforeAll(async () => {
    dir = await tempDir('check');
    ca = await createTestCa();
    slapd = await startSlapd({ ca, people: [CANARY] });
    smtp = await startSmtpServer(ca, { auth: MAIL_AUTH });
  }, 60_000);
  afterAll(async () => {
    await smtp?.close();
    await slapd?.stop();
    await ca?.remove();
    await dir?.remove();
  });

  const openldap = (own: Record<string, unknown> = {}, server: Slapd = slapd) => {
    const { url, startTls, ...config } = server.config();
    const all = { type: 'openldap', url, ...(startTls ? { startTls } : {}), ...config, canary: 'canary', ...own };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  };
  const mail = (own: Record<string, unknown> = {}) => ({ ...smtpSection(smtp, MAIL_AUTH), ...own });

  const settings = (own: Partial<Settings>): string =>
    writeConfig(dir.path, {
      publicUrl: 'http://localhost:8080',
      directory: openldap(),
      mail: mail(),
      ...own,
      more: { limits: LIMITS, ...own.more },
    });

  const run = async (args: string[]) => {
    const result = await cli(args, { cwd: dir.path });
    printed += result.stdout + result.stderr;
    expect(result.stderr, 'no stack trace').not.toMatch(/^\s+at /m);
    return result;
  };

  async function check(own: Partial<Settings>, ...more: string[]): Promise<Checked> {
    const file = settings(own);
    const { code, stdout, stderr } = await run(['check', '-c', file, '--json', ...more]);
    if (stdout === '') throw new Error(`Nothing was checked: ${stderr}`);
    const { ok, sections } = JSON.parse(stdout) as { ok: boolean; sections: { findings: (Bad | { is: 'ok' })[] }[] };
    expect(code).toBe(ok ? 0 : 1);
    const all = sections.flatMap(({ findings }) => findings);
    const lines = readFileSync(file, 'utf8').split('\n');
    const bad = all
      .filter((finding) => finding.is !== 'ok')
      .map((finding): Bad => {
        const [, name, number] = /^(.*):(\d+):\d+$/.exec(finding.at ?? '') ?? [];
        const line = name && basename(name) === 'sparekey.yaml' ? lines[Number(number) - 1]?.trim() : undefined;
        return { ...finding, ...(line === undefined ? {} : { line }) };
      });
    return { code, bad, good: all.length - bad.length };
  }

  const has = (text: string | RegExp) => expect.stringMatching(text);

  it('finds everything green on a good set-up, sends the mail it is asked for, and says so in plain text too', async () => {
    const { code, bad, good } = await check({}, '--mail-to', 'operator@northfield.example');
    expect(bad).toEqual([]);
    expect(code).toBe(0);
    expect(good).toBeGreaterThan(12);
    expect(smtp.received.map(({ envelope }) => envelope.to)).toEqual([['operator@northfield.example']]);
    const { stdout } = await run(['check', '-c', settings({})]);
    expect(stdout).toMatch(/^Database\n {2}ok {7}/);
    expect(stdout).toMatch(/\d+ tried, 0 failed, 0 warnings\./);
    expect(await slapd.bindAs(slapd.personDn('canary'), CANARY.password), 'the canary was really reset').toBe(false);
  });

  const otherServer = async (options: SlapdOptions, work: (other: Slapd) => Promise<void>) => {
    const other = await startSlapd({ ca, people: [CANARY], ...options });
    try {
      await work(other);
    } finally {
      await other.stop();
    }
  };

  describe('of the directory', () => {
    const cases: [name: string, own: () => Record<string, unknown>, bad: Partial<Record<keyof Bad, unknown>>][] = [
      [
        'a wrong password',
        () => ({ bindPassword: 'Wr0ng-Secret' }),
        { key: 'directory.bindPassword', cause: has(/invalidCredentials/), line: has(/^bindPassword:/) },
      ],
      [
        'a base that does not exist',
        () => ({ baseDn: `ou=nowhere,${SUFFIX}` }),
        { key: 'directory.baseDn', line: `baseDn: ou=nowhere,${SUFFIX}` },
      ],
      [
        'a port where nobody listens',
        () => ({ url: 'ldaps://127.0.0.1:9' }),
        { key: 'directory.url', cause: has(/Nobody listens/), line: 'url: ldaps://127.0.0.1:9' },
      ],
      [
        'a canary that does not exist',
        () => ({ canary: 'nobody' }),
        { key: 'directory.canary', cause: has(/nobody/), fix: has(/Create/), line: 'canary: nobody' },
      ],
      [
        'a CA file that is not there',
        () => ({ caFile: '/nowhere/ca.pem' }),
        { key: 'directory.caFile', cause: has(/\/nowhere\/ca\.pem/), line: 'caFile: /nowhere/ca.pem' },
      ],
      ['no TLS', () => ({ url: slapd.ldapUrl }), { key: 'directory.startTls', fix: has(/startTls: true/) }],
    ];
    it.each(cases)('names %s', async (_, own, bad) => {
      const found = await check({ directory: openldap(own()) });
      expect(found.bad.filter(({ is }) => is === 'failed')).toEqual([
        expect.objectContaining({ is: 'failed', ...bad }),
      ]);
      expect(found.code).toBe(1);
      expect(found.bad[0]?.fix, 'what to do').toBeTruthy();
    });

    it('names an unknown authority', async () => {
      const stranger = await createTestCa();
      const { bad } = await check({ directory: openldap({ caFile: stranger.caFile }) });
      await stranger.remove();
      expect(bad).toMatchObject([{ key: 'directory.caFile', cause: has(/not trusted/), line: has(/^caFile:/) }]);
    });

    it('names a certificate for another name', () =>
      otherServer({ certificate: ca.issue(['DNS:ldap.example.test']) }, async (other) => {
        const { bad } = await check({ directory: openldap({}, other) });
        expect(bad).toMatchObject([
          { key: 'directory.url', cause: has(/lists DNS:ldap\.example\.test, not 127\.0\.0\.1/) },
        ]);
      }));

    it('names a missing right with the line for slapd.conf', () =>
      otherServer({ passwordRight: 'none' }, async (other) => {
        const { bad } = await check({ directory: openldap({}, other) });
        expect(bad).toMatchObject([
          { is: 'failed', fix: has(/^access to dn\.subtree=.* attrs=userPassword .* write/) },
        ]);
      }));

    it('warns of a missing canary and of a limit above the directory’s own lock-out, and is still content', async () => {
      const found = await check({
        directory: openldap({ canary: undefined }),
        more: { limits: { signIn: { failures: 4 } } },
      });
      expect(found.bad).toMatchObject([
        { is: 'warning', key: 'directory.canary', line: 'directory:' },
        { is: 'warning', key: 'limits.signIn.failures', fix: has(/failures to 2/), line: 'failures: 4' },
      ]);
      expect(found.code).toBe(0);
    });

    it('names the two rules that contradict each other, ours and that of the directory', () =>
      otherServer({ policy: { pwdMaxLength: '12' } }, async (other) => {
        const { bad, code } = await check({ directory: openldap({ canary: undefined }, other) });
        expect(bad.filter(({ is }) => is === 'failed')).toMatchObject([
          {
            key: 'policy.password.minLength',
            cause: has(/our rules ask for at least 15 characters, and the directory asks for at most 12 /),
            fix: has(/policy\.password\.minLength/),
          },
        ]);
        expect(code).toBe(1);
      }));

    it('names every broken part at once', async () => {
      const { bad } = await check({ directory: openldap({ bindPassword: 'Wr0ng-Secret' }), mail: mail({ port: 9 }) });
      expect(bad.map(({ key }) => key)).toEqual(['directory.bindPassword', 'mail.port']);
    });
  });

  it('finds a right missing on Samba, prints the command that grants it, and is green after it', async () => {
    const samba = await startSamba({
      ca,
      delegated: ['reset', 'pwdLastSet'],
      people: [{ username: CANARY.uid, password: CANARY.password }],
    });
    try {
      const { startTls: _, ...config } = samba.config();
      const directory = { type: 'active-directory', ...config, canary: 'canary' };
      const before = await check({ directory });
      expect(before).toMatchObject({
        code: 1,
        bad: [{ is: 'failed', what: 'right to unlock', key: 'directory.bindDn' }],
      });
      const command = /^samba-tool dsacl set --objectdn="([^"]+)" --sddl="([^"]+)"$/.exec(before.bad[0]?.fix ?? '');
      expect(command?.[1]).toBe(PEOPLE_DN);
      samba.tool('dsacl', 'set', `--objectdn=${command?.[1]}`, `--sddl=${command?.[2]}`);
      expect(await check({ directory })).toMatchObject({ code: 0, bad: [] });
      const wrong = await check({ directory: { ...directory, bindPassword: 'Wr0ng-Secret' } });
      expect(wrong.bad).toMatchObject([
        { key: 'directory.bindPassword', cause: has(/52e/), line: has(/^bindPassword:/) },
      ]);
      const other = await check({ directory: { ...directory, baseDn: 'DC=elsewhere,DC=test' } });
      expect(other.bad).toMatchObject([{ key: 'directory.baseDn', line: 'baseDn: DC=elsewhere,DC=test' }]);
    } finally {
      await samba.stop();
    }
  });

  describe('of the policy', () => {
    it('names a group of a rule that is not there, and a rule under which nobody could ever get back in', async () => {
      const policy = {
        recovery: { methods: ['email'] },
        privileged: { groups: [`cn=nobody,ou=groups,${SUFFIX}`] },
        groups: [{ name: 'pupils', groups: [`ou=people,${SUFFIX}`], methods: ['email', 'recovery-code'] }],
      };
      const found = await check({ more: { policy } });
      expect(found.bad).toMatchObject([
        {
          is: 'failed',
          what: has(/^group of a rule cn=nobody/),
          cause: has(/no such group/),
          fix: has(/Correct the DN/),
        },
        { is: 'failed', what: 'rule default', key: 'policy.recovery', cause: has(/: email never add up/) },
      ]);
      expect(found.code).toBe(1);
    });

    it('warns where people’s own mailboxes may open with the password that they forgot, until they are listed', () =>
      otherServer({ people: [{ ...CANARY, mail: 'canary@northfield.example' }] }, async (other) => {
        const directory = openldap({}, other);
        expect(await check({ directory })).toMatchObject({
          code: 0,
          bad: [{ is: 'warning', key: 'methods.email.lockedDomains', fix: has(/Add northfield\.example to/) }],
        });
        const methods = { email: { lockedDomains: ['Northfield.example'] } };
        expect((await check({ directory, more: { methods } })).bad).toEqual([]);
      }));
  });

  describe('of the mail server', () => {
    const cases: [name: string, own: () => Record<string, unknown>, bad: Partial<Record<keyof Bad, unknown>>][] = [
      ['a closed port', () => ({ port: 9 }), { key: 'mail.port', line: 'port: 9' }],
      ['a wrong password', () => ({ password: 'Wr0ng-Secret' }), { key: 'mail.password', line: has(/^password:/) }],
      ['an authority that is not trusted', () => ({ caFile: undefined }), { key: 'mail.caFile' }],
      ['the wrong kind of TLS', () => ({ security: 'tls' }), { key: 'mail.security', line: 'security: tls' }],
      [
        'a CA file that is not there',
        () => ({ caFile: '/nowhere/ca.pem' }),
        { key: 'mail.caFile', line: 'caFile: /nowhere/ca.pem' },
      ],
    ];
    it.each(cases)('names %s', async (_, own, bad) => {
      const section = Object.fromEntries(Object.entries(mail(own())).filter(([, value]) => value !== undefined));
      const found = await check({ directory: { type: 'builtin' }, mail: section });
      expect(found.bad).toEqual([expect.objectContaining({ is: 'failed', ...bad })]);
      expect(found.code).toBe(1);
    });

    it('names a certificate for another name', async () => {
      const other = await startSmtpServer(ca, { certificate: 'other-name' });
      const found = await check({ directory: { type: 'builtin' }, mail: smtpSection(other) });
      await other.close();
      expect(found.bad).toMatchObject([{ key: 'mail.host', cause: has(/another name/), line: 'host: localhost' }]);
    });
  });

  describe('of the database', () => {
    it('names a folder that can not be written, and tries the mail server all the same', async () => {
      const storage = { engine: 'sqlite', file: '/sys/db.sqlite' };
      const found = await check({ storage, mail: mail({ port: 9 }) });
      expect(found.bad).toMatchObject([
        { is: 'failed', key: 'storage.file', cause: has(/folder|permission|owner/), line: 'file: /sys/db.sqlite' },
        { is: 'failed', key: 'mail.port' },
      ]);
    });

    it('names a file that is no database', async () => {
      writeFileSync(join(dir.path, 'letter.sqlite'), 'Dear reader, '.repeat(100));
      const found = await check({ storage: { engine: 'sqlite', file: 'letter.sqlite' } });
      expect(found.bad).toMatchObject([{ key: 'storage.file', cause: has(/not a SQLite database/) }]);
    });

    it('names a PostgreSQL that is not there, without the password in its URL', async () => {
      const url = `postgres://sparekey:database-password@127.0.0.1:${await freePort()}/sparekey`;
      const found = await check({ storage: { engine: 'postgres', url } });
      expect(found.bad).toMatchObject([{ is: 'failed', key: 'storage.url', line: has(/^url: postgres:/) }]);
    });
  });

  it('tells a configuration that can not be read from one that does not work: every problem at once, exit 1', async () => {
    const file = settings({ directory: openldap({ usrFilter: '(x=y)' }), mail: mail({ port: 'many' }) });
    const { code, stdout, stderr } = await run(['check', '-c', file]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/sparekey\.yaml:\d+:\d+ {2}directory\.usrFilter/);
    expect(stderr).toMatch(/sparekey\.yaml:\d+:\d+ {2}mail\.port/);
  });

  it('proves the audit, and names the record that was changed or taken out', async () => {
    const storage = { engine: 'sqlite', file: 'audit.sqlite' };
    const file = settings({ directory: { type: 'builtin' }, storage });
    for (const username of ['amina', 'ben', 'chiara', 'dmitri'])
      expect((await run(['accounts', 'add', '-c', file, '--username', username, '--name', username])).code).toBe(0);
    const verify = () => run(['audit', 'verify', '-c', file]);
    const good = await verify();
    expect([good.code, good.stdout]).toEqual([0, has(/^4 records, chain intact\. Head: 4:/)]);

    const database = new DatabaseSync(join(dir.path, 'audit.sqlite'));
    const body = () => String(database.prepare('select body from audit where seq = 2').get()?.['body']);
    const original = body();
    database.prepare('update audit set body = ? where seq = 2').run(original.replace('"ben"', '"eve"'));
    expect(body()).not.toBe(original);
    const changed = await verify();
    expect([changed.code, changed.stdout]).toEqual([1, has(/Record 2 was changed\.\n.*chain BROKEN/)]);
    const json = await run(['audit', 'verify', '-c', file, '--json']);
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      1,
      expect.objectContaining({ ok: false, faults: [{ is: 'changed', seq: 2 }] }),
    ]);

    database.prepare('update audit set body = ? where seq = 2').run(original);
    database.exec('delete from audit where seq = 3');
    const missing = await verify();
    expect([missing.code, missing.stdout]).toEqual([1, has(/Record 3 is missing\./)]);
    database.close();
  });

  it('has printed no secret in all of this', () => {
    expect(printed.length).toBeGreaterThan(1_000);
    for (const secret of SECRETS) expect(printed).not.toContain(secret);
  });
});
