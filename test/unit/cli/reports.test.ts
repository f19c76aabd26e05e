/** The commands of reports, as an operator's script runs them. */
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
reports: { costPerCall: 22 }
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

test('show the figures, save the counts, and count anew', async () => {
  await run('accounts', 'add', '--username', 'mia', '--name', 'Mia', '--mail', 'mia@x.example');
  await run('readiness', 'refresh');
  const shown = await run('reports', 'show', '--json');
  expect(shown.code, shown.err).toBe(0);
  expect(JSON.parse(shown.out)).toMatchObject({
    resets: 0,
    adoption: { eligible: 1, enrolled: 0 },
    savings: { money: { perCall: 22, net: 0 } },
  });
  expect((await run('reports', 'show')).out).toContain('0% (0 of 1)');
  const wrong = await run('reports', 'show', '--from', '2026-02-30');
  expect(wrong).toMatchObject({ code: 1, out: '' });
  expect(wrong.err).toContain('must be days like 2026-11-01');
  const file = join(folder, 'report.csv');
  expect((await run('reports', 'export', file)).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toContain('day,measure,journey,rule,method,reason,count');
  expect((await run('reports', 'rebuild')).out).toMatch(/^\d+ records counted\.$/m);
}, 60_000);
