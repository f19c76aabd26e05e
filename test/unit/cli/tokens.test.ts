/** The commands for tokens and the document, as an operator's script runs them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
api: { enabled: true }
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

test('make a token, list it without its value, revoke it, and print the document', async () => {
  const made = await run('tokens', 'create', '--name', 'Dashboard', '--scope', 'reports.view', 'recovery', '--json');
  expect(made.code, made.err).toBe(0);
  const { id, token } = JSON.parse(made.out) as { id: string; token: string };
  expect(token).toMatch(/^spk_[\w-]{43}$/);
  const listed = (await run('tokens', 'list', '--json')).out;
  expect(listed).not.toContain(token);
  expect(JSON.parse(listed)).toMatchObject({
    id,
    name: 'Dashboard',
    scopes: ['reports.view', 'recovery'],
    revokedAt: null,
  });
  expect((await run('tokens', 'revoke', id)).out).toContain('Revoked.');
  expect(await run('tokens', 'revoke', id)).toMatchObject({ code: 1 });
  const wrong = await run('tokens', 'create', '--name', 'x', '--scope', 'people.assist');
  expect(wrong).toMatchObject({ code: 1, out: '' });
  expect(wrong.err).toContain('There is no scope people.assist.');
  const document = JSON.parse((await run('api', 'openapi')).out) as { openapi: string; paths: object };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toContain('/api/v1/journeys');
}, 60_000);
