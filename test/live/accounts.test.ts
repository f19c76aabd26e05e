/** `sparekey accounts`: an account that was added can sign in with what was printed, once, and must choose a password then. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAudit } from '../../src/audit/read.ts';
import { readKeysFile } from '../../src/config/keys-file.ts';
import { loadConfig } from '../../src/config/load.ts';
import { accountId } from '../../src/kernel/account.ts';
import { openDatabase } from '../../src/open.ts';
import { registries } from '../../src/registries.ts';
import { createAuthenticators } from '../../src/storage/repositories/authenticators.ts';
import { findByUsername } from '../../src/storage/repositories/builtin-accounts.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { cli, startNode } from '../kit/node-process.ts';
import { freePort, type TempDir, tempDir } from '../kit/servers/process.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { WebClient } from '../kit/web-client.ts';

describe('sparekey accounts', { timeout: 60_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let smtp: TestSmtpServer;
  let file: string;
  let port: number;
  let origin: string;
  beforeAll(async () => {
    dir = await tempDir('accounts');
    ca = await createTestCa();
    smtp = await startSmtpServer(ca);
    port = await freePort();
    origin = `http://localhost:${port}`;
    const directory = { type: 'builtin', minPasswordLength: 40 };
    file = writeConfig(dir.path, { publicUrl: origin, port, directory, mail: smtpSection(smtp) });
  });
  afterAll(async () => {
    await smtp?.close();
    await ca?.remove();
    await dir?.remove();
  });

  const accounts = (...args: string[]) => cli(['accounts', ...args, '-c', file], { cwd: dir.path });
  const add = (username: string, ...more: string[]) =>
    accounts('add', '--username', username, '--name', 'Amina Haddad', ...more);
  const list = async () => JSON.parse((await accounts('list', '--json')).stdout) as Record<string, unknown>[];

  it('adds somebody whose first password fits the rules, works, and must be changed', async () => {
    const more = ['--mail', 'amina@corp.example', '--given-name', 'Amina', '--language', 'en', '--group', 'staff'];
    const added = await add('amina', ...more, '--group', 'library');
    expect([added.code, added.stderr.replace(/.*responseFloor.*\n.*\n/, '')]).toEqual([0, '']);
    const password = /shown only now: (\S+)/.exec(added.stdout)?.[1] ?? '';
    expect(password.length).toBeGreaterThanOrEqual(40);
    expect(await list()).toContainEqual({
      username: 'amina',
      name: 'Amina Haddad',
      mail: 'amina@corp.example',
      language: 'en',
      groups: ['staff', 'library'],
      state: 'must change',
    });

    const node = await startNode(file, port, join(dir.path, 'log'));
    try {
      const client = new WebClient({ base: `http://127.0.0.1:${port}`, origin });
      await client.get('/sign-in');
      await client.submit('/sign-in', { username: 'Amina', password });
      expect(client.path).toContain('/change?because=must-change');
      const own = 'A lantern over the harbour, and seven brass kettles';
      await client.submit('/change', { username: 'amina', current: password, password: own, again: own });
      expect(client.title).toBe('Your password is changed');
    } finally {
      await node.stop();
    }
    expect(await list()).toContainEqual(expect.objectContaining({ username: 'amina', state: 'ready' }));
  });

  it('makes another password for everybody, keeps none in clear, and writes the audit', async () => {
    const [one, two] = [await add('ben'), await add('chiara')];
    const of = ({ stdout }: { stdout: string }) => /only now: (\S+)/.exec(stdout)?.[1] ?? '';
    expect(of(one)).not.toBe(of(two));
    const database = new DatabaseSync(join(dir.path, 'sparekey.sqlite'), { readOnly: true });
    const rows = JSON.stringify(database.prepare('select * from builtin_accounts').all());
    const audit = database
      .prepare('select body from audit')
      .all()
      .map(({ body }) => String(body));
    database.close();
    expect(rows).toContain('$argon2id$');
    for (const secret of [of(one), of(two)]) expect(rows + audit.join()).not.toContain(secret);
    expect(audit.filter((body) => body.includes('directory.account-added') && body.includes('"ben"'))).toHaveLength(1);
    expect((await cli(['audit', 'verify', '-c', file])).code).toBe(0);
  });

  const unfit: [what: string, args: string[], sentence: RegExp][] = [
    ['a name that is taken, whatever its case', ['--username', 'ELENA'], /--username ELENA is taken: elena/],
    [
      'an address that is taken',
      ['--username', 'e2', '--mail', 'Elena@corp.example'],
      /--mail Elena@\S+ is taken: elena/,
    ],
    ['somebody’s address as a username', ['--username', 'elena@corp.example'], /--username elena@\S+ is taken: elena/],
    ['an empty name', ['--username', ''], /--username is empty/],
    ['a name with a blank', ['--username', 'two words'], /holds a blank/],
    ['control characters', ['--username', 'bell\u0007'], /control characters/],
    ['an address that is none', ['--username', 'f', '--mail', 'nowhere'], /"nowhere" is not a mail address/],
    ['a language we do not speak', ['--username', 'f', '--language', 'tlh'], /"tlh" is not one of en, de, ar/],
  ];

  it('refuses what does not fit with a sentence, and adds nothing', async () => {
    await add('elena', '--mail', 'elena@corp.example');
    const before = await list();
    for (const [what, args, sentence] of unfit) {
      const { code, stdout, stderr } = await accounts('add', '--name', 'Elena Petrova', ...args);
      expect([code, stdout], what).toEqual([1, '']);
      expect(stderr, what).toMatch(sentence);
      expect(stderr, what).not.toMatch(/^\s+at /m);
    }
    expect(await list()).toEqual(before);
  });

  it('lists a table', async () => {
    await add('farid', '--group', 'staff');
    const { stdout } = await accounts('list');
    expect(stdout).toMatch(/^USERNAME +NAME +MAIL +STATE +GROUPS\n/);
    expect(stdout).toMatch(/^farid +Amina Haddad +must change +staff$/m);
  });

  it('refuses where the accounts are somewhere else', async () => {
    const other = await tempDir('elsewhere');
    const dn = { bindDn: 'cn=sspr', bindPassword: 'x', baseDn: 'dc=test' };
    const directory = { type: 'openldap', url: 'ldaps://ldap.example.test', ...dn };
    const config = writeConfig(other.path, { publicUrl: origin, directory, mail: smtpSection(smtp) });
    const { code, stderr } = await cli(['accounts', 'list', '-c', config], { cwd: other.path });
    await other.remove();
    expect(code).toBe(1);
    expect(stderr).toContain('directory.type is openldap');
  });

  it('takes all ways to verify of one account away, with the reason in the audit', async () => {
    expect((await add('carla')).code).toBe(0);
    const { storage, keyring } = await openDatabase(setting(file));
    const own = createAuthenticators(keyring);
    const clear = (name: string) =>
      cli(['ways', 'clear', name, '--reason', 'lost phone', '-c', file], { cwd: dir.path });
    try {
      const row = await findByUsername(storage.db, 'carla');
      const id = accountId('builtin', String(row?.id));
      const app = { id: 'app1', accountId: id, method: 'totp', label: 'Phone', data: { seed: 'GEZDGNBV' } };
      await own.add(storage.db, app, Date.now());
      const cleared = await clear('Carla');
      expect([cleared.code, cleared.stdout]).toEqual([0, '1 ways of carla were taken away.\n']);
      expect(await own.list(storage.db, id)).toEqual([]);
      const [entry] = await readAudit(storage.db, { limit: 1 });
      expect(entry).toMatchObject({ event: 'enrolment.cleared', subject: id, reason: 'lost phone' });
      const nobody = await clear('nobody-at-all');
      expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('No account is called nobody-at-all')]);
    } finally {
      await storage.close();
    }
  });
});

/** Configuration and keys as the command line reads them. */
function setting(file: string): Parameters<typeof openDatabase>[0] {
  const loaded = loadConfig({ file, env: {}, registries });
  if (loaded.is === 'invalid') throw new Error('The configuration of the test is invalid.');
  const keys = readKeysFile(loaded.config.keysFile);
  if (keys.is !== 'opened') throw new Error('The key file is not there yet.');
  return { config: loaded.config, keys: keys.keys };
}
