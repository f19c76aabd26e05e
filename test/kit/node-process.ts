/** The built product as operators run it: `dist/main.js` in a process of its own, which can be killed at any instant. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Daemon, startDaemon, until } from './servers/process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** `npm test` builds it first; while developing, TEST_DIST may name another build. */
export const MAIN = join(resolve(ROOT, process.env['TEST_DIST'] ?? 'dist'), 'main.js');

function requireBuild(): void {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing. Build first: npm run build`);
}

export interface NodeProcess extends Daemon {
  url: string;
}

/** `sparekey serve`, ready when its health page says so. */
export async function startNode(config: string, port: number, log: string): Promise<NodeProcess> {
  requireBuild();
  const url = `http://127.0.0.1:${port}`;
  const daemon = await startDaemon({
    command: process.execPath,
    args: [MAIN, 'serve', '-c', config],
    debianPackage: 'nodejs',
    log,
    ready: () => isReady(url),
    deadline: 30_000,
  });
  return Object.assign(daemon, { url });
}

export const isReady = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
};

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** One command of the built product, run to its end. */
export function cli(args: string[], options: { env?: Record<string, string>; cwd?: string } = {}): Promise<CliResult> {
  requireBuild();
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: options.cwd ?? dirname(MAIN),
      env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.on('error', reject).on('close', (code) => {
      clearTimeout(late);
      done({ code: code ?? -1, stdout, stderr });
    });
  });
}

/** Waits until a started process has printed this. */
export const printed = (daemon: Daemon, what: RegExp, deadline = 30_000): Promise<void> =>
  until(() => what.test(daemon.output()), String(what), deadline);
