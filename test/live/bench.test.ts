/** The bench of whole journeys runs from end to end; what it measures is no test's business. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

it('the bench of journeys prints every table', { timeout: 240_000 }, () => {
  const few = ['--people', '60', '--journeys', '10', '--flows', '20', '--accounts', '200', '--requests', '20'];
  const { stdout, stderr, status } = spawnSync(process.execPath, ['bench/recovery.ts', ...few], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
  expect(stdout.match(/^### .*/gm)).toHaveLength(6);
});
