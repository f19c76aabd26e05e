/** A real program: the contract of connectors, and that nobody but its standard input is told the password. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandConfig, command } from '../../src/connectors/command.ts';
import type { Person } from '../../src/connectors/connector.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { type TempDir, tempDir, until } from '../kit/servers/process.ts';

const clock = { now: () => Date.now() };
const person = (link: string): Person => ({
  link,
  username: 'anna',
  displayName: 'Anna Kim',
  mail: 'anna@people.test',
});
const attempt = { idempotencyKey: 'job-1', number: 2 };
const to = (password: string) => ({ is: 'password', password: new Secret(password), mustChange: false }) as const;

const given: Omit<CommandConfig, 'file'> = {
  args: ['{order}', '{link}'],
  input: 'json',
  environment: {},
  cwd: '/',
  orders: ['password'],
  protected: ['root'],
  timeout: 5_000,
};

/** Notes what it was given, as JSON. */
const RECORDER = `#!/bin/sh
exec "${process.execPath}" -e '
const fs = require("fs");
const input = fs.readFileSync(0, "utf8");
fs.appendFileSync(process.argv[1], JSON.stringify({ input, args: process.argv.slice(2), env: process.env, cwd: process.cwd(), argv: fs.readFileSync("/proc/self/cmdline", "utf8") }) + "\\n");
' -- "$NOTES" "$@"
`;

