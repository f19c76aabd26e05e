/** The commands of readiness and rules, as an operator's script runs them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from '../../../src/cli/cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparekey-cli-'));
  writeFileSync(
    join(folder, 'sparekey.yaml'),
    `publicUrl: http://127.0.0.1:8080
organisation: { name: Northfield, help: { phone: "555 0100" } }
directory: { type: builtin }
mail: { type: demo-inbox, from: it@northfield.example }
storage: { engine: sqlite, file: ${join(folder, 's.sqlite')} }
keysFile: ${join(folder, 'keys.json')}
policy: { recovery: { methods: [email, totp, recovery-code] }, privileged: { methods: [email, totp, recovery-code] } }
`,
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ out: string; err: string; code: unknown }> {
  const text = { out: '', err: '' };
  const keep = (name: keyof typeof text) => (chunk: unknown) => {
    text[name] += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('out') as never);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('err') as never);
  process.exitCode = 0;
  await runCli(['node', 'sparekey', ...args, '--config', join(folder, 'sparekey.yaml')]);
  vi.restoreAllMocks();
  return { ...text, code: process.exitCode };
}

test('walk through the directory, tell who could recover, preview a rule and try a person', async () => {
  const added = await run(
    'accounts',
    'add',
    '--username',
    'mia',
    '--name',
    'Mia Berg',
    '--mail',
    'mia@x.example',
    '--group',
    'staff',
  );
  expect(added.code, added.err).toBe(0);
  const refreshed = await run('readiness', 'refresh', '--json');
  expect(refreshed.code, refreshed.err).toBe(0);
  expect(JSON.parse(refreshed.out)).toMatchObject({
    ready: 0,
    notReady: 1,
    reasons: { 'never-enrolled': 1 },
    waiting: 0,
  });
  expect(JSON.parse((await run('readiness', '--json', '--group', 'Staff')).out)).toMatchObject({
    group: 'staff',
    notReady: 1,
  });
  expect((await run('readiness')).out).toContain(
    'Everybody: 0 could recover today (0.0 %), 1 could not, 0 are switched off.',
  );
  expect(await run('readiness', '--group', 'nowhere')).toMatchObject({ code: 1 });

  const file = join(folder, 'new.yaml');
  const csv = join(folder, 'out.csv');
  writeFileSync(file, 'recovery:\n  methods: [email, totp]\n');
  const previewed = await run('rules', 'preview', '--file', file, '--json', '--csv', csv);
  expect(JSON.parse(previewed.out)).toMatchObject({
    people: 1,
    stranded: { people: 0 },
    freed: { people: 0 },
    unread: [],
  });
  expect(readFileSync(csv, 'utf8')).toContain('username,name,change');
  writeFileSync(file, 'recovery:\n  gates: 99\n');
  const refused = await run('rules', 'preview', '--file', file);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain(`${file}:2:3  policy.recovery.gates`);

  expect(JSON.parse((await run('rules', 'try', 'mia', '--json')).out)).toMatchObject({ username: 'mia', end: 'stuck' });
  expect(await run('rules', 'try', 'nobody')).toMatchObject({ code: 1 });
}, 60_000);
