/** The commands of the roll-out, as an operator's script runs them. */
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
rollout: { phases: [{ name: Pilot, groups: [pilot], opens: "2026-01-01" }, { name: All, opens: "2999-01-01" }] }
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

const add = async (username: string) =>
  run(
    'accounts',
    'add',
    '--username',
    username,
    '--name',
    username,
    '--mail',
    `${username}@x.example`,
    '--group',
    'pilot',
  );

test('tell phases, begin a campaign after a dry run, and steer it', async () => {
  expect((await add('mia')).code).toBe(0);
  await run('readiness', 'refresh');
  const phases = (await run('rollout', 'phases', '--json')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(phases).toMatchObject([
    { name: 'Pilot', open: true },
    { name: 'All', open: false },
  ]);
  const dry = await run('rollout', 'campaign', 'create', '--name', 'Autumn', '--dry-run', '--json');
  expect(JSON.parse(dry.out)).toEqual({ people: 1, first: ['mia'] });
  expect((await run('rollout', 'campaigns')).out).toContain('There is no campaign.');
  const begun = await run('rollout', 'campaign', 'create', '--name', 'Autumn', '--starts', '2999-01-01', '--json');
  expect(begun.code, begun.err).toBe(0);
  const { id } = JSON.parse(begun.out) as { id: string };
  expect((await run('rollout', 'campaign', 'pause', id)).out).toContain('Paused.');
  expect(JSON.parse((await run('rollout', 'campaign', 'show', id, '--json')).out)).toMatchObject({
    state: 'paused',
    round: 1,
    enrolled: 0,
  });
  expect(await run('rollout', 'campaign', 'pause', id)).toMatchObject({ code: 1 });
  expect((await run('rollout', 'campaign', 'create', '--name', 'x', '--starts', '2026-13-01')).err).toContain(
    '--starts must be a day like 2026-12-01.',
  );
}, 60_000);

test('look at a list, carry it out, and report every line', async () => {
  for (const name of ['mia', 'ben']) await add(name);
  const file = join(folder, 'list.csv');
  const report = join(folder, 'report.csv');
  writeFileSync(file, Buffer.from('username;mail\r\nmia;müller@home.example\r\nnobody;x@home.example\r\n', 'latin1'));
  const looked = await run('rollout', 'import', 'csv', file, '--report', report);
  expect(looked.code, looked.err).toBe(0);
  expect(looked.out).toContain('read as windows-1252');
  expect(looked.out).toContain('2 lines: 1 would be carried out, 0 bring nothing new, 1 can’t be used.');
  expect(readFileSync(report, 'utf8')).toContain('3,nobody,refused,No account is called so.');
  const strict = await run('rollout', 'import', 'csv', file, '--apply', '--all-or-nothing');
  expect(strict.code).toBe(1);
  expect(strict.out).toContain('nothing was carried out');
  const done = await run('rollout', 'import', 'csv', file, '--apply', '--json');
  expect(done.code, done.err).toBe(0);
  expect(JSON.parse(done.out)).toMatchObject({ state: 'done', counts: { done: 1, refused: 1 } });
  const lists = (await run('rollout', 'lists', '--json')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lists.map(({ state }) => state)).toEqual(['done', 'refused', 'checked']);
  const first = lists.at(-1).id as string;
  expect((await run('rollout', 'list', 'cancel', first)).code).toBe(0);
  expect(await run('rollout', 'list', 'apply', first)).toMatchObject({ code: 1 });
  expect(await run('rollout', 'import', 'csv', join(folder, 'missing.csv'))).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is no file'),
  });
}, 60_000);
