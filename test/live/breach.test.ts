/** `sparekey breach` as operators run it: the built product, a terminal, a full disk, a process that is killed. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeSyntheticText } from '../../bench/synthetic-hashes.ts';
import { cli, MAIN } from '../kit/node-process.ts';
import { until } from '../kit/servers/process.ts';
import { download, leaked, linesOf } from '../unit/breach/kit.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-breach-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function corpus(folder: string, ...flags: string[]): Promise<string> {
  const out = join(folder, 'breached.corpus');
  const source = download(folder, linesOf(leaked(3_000)));
  const built = await cli(['breach', 'build', source, '--out', out, ...flags]);
  expect(built).toMatchObject({ code: 0, stderr: '' });
  return out;
}

/** Types `text` into a real terminal as soon as `prompt` stands there, and gives all that appeared on it. */
async function typed(args: string[], prompt = '', text = ''): Promise<{ output: string; code: number | null }> {
  const command = [process.execPath, MAIN, ...args].join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  if (prompt) {
    await until(() => output.includes(prompt), `the prompt "${prompt}"`);
    child.stdin.write(text);
  }
  const code = await ended;
  return { output, code };
}

const piped = (args: string[], input: string) =>
  spawnSync(process.execPath, [MAIN, ...args], { input, encoding: 'utf8' });

describe('breach check', () => {
  test('tells breached from clean, and ends with 1 and 0', async () => {
    const file = await corpus(scratch(), '--exact', '--counts');
    expect(piped(['breach', 'check', '--file', file], 'leaked-2999\n')).toMatchObject({
      status: 1,
      stdout: 'Breached: this password is in known leaks (seen 3,000 times).\n',
    });
    expect(piped(['breach', 'check', '--file', file, '--json'], 'another\r\n')).toMatchObject({
      status: 0,
      stdout: '{"is":"clean"}\n',
    });
  });

  test('takes the password unseen from a terminal', async () => {
    const file = await corpus(scratch());
    const { output, code } = await typed(['breach', 'check', '--file', file], 'Password: ', 'leaked-17\r');
    expect(output).toContain('Password: ');
    expect(output).toContain('Breached: this password is in known leaks.');
    expect(output).not.toContain('leaked-');
    expect(code).toBe(1);
  });

  test('ends with 2 when nothing can answer, and with a sentence when nothing is asked', () => {
    const file = join(scratch(), 'none');
    expect(piped(['breach', 'check', '--file', file], 'x\n')).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('There is no such file'),
    });
    expect(piped(['breach', 'check', '--file', file], '')).toMatchObject({ stderr: 'No password was given.\n' });
  });
});

describe('breach verify', () => {
  test('reads every page, and names the damaged part', async () => {
    const file = await corpus(scratch());
    expect(await cli(['breach', 'verify', '--file', file])).toMatchObject({
      code: 0,
      stdout: `${file}: 3,000 SHA-1 hashes (filter), every checksum fits.\n`,
    });
    const bytes = readFileSync(file);
    bytes[3_000]! ^= 1;
    writeFileSync(file, bytes);
    expect(await cli(['breach', 'verify', '--file', file])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/Part 1 of 1: page 2 is damaged\.\n.*DAMAGED/),
    });
    expect(JSON.parse((await cli(['breach', 'verify', '--file', file, '--json'])).stdout)).toMatchObject({ ok: false });
  });
});

describe('breach build', () => {
  test('says in plain words what is wrong with a source', async () => {
    const folder = scratch();
    const source = download(folder, linesOf(leaked(3_000)).toReversed());
    const out = join(folder, 'out');
    expect(await cli(['breach', 'build', source, '--out', out])).toEqual({
      code: 1,
      stdout: '',
      stderr: `${source}, line 2: the hashes are not in order.\nUse the download that is ordered by hash, not by prevalence.\n`,
    });
    expect(existsSync(out)).toBe(false);
  });

  test('draws a bar on a terminal', async () => {
    const folder = scratch();
    const source = join(folder, 'in.txt');
    writeSyntheticText(source, 1_500_000);
    const { output, code } = await typed(['breach', 'build', source, '--out', join(folder, 'out')]);
    expect(code).toBe(0);
    expect(output).toMatch(/\r\[#+\.*\] +\d+ % {2}[\d,]+ hashes, [\d,]+ a second/);
    expect(output).toContain('1,500,000 SHA-1 hashes in');
  });

  test('killed in the middle is taken up by the next one, which ends with the same file', async () => {
    const folder = scratch();
    const source = join(folder, 'in.txt');
    const out = join(folder, 'out');
    writeSyntheticText(source, 3_000_000);
    const args = ['breach', 'build', source, '--exact', '--counts', '--out', out];
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' });
    const gone = new Promise((done) => child.once('exit', done));
    const notes = `${out}.part.notes`;
    await until(
      async () => existsSync(notes) && readFileSync(notes, 'utf8').split('\n').length > 20,
      'twenty shards',
      30_000,
    );
    child.kill('SIGKILL');
    await gone;
    expect(existsSync(out)).toBe(false);
    const second = await cli(args);
    expect(second).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Going on with an earlier build, which had/),
    });
    expect(await cli(['breach', 'verify', '--file', out])).toMatchObject({ code: 0 });
    expect(existsSync(notes)).toBe(false);
    const whole = join(folder, 'whole');
    await cli([...args.slice(0, -1), whole]);
    // Header and page checksums differ by the salt; everything else is the same.
    expect(statSync(out).size).toBe(statSync(whole).size);
    const { entries, shards } = JSON.parse((await cli(['breach', 'verify', '--file', out, '--json'])).stdout);
    expect({ entries, shards }).toEqual({ entries: 3_000_000, shards: 92 });
  });

  test.skipIf(process.getuid?.() !== 0)(
    'on a full disk leaves the old file in use, and goes on when there is room',
    async () => {
      const folder = scratch();
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { encoding: 'utf8' });
      expect(mounted).toMatchObject({ status: 0 });
      onTestFinished(() => {
        spawnSync('umount', [disk]);
      });
      const out = join(disk, 'breached.corpus');
      const small = await corpus(disk);
      expect(small).toBe(out);
      const before = readFileSync(out);
      const source = join(folder, 'in.txt');
      writeSyntheticText(source, 300_000);
      const args = ['breach', 'build', source, '--exact', '--out', out];
      expect(await cli(args)).toEqual({
        code: 1,
        stdout: '',
        stderr:
          `${out} was not written. The disk is full.\n` +
          `Make room and run the same command again: it goes on where it stopped. To give up, delete ${out}.part.\n`,
      });
      expect(readFileSync(out).equals(before)).toBe(true);
      expect(piped(['breach', 'check', '--file', out], 'leaked-17\n').status).toBe(1);
      spawnSync('mount', ['-o', 'remount,size=8m', disk]);
      expect(await cli(args)).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('Going on with an earlier build'),
      });
      expect(await cli(['breach', 'verify', '--file', out])).toMatchObject({ code: 0 });
    },
  );
});
