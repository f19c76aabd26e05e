/** `sparekey settings` and what `check` says of it, as operators run them; second approval between command line and others. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeConfig } from '../kit/config-file.ts';
import { cli } from '../kit/node-process.ts';
import { type TempDir, tempDir } from '../kit/servers/process.ts';

describe('sparekey settings', { timeout: 120_000 }, () => {
  let dir: TempDir;
  let file: string;
  const write = (more: Record<string, unknown> = {}) =>
    writeConfig(dir.path, {
      publicUrl: 'http://localhost:8080',
      directory: { type: 'builtin' },
      mail: { type: 'demo-inbox' },
      storage: { engine: 'sqlite', file: join(dir.path, 'sparekey.sqlite') },
      more,
    });
  const settings = (...args: string[]) => cli(['settings', ...args, '-c', file]);
  beforeAll(async () => {
    dir = await tempDir('settings-cli');
    file = write();
  });
  afterAll(() => dir.remove());

  it('shows what may be set, and what the file fixes', async () => {
    const { stdout } = await settings('show', 'organisation');
    expect(stdout).toContain('Version 0\n');
    expect(stdout).toMatch(/organisation\.name: Northfield College {2}\(fixed by the file: .+sparekey\.yaml:\d+:\d+\)/);
    expect(stdout).toContain('organisation.timeZone: UTC  (default)');
  });

  it('sets, tells the history and the diff, and rolls back', async () => {
    const set = await settings(
      'set',
      'organisation.timeZone=Europe/Berlin',
      'policy.recovery.methods=[totp, email]',
      '-m',
      'we moved',
    );
    expect(set.code).toBe(0);
    expect(set.stdout).toContain('Version 1 is in force');
    expect((await settings('show', 'organisation.timeZone', '--json')).stdout).toContain('"from":"settings"');
    await settings('set', 'organisation.timeZone=Asia/Tokyo');
    expect((await settings('diff', '1', '2')).stdout).toBe('  organisation.timeZone: Europe/Berlin → Asia/Tokyo\n');
    const back = JSON.parse((await settings('rollback', '1', '-m', 'too far', '--json')).stdout);
    expect(back).toEqual({ version: 3, state: 'applied' });
    expect((await settings('export')).stdout).toBe(
      'organisation:\n  timeZone: Europe/Berlin\npolicy:\n  recovery:\n    methods:\n      - totp\n      - email\n',
    );
    const { stdout } = await settings('history');
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect(stdout).toContain('operator:command-line  applied by operator:command-line  (back to 1)  too far');
    const audit = await cli(['audit', 'search', '--event', 'settings.', '--json', '-c', file]);
    expect(audit.stdout).toContain('settings.rolled-back');
  });

  it('refuses a change as a whole, and names every problem', async () => {
    const { code, stderr } = await settings(
      'set',
      'organisation.timeZone=Mars/Base',
      'limits.triesPerCode=99',
      'organisation.name=Me',
      'listen.port=1',
    );
    expect(code).toBe(1);
    for (const word of ['not an IANA time zone', 'limits.triesPerCode', 'fixed by the file', 'can’t be set here'])
      expect(stderr).toContain(word);
    expect((await settings('show', 'limits.triesPerCode')).stdout).toContain('Version 3\n');
  });

  it('lints, and check counts', async () => {
    const risks = JSON.parse((await settings('lint', '--json')).stdout) as { id: string }[];
    expect(risks.map(({ id }) => id)).toEqual(expect.arrayContaining(['risk-off', 'no-floor', 'nobody-told']));
    expect((await settings('lint')).stdout).toContain('fix: Switch it on.');
    expect((await cli(['check', '-c', file])).stdout).toContain(
      `version 3 is in force; ${risks.length} are risky: sparekey settings lint`,
    );
  });

  it('ignores what the file fixes meanwhile, and check says so', async () => {
    write({ organisation: { name: 'Northfield College', timeZone: 'Europe/Paris', help: { phone: '555 0100' } } });
    const { stdout, code } = await cli(['check', '-c', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('the stored setting organisation.timeZone is ignored');
    expect(stdout).toContain('sparekey settings set --unset organisation.timeZone');
    expect((await settings('set', '--unset', 'organisation.timeZone')).stdout).toContain('Version 4 is in force');
    expect((await cli(['check', '-c', file])).stdout).not.toContain('is ignored');
  });

  it('waits for somebody else where the file asks for a second person', async () => {
    write({ console: { secondApproval: true } });
    const proposed = await settings('set', 'limits.triesPerCode=4', '--json');
    expect(JSON.parse(proposed.stdout)).toEqual({ version: 5, state: 'proposed' });
    const own = await settings('approve', '5');
    expect(own.code).toBe(1);
    expect(own.stderr).toContain('Somebody else has to agree');
    expect((await settings('reject', '5', '-m', 'no')).stdout).toBe('Version 5 is rejected.\n');
    expect((await settings('show', 'limits.triesPerCode')).stdout).toContain('Version 4\n');
  });
});
