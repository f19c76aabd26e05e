/** Runs every test and closes with one plain line, `N passed, N failed, N skipped`, counted from the runner's report. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

const REPORT = '.cache/test-report.json';
mkdirSync('.cache', { recursive: true });
rmSync(REPORT, { force: true });

const args = [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${REPORT}`,
];
// Hundreds of nodes and commands are started: compiling the same files each time would take a quarter of their time.
const env = { ...process.env, NODE_COMPILE_CACHE: resolve('.cache/compiled') };
const child = spawn(process.execPath, [...args, ...process.argv.slice(2)], { stdio: 'inherit', env });
child.on('exit', (code) => {
  const report = JSON.parse(readFileSync(REPORT, 'utf8')) as Report;
  // A file that could not even be loaded has failed without naming a test.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + broken;
  console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed > 0 || report.numPassedTests === 0 ? 1 : (code ?? 1);
});
