/** The built product as operators run it: `dist/main.js` in a process of its own, which can be killed at any instant. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Daemon, startDaemon, until } from './servers/process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** `npm test` builds it first; while developing, TEST_DIST may name another build. */
export const MAIN = join(resolve(ROOT, process.env['TEST_DIST'] ?? 'dist'), 'main.js');

function requireBuild(): void {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing. Build first: npm run build`);
}

/** A part of what was built, for processes that are not run by vitest: Node itself runs no .tsx. */
export const built = async <Module>(name: string): Promise<Module> =>
  (await import(join(dirname(MAIN), `${name}.js`))) as Module;

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

const UNIT = join(ROOT, 'deploy/systemd/sparekey@.service');

/** A node as systemd would start the instance `port` of deploy/systemd, with another configuration file. */
export async function startUnit(config: string, port: number, log: string): Promise<NodeProcess> {
  requireBuild();
  const lines = readFileSync(UNIT, 'utf8').split('\n');
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
  const [, ...args] = (values('ExecStart')[0] ?? '')
    .replaceAll('/opt/sparekey', dirname(dirname(MAIN)))
    .replace('/etc/sparekey/sparekey.yaml', config)
    .split(' ');
  const url = `http://127.0.0.1:${port}`;
  const daemon = await startDaemon({
    command: process.execPath,
    args,
    debianPackage: 'nodejs',
    log,
    env: Object.fromEntries(values('Environment').map((line) => line.replaceAll('%i', String(port)).split('='))),
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
