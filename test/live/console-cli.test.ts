/** `sparekey console` and what `check` says of it, as operators run them. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeConfig } from '../kit/config-file.ts';
import { cli } from '../kit/node-process.ts';
import { type TempDir, tempDir } from '../kit/servers/process.ts';

describe('sparekey console', { timeout: 90_000 }, () => {
  let dir: TempDir;
  let file: string;
  beforeAll(async () => {
    dir = await tempDir('console-cli');
    file = writeConfig(dir.path, {
      publicUrl: 'http://localhost:8080',
      directory: { type: 'builtin' },
      mail: { type: 'demo-inbox' },
      storage: { engine: 'sqlite', file: join(dir.path, 'sparekey.sqlite') },
    });
    const added = await cli([
      'accounts',
      'add',
      '--username',
      'olga',
      '--name',
      'Olga',
      '--mail',
      'olga@northfield.example',
      '-c',
      file,
    ]);
    if (added.code !== 0) throw new Error(added.stderr);
  });
  afterAll(() => dir.remove());

  it('check says that nobody can run it yet', async () => {
    const { stdout } = await cli(['check', '-c', file]);
    expect(stdout).toContain('sparekey console invite USERNAME');
  });

  it('prints a link that holds its value where no log sees it', async () => {
    const { code, stdout } = await cli(['console', 'invite', 'olga', '-c', file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^http:\/\/localhost:8080\/console\/first#[\w-]{43}\n/);
    const again = JSON.parse(
      (await cli(['console', 'invite', 'olga', '--role', 'auditor', '--json', '-c', file])).stdout,
    );
    expect(again).toMatchObject({ username: 'olga', role: 'auditor' });
  });

  it('refuses what it does not know with a sentence', async () => {
    const role = await cli(['console', 'invite', 'olga', '--role', 'king', '-c', file]);
    expect(role.code).toBe(1);
    expect(role.stderr).toContain('No role is called king.\n');
    const nobody = await cli(['console', 'invite', 'nobody', '-c', file]);
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain('No account is called nobody.\n');
  });

  it('says who was given a role, and takes none away that was not given', async () => {
    expect((await cli(['console', 'grants', '-c', file])).stdout).toBe('Nobody was given a role by hand.\n');
    expect((await cli(['console', 'revoke', 'olga', '-c', file])).stdout).toContain('was given no role by hand');
  });
});
