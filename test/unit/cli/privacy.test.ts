/** `sparekey privacy` as operators run it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from '../../../src/cli/cli.ts';
import { dataClasses } from '../../../src/privacy/data-classes.ts';

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'privacy-'));
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
      privacy: { keep: { calls: '14 d' } },
    }),
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
  rmSync(folder, { recursive: true, force: true });
});

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
  await runCli(['node', 'sparekey', ...args, '--config', config]);
  stdout.mockRestore();
  stderr.mockRestore();
  return { out, err, code: Number(process.exitCode ?? 0) };
}

const addAmina = () =>
  run('accounts', 'add', '--username', 'amina', '--name', 'Amina', '--mail', 'amina@northfield.example');

test('classes tells every class with its time', async () => {
  const { out } = await run('privacy', 'classes', '--json');
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ id }) => id)).toEqual(dataClasses.map(({ id }) => id));
  expect(lines.find(({ id }) => id === 'calls')).toMatchObject({
    keep: '14 d',
    tables: expect.arrayContaining(['calls']),
  });
  expect((await run('privacy', 'classes')).out).toContain('30 d after leaving the directory');
});

test('export writes a file that only its owner reads, and never over another one', async () => {
  await addAmina();
  const out = join(folder, 'amina.json');
  expect((await run('privacy', 'export', 'amina', '--out', out)).code).toBe(0);
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ account: { username: 'amina' }, waysToVerify: [] });
  expect((await run('privacy', 'export', 'amina', '--out', out)).code).toBe(1);
  expect(await run('privacy', 'export', 'nobody')).toMatchObject({ code: 1, err: expect.stringContaining('nobody') });
});

test('erase wants a reason without numbers, and says what went', async () => {
  await addAmina();
  expect((await run('privacy', 'erase', 'amina', '--reason', 'Passport 12345678')).err).toContain('holds a number');
  const { out } = await run('privacy', 'erase', 'amina', '--reason', 'Asked for it.', '--json');
  expect(JSON.parse(out)).toMatchObject({ rows: expect.any(Number), told: [] });
  const found = await run('audit', 'search', '--event', 'person.', '--json');
  expect(JSON.parse(found.out)).toMatchObject({ event: 'person.erased', reason: 'Asked for it.', actor: 'system' });
});

test('run deletes by age, and looks for people who left only after a whole walk', async () => {
  await addAmina();
  expect(JSON.parse((await run('privacy', 'run', '--json')).out)).toMatchObject({
    deleted: { journeys: 0, audit: 0 },
    leavers: { is: 'too-early' },
  });
  await run('readiness', 'refresh');
  const { out, code } = await run('privacy', 'run');
  expect(out).toContain('0 known, 0 missing, 0 erased.');
  expect(code).toBe(0);
});