function program(dir: TempDir, name: string, text: string): string {
  const file = join(dir.path, name);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

interface Note {
  input: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  argv: string;
}
const notesOf = (path: string): Note[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Note)
    : [];

connectorContract('a local command', async () => {
  const dir = await tempDir('command');
  const notes = join(dir.path, 'notes');
  const config = { ...given, file: program(dir, 'recorder', RECORDER), environment: { NOTES: notes } };
  return {
    connector: await command.open(config, { id: 'local', clock }),
    person: person('anna'),
    works: async ({ link }, password) => {
      const last = notesOf(notes).findLast(({ args }) => args[1] === link);
      return last !== undefined && (JSON.parse(last.input) as { password?: string }).password === password;
    },
    faults: {
      disappear: async () => chmodSync(config.file, 0o644),
      heal: async () => chmodSync(config.file, 0o755),
    },
    // Everything that others on the machine can see of it.
    log: async () => JSON.stringify(notesOf(notes).map(({ input, ...seen }) => seen)),
    close: dir.remove,
  };
});

describe('a local command', { timeout: 30_000 }, () => {
  let dir: TempDir;
  beforeAll(async () => {
    dir = await tempDir('command');
  });
  afterAll(() => dir?.remove());
  const run = async (text: string, own: Partial<CommandConfig> = {}, password = 'Quiet-Harbour-71') => {
    const connector = await command.open({ ...given, file: program(dir, 'it', text), ...own }, { id: 'local', clock });
    return connector.deliver(person('anna'), to(password), attempt);
  };

  it('is told everything on standard input, and has a clean environment', async () => {
    const notes = join(dir.path, 'told');
    process.env.SPAREKEY_TEST_LEAK = 'leaked';
    await run(RECORDER, {
      environment: { NOTES: notes },
      args: ['--for={link}', '{link}{order}', '{id}/{attempt}', '{password}'],
    });
    delete process.env.SPAREKEY_TEST_LEAK;
    const [note] = notesOf(notes);
    expect(JSON.parse(note?.input ?? '')).toEqual({
      order: 'password',
      id: 'job-1',
      attempt: 2,
      link: 'anna',
      username: 'anna',
      displayName: 'Anna Kim',
      mail: 'anna@people.test',
      password: 'Quiet-Harbour-71',
      mustChange: false,
    });
    expect(note?.args).toEqual(['--for=anna', 'annapassword', 'job-1/2', '{password}']);
    expect(note?.cwd).toBe('/');
    // A shell adds its own three.
    expect(
      Object.keys(note?.env ?? {})
        .filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name))
        .toSorted(),
    ).toEqual(['LANG', 'NOTES', 'PATH']);
    expect(note?.argv).not.toContain('Quiet-Harbour-71');
  });

  it('gets the password alone as a line where it wants that, and never half of it', async () => {
    const notes = join(dir.path, 'line');
    const own = { input: 'line', environment: { NOTES: notes } } as const;
    expect(await run(RECORDER, own, ' two  words ')).toEqual({ is: 'delivered' });
    expect(await run(RECORDER, own, 'two\nlines')).toMatchObject({
      is: 'rejected',
      hint: expect.stringContaining('json'),
    });
    expect(notesOf(notes).map(({ input }) => input)).toEqual([' two  words \n']);
  });

  it.each([
    [0, 'delivered'],
    [67, 'no-account'],
    [75, 'retry'],
    [1, 'rejected'],
    [78, 'rejected'],
  ])('takes exit status %i for %s', async (status, is) => {
    expect(await run(`#!/bin/sh\ncat >/dev/null\necho "the reason" >&2\nexit ${status}\n`)).toMatchObject({ is });
  });

  it('repeats its words cut and in one line, and never the password', async () => {
    const long = await run(
      `#!/bin/sh\ncat >/dev/null\nprintf 'a\\nb\\033[31m' >&2\nhead -c 1000000 /dev/zero | tr '\\0' x >&2\nexit 1\n`,
    );
    expect(long).toMatchObject({
      is: 'rejected',
      cause: expect.stringMatching(/^It ended with 1\. It said: a b \[31mx+$/),
    });
    expect(JSON.stringify(long).length).toBeLessThan(500);
    for (const password of ['Quiet-Harbour-71', 'with "quotes" \\ in it']) {
      const told = await run('#!/bin/sh\ncat >&2\nexit 1\n', {}, password);
      expect(told).toMatchObject({ is: 'rejected' });
      expect(JSON.stringify(told)).not.toContain(JSON.stringify(password).slice(1, -1));
    }
  });

  it('kills the program and its children at the time limit', async () => {
    const pids = join(dir.path, 'pids');
    const text = `#!/bin/sh\nsleep 300 & echo $! >> ${pids}\necho $$ >> ${pids}\nwait\n`;
    expect(await run(text, { timeout: 1_000 })).toMatchObject({
      is: 'retry',
      cause: expect.stringContaining('timeout'),
    });
    const lives = (pid: string) =>
      existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const started = readFileSync(pids, 'utf8').trim().split('\n');
    expect(started).toHaveLength(2);
    await until(() => !started.some(lives), 'both to be gone');
  });

  it('starts nothing for a protected link, nor for one that looks like an option', async () => {
    const notes = join(dir.path, 'guarded');
    const config = { ...given, file: program(dir, 'it', RECORDER), environment: { NOTES: notes } };
    const connector = await command.open(config, { id: 'local', clock });
    for (const link of ['root', 'ROOT', '--help', 'a\0b'])
      expect(await connector.deliver(person(link), to('Quiet-Harbour-71'), attempt)).toMatchObject({ is: 'rejected' });
    expect(notesOf(notes)).toEqual([]);
  });

  it('hands nothing to a program that others could have changed', async () => {
    const file = program(dir, 'open', '#!/bin/sh\nexit 0\n');
    chmodSync(file, 0o777);
    const connector = await command.open({ ...given, file }, { id: 'local', clock });
    const cause = expect.stringContaining('can be written by others');
    expect(await connector.deliver(person('anna'), to('x'), attempt)).toMatchObject({
      is: 'retry',
      whole: true,
      cause,
    });
    expect(await connector.check()).toEqual([expect.objectContaining({ is: 'failed', key: 'file', cause })]);
    chmodSync(file, 0o755);
    expect(await connector.check()).toEqual([expect.objectContaining({ is: 'ok' })]);
    chmodSync(dir.path, 0o777);
    expect(await connector.check()).toEqual([expect.objectContaining({ is: 'failed', key: 'file', cause })]);
    chmodSync(dir.path, 0o700);
    const gone = await command.open({ ...given, file: join(dir.path, 'gone') }, { id: 'local', clock });
    expect(await gone.check()).toEqual([expect.objectContaining({ is: 'failed', fix: expect.any(String) })]);
  });
});
