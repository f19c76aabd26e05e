/** `sparekey audit` from the command line to the file and back, without the database. */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from '../../../src/cli/cli.ts';

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  config = join(folder, 'sparekey.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      publicUrl: 'http://localhost:8080',
      organisation: { name: 'Northfield' },
      directory: { type: 'builtin' },
      mail: { type: 'demo-inbox', from: 'it@northfield.example' },
      storage: { engine: 'sqlite', file: join(folder, 'sparekey.db') },
      keysFile: join(folder, 'keys.json'),
    }),
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
  rmSync(folder, { recursive: true, force: true });
});

/** What the command said on both channels, and how it ended. */
async function run(...args: string[]) {
  let [out, err] = ['', ''];
  process.exitCode = 0;
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
  await runCli(['node', 'sparekey', 'audit', ...args, '--config', config]);
  stdout.mockRestore();
  stderr.mockRestore();
  return { out, err, code: Number(process.exitCode ?? 0) };
}

test('what was exported is proven where no database is, and a forged line is named', async () => {
  const file = join(folder, 'export.jsonl');
  for (const name of ['a', 'b']) expect(await run('export', '--out', join(folder, name))).toMatchObject({ code: 0 });
  expect(await run('export', '--out', file)).toMatchObject({ code: 0, err: '' });
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(3);
  renameSync(join(folder, 'sparekey.db'), join(folder, 'away.db'));
  expect((await run('verify', '--file', file)).out).toMatch(/^3 records, chain intact\. Head: 3:/);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"system"', '"nobody"'));
  const forged = await run('verify', '--file', file, '--json');
  expect(JSON.parse(forged.out)).toMatchObject({ ok: false, faults: [{ is: 'changed', seq: 1 }] });
  expect(forged.code).toBe(1);
});

test('without the keys a file is not judged at all', async () => {
  const file = join(folder, 'export.jsonl');
  await run('export', '--out', file);
  rmSync(join(folder, 'keys.json'));
  expect(await run('verify', '--file', file)).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('missing'),
  });
});

test('a search tells records by what is looked for, and that every export is recorded', async () => {
  await run('export', '--format', 'csv', '--out', join(folder, 'export.csv'));
  const found = await run('search', '--event', 'audit.', '--json');
  expect(JSON.parse(found.out)).toMatchObject({ seq: 1, event: 'audit.exported', detail: { format: 'csv' } });
  expect((await run('search', '--event', 'session.')).out).toBe('');
  expect(await run('search', '--user', 'nobody')).toMatchObject({ code: 1, err: expect.stringContaining('nobody') });
});

test('an export never overwrites a file', async () => {
  const file = join(folder, 'mine');
  writeFileSync(file, 'mine');
  expect((await run('export', '--out', file)).code).toBe(1);
  expect(readFileSync(file, 'utf8')).toBe('mine');
});
