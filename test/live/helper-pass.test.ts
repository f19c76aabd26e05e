/** `sparekey helper-pass issue` and the accepted risks in `sparekey check`, as operators run them. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAudit } from '../../src/audit/read.ts';
import { readKeysFile } from '../../src/config/keys-file.ts';
import { loadConfig } from '../../src/config/load.ts';
import { accountId } from '../../src/kernel/account.ts';
import { ACKNOWLEDGEMENT } from '../../src/methods/questions/acknowledgement.ts';
import { openDatabase } from '../../src/open.ts';
import { registries } from '../../src/registries.ts';
import { createAuthenticators } from '../../src/storage/repositories/authenticators.ts';
import { findByUsername } from '../../src/storage/repositories/builtin-accounts.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { createMailbox } from '../kit/mailbox.ts';
import { cli, startNode } from '../kit/node-process.ts';
import { freePort, type TempDir, tempDir } from '../kit/servers/process.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { WebClient } from '../kit/web-client.ts';

describe('sparekey helper-pass', { timeout: 90_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let smtp: TestSmtpServer;
  let file: string;
  let port: number;
  let origin: string;
  beforeAll(async () => {
    dir = await tempDir('helper-pass');
    ca = await createTestCa();
    smtp = await startSmtpServer(ca);
    port = await freePort();
    origin = `http://localhost:${port}`;
    const methods = ['email', 'totp', 'recovery-code', 'questions', 'helper-pass'];
    const facts = [{ name: 'card', attribute: 'employeeNumber', label: { en: 'Number on your card' } }];
    file = writeConfig(dir.path, {
      publicUrl: origin,
      port,
      directory: { type: 'builtin', canary: 'canary' },
      mail: smtpSection(smtp),
      more: {
        policy: {
          recovery: { methods, also: ['directory-facts'] },
          privileged: { groups: ['admins'], methods: ['email', 'totp', 'helper-pass'] },
        },
        methods: { questions: { countsAsGate: ACKNOWLEDGEMENT }, 'directory-facts': { facts } },
      },
    });
    await add('amina', '--attribute', 'employeeNumber=AB-77 31', '--attribute', 'employeeNumber=CD-1');
    await add('root', '--group', 'admins');
    await add('canary');
  });
  afterAll(async () => {
    await smtp?.close();
    await ca?.remove();
    await dir?.remove();
  });

  const add = async (username: string, ...more: string[]) => {
    const args = ['accounts', 'add', '--username', username, '--name', 'Amina Haddad', ...more, '-c', file];
    const { code, stderr } = await cli(args, { cwd: dir.path });
    if (code !== 0) throw new Error(stderr);
  };
  const issue = (...args: string[]) => cli(['helper-pass', 'issue', ...args, '-c', file], { cwd: dir.path });
  const verified = ['--verified', 'id-in-person', '--helper', 'Kim Berger'];

  const withDatabase = async <T>(
    work: (opened: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>,
  ): Promise<T> => {
    const loaded = loadConfig({ file, env: {}, registries });
    const keys = readKeysFile(join(dir.path, 'keys.json'));
    if (loaded.is !== 'ok' || keys.is !== 'opened') throw new Error('The configuration or the keys can’t be read.');
    const opened = await openDatabase({ config: loaded.config, keys: keys.keys });
    try {
      return await work(opened);
    } finally {
      await opened.storage.close();
    }
  };

  it('issues a pass that opens a recovery on the running node, which sends the message about it', async () => {
    await withDatabase(async ({ storage, keyring }) => {
      const row = await findByUsername(storage.db, 'amina');
      expect(row?.attributes).toEqual({ employeeNumber: ['AB-77 31', 'CD-1'] });
      const account = accountId('builtin', row?.id ?? '');
      const data = { address: 'amina@private.example' };
      await createAuthenticators(keyring).add(
        storage.db,
        { id: 'mail', accountId: account, method: 'email', label: '', data },
        Date.now(),
      );
    });
    const node = await startNode(file, port, join(dir.path, 'log'));
    try {
      const { code, stdout, stderr } = await issue('amina', ...verified, '--ticket', 'T-1204');
      expect(code, stderr).toBe(0);
      const pass = /shown only now: ((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})\n/.exec(stdout)?.[1] ?? '';
      expect(stdout).toContain('Told: a•••@private.example.');
      await createMailbox(smtp).arrive('amina@private.example', /a helper issued a pass/);

      const client = new WebClient({ base: `http://127.0.0.1:${port}`, origin });
      await client.get('/');
      await client.submit('/recover', { identifier: 'amina' });
      await client.submit('/recover/method', { method: 'helper-pass' });
      await client.submit('/recover/answer', { code: pass.toLowerCase() });
      // What the directory knows is asked in addition, of whoever it knows it.
      await client.submit('/recover/method', { method: 'directory-facts' });
      await client.submit('/recover/answer', { card: 'cd1' });
      expect(client.title).toBe('Choose a new password');
      const rows = await withDatabase(({ storage }) => readAudit(storage.db, { limit: 100 }));
      expect(rows.find(({ event }) => event === 'helper-pass.issued')).toMatchObject({
        actor: 'helper:Kim Berger',
        detail: { verified: 'id-in-person', ticket: 'T-1204' },
      });
      expect(JSON.stringify(rows)).not.toContain(pass);
    } finally {
      await node.stop();
    }
  });

  const refused: [what: string, args: string[], sentence: RegExp][] = [
    ['nobody', ['nobody', ...verified], /There is no account nobody\./],
    ['a privileged account', ['root', ...verified], /Somebody else has to agree/],
    ['a second who is the first', ['root', ...verified, '--second', 'kim berger'], /must be neither the helper/],
    ['one’s own account', ['amina', '--verified', 'manager', '--helper', 'AMINA'], /their own account/],
    ['an empty helper', ['amina', '--verified', 'manager', '--helper', ' '], /--helper is empty/],
    ['no verification', ['amina', '--helper', 'Kim'], /--verified/],
    ['a verification that is none', ['amina', '--verified', 'trust-me', '--helper', 'Kim'], /id-in-person/],
  ];
  it('refuses with a sentence, and prints no pass', async () => {
    for (const [what, args, sentence] of refused) {
      const { code, stdout, stderr } = await issue(...args);
      expect([code, stdout], what).toEqual([1, '']);
      expect(stderr, what).toMatch(sentence);
      expect(stderr, what).not.toMatch(/^\s+at /m);
    }
  });

  it('check warns of what the configuration takes on, and of attributes that the test account lacks', async () => {
    const { stdout } = await cli(['check', '--json', '-c', file], { cwd: dir.path });
    const { sections } = JSON.parse(stdout) as {
      sections: { findings: { is: string; cause?: string; key?: string }[] }[];
    };
    const warnings = sections.flatMap(({ findings }) => findings).filter(({ is }) => is === 'warning');
    expect(warnings).toContainEqual(
      expect.objectContaining({ key: 'methods.questions.countsAsGate', cause: expect.stringContaining('6.4.2') }),
    );
    expect(warnings).toContainEqual(
      expect.objectContaining({ key: 'directory.canary', cause: expect.stringContaining('canary has no value there') }),
    );
  });
});
