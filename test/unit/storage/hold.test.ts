/** Who uses a database file: many together, or one alone; and a process that was killed uses nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { newId } from '../../../src/kernel/random.ts';
import { openAlone, openStorage, StorageFailure } from '../../../src/storage/index.ts';
import { holdAlone, holdShare } from '../../../src/storage/sqlite/hold.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparekey-hold-'));
const newFile = (): string => join(folder, newId());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('many share it; nobody has it alone meanwhile', () => {
  const file = newFile();
  const shares = [holdShare(file), holdShare(file)];
  expect(statSync(`${file}-lock`).mode & 0o777).toBe(0o600);
  expect(() => holdAlone(file)).toThrow(StorageFailure);
  shares[0]?.release();
  expect(() => holdAlone(file)).toThrow('Stop it first; nothing was changed');
  shares[1]?.release();
  holdAlone(file).release();
});

test('who has it alone keeps everybody out, and lets them in afterwards', () => {
  const file = newFile();
  const alone = holdAlone(file);
  expect(() => holdShare(file)).toThrow('being restored or moved by another command');
  expect(() => holdAlone(file)).toThrow(StorageFailure);
  alone.release();
  alone.release();
  holdShare(file).release();
});

test('an open database is shared, whoever opens it', async () => {
  const config = { engine: 'sqlite', file: newFile() } as const;
  const first = await openStorage(config);
  const second = await openStorage(config);
  await expect(openAlone(config)).rejects.toThrow('Stop it first');
  await first.close();
  await second.close();
  const alone = await openAlone(config);
  await expect(openStorage(config)).rejects.toThrow('being restored or moved');
  await alone.close();
});

test('kill -9 lets go of it', async () => {
  const config = { engine: 'sqlite', file: newFile() } as const;
  const writer = fileURLToPath(new URL('./kill-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [writer, JSON.stringify(config), 'x'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await expect(openAlone(config)).rejects.toThrow('Stop it first');
  child.kill('SIGKILL');
  await once(child, 'close');
  await (await openAlone(config)).close();
});
