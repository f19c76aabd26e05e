/** `sparekey connectors`: tries each system for real, says what each would be told, and steers them. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeConfig } from '../kit/config-file.ts';
import { cli } from '../kit/node-process.ts';
import { type TempDir, tempDir } from '../kit/servers/process.ts';

describe('sparekey connectors', { timeout: 60_000 }, () => {
  let dir: TempDir;
  let file: string;
  const log = () => join(dir.path, 'told');

  beforeAll(async () => {
    dir = await tempDir('connectors');
    const program = join(dir.path, 'program');
    writeFileSync(
      program,
      `#!/bin/sh\nread -r password || exit 75\n[ "$1" = gone ] && exit 67\nprintf '%s %s\\n' "$1" "$password" >> ${log()}\n`,
    );
    chmodSync(program, 0o755);
    const system = (id: string, more: object) => ({
      type: 'command',
      id,
      file: program,
      input: 'line',
      args: ['{link}'],
      ...more,
    });
    file = writeConfig(dir.path, {
      publicUrl: 'http://localhost:8080',
      directory: { type: 'builtin' },
      mail: { type: 'demo-inbox' },
      more: {
        connectors: [
          system('phone', { canary: 'canary', account: '{mail|local}' }),
          system('lost', { canary: 'gone', after: ['phone'], account: '{badge}' }),
          system('broken', { file: '/nowhere/at/all' }),
        ],
      },
    });
    const person = ['--username', 'amina', '--name', 'Amina Haddad', '--mail', 'a.haddad@corp.example'];
    expect((await cli(['accounts', 'add', ...person, '-c', file], { cwd: dir.path })).code).toBe(0);
  });
  afterAll(() => dir?.remove());

  const connectors = (...args: string[]) => cli(['connectors', ...args, '-c', file], { cwd: dir.path });
  const lines = (text: string) =>
    text
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('check tries each, writes the canaries only, and names what does not work', async () => {
    const { code, stdout } = await connectors('check', '--json');
    expect(code).toBe(1);
    const found = lines(stdout);
    const of = (system: string) => found.filter((one) => one['system'] === system);
    expect(of('phone').map(({ is }) => is)).toEqual(['ok', 'ok', 'ok']);
    expect(of('lost')).toContainEqual(
      expect.objectContaining({ is: 'failed', cause: 'There is no such account.', key: 'canary' }),
    );
    expect(of('broken')).toEqual([expect.objectContaining({ is: 'failed', key: 'file', fix: expect.any(String) })]);
    const told = existsSync(log()) ? readFileSync(log(), 'utf8').trim().split('\n') : [];
    expect(told).toHaveLength(1);
    const [link, password = ''] = (told[0] ?? '').split(' ');
    expect(link).toBe('canary');
    expect(stdout).not.toContain(password);
    expect((await connectors('check', 'phone')).code).toBe(0);
  });

  it('preview says what each would be told, and changes nothing', async () => {
    const before = readFileSync(log(), 'utf8');
    const { stdout } = await connectors('preview', 'amina', '--json');
    expect(lines(stdout)).toEqual([
      { system: 'phone', label: 'phone', is: 'taken-on-trust', link: 'a.haddad' },
      { system: 'lost', label: 'lost', is: 'not-theirs' },
      { system: 'broken', label: 'broken', is: 'taken-on-trust', link: 'amina' },
    ]);
    expect(readFileSync(log(), 'utf8')).toBe(before);
    expect((await connectors('preview', 'nobody')).stderr).toContain('No account is called nobody.');
  });

  it('pauses and resumes, and says so', async () => {
    expect((await connectors('pause', 'phone')).code).toBe(0);
    expect(lines((await connectors('state', '--json')).stdout)).toContainEqual(
      expect.objectContaining({ id: 'phone', is: 'paused', pausedBy: 'operator:command-line' }),
    );
    expect((await connectors('resume', 'phone')).stdout).toContain('phone goes on');
    expect((await connectors('state')).stdout).toContain('phone  working');
    const unknown = await connectors('pause', 'nope');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('Known: phone, lost, broken.')]);
  });
});
