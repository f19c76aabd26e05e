/**
 * Real servers as child processes: each in a session of its own, ended by process group, never left behind.
 * A missing program fails the test with the name of its Debian package.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Daemon {
  pid: number;
  /** Ends the whole group (SIGTERM, then SIGKILL) and waits until it is gone. */
  stop(): Promise<void>;
  /** kill -9 of the whole group, as a power cut would. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  running(): boolean;
  /** Of a process that ended by itself or on SIGTERM; null while it runs or after a kill. */
  exitCode(): number | null;
  /** What it printed so far. */
  output(): string;
}

export interface DaemonSpec {
  command: string;
  args: string[];
  debianPackage: string;
  /** File for stdout and stderr. */
  log: string;
  /** Polled until true. */
  ready: () => Promise<boolean>;
  env?: Record<string, string>;
  deadline?: number;
}

const groups = new Set<number>();
process.on('exit', () => {
  for (const pid of groups) signalGroup(pid, 'SIGKILL');
});

export function requireProgram(command: string, debianPackage: string): void {
  const found = spawnSync('/bin/sh', ['-c', `command -v "$0"`, command], { env: serverEnv() }).status === 0;
  if (!found) throw new Error(`The program ${command} is missing. Install it with: apt-get install ${debianPackage}`);
}

/** slapd and samba live in /usr/sbin, which is not on everybody's PATH. */
export const serverEnv = (): Record<string, string> => ({
  PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${process.env.PATH ?? ''}`,
  LANG: 'C.UTF-8',
});

/** Runs a program to its end. @throws Error with its output when it fails. */
export function run(command: string, args: string[], debianPackage: string, input?: string): string {
  requireProgram(command, debianPackage);
  const done = spawnSync(command, args, { encoding: 'utf8', input: input ?? '', env: serverEnv() });
  if (done.status !== 0) throw new Error(`${command} failed (${done.status}): ${done.stderr || done.stdout}`);
  return done.stdout;
}

export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  requireProgram(spec.command, spec.debianPackage);
  const log = openSync(spec.log, 'a');
  // When the test process itself is killed, the kernel ends the server (util-linux is on every Debian).
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', spec.command, ...spec.args], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...serverEnv(), ...spec.env },
  });
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${spec.command} could not be started.`);
  groups.add(pid);
  const output = () => readFileSync(spec.log, 'utf8');
  const daemon: Daemon = {
    pid,
    output,
    exitCode: () => child.exitCode,
    running: () => child.exitCode === null && child.signalCode === null,
    pause: () => pauseGroup(pid),
    resume: () => signalGroup(pid, 'SIGCONT'),
    kill: () => end(child, pid, 'SIGKILL'),
    stop: () => end(child, pid, 'SIGTERM'),
  };
  try {
    await until(
      async () => {
        if (!daemon.running()) throw new Error(`${spec.command} ended at once: ${output().slice(-2000)}`);
        return spec.ready();
      },
      `${spec.command} to answer`,
      spec.deadline ?? 20_000,
    );
  } catch (error) {
    await daemon.kill();
    throw error;
  }
  return daemon;
}

async function end(child: ChildProcess, pid: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  signalGroup(pid, signal);
  signalGroup(pid, 'SIGCONT');
  const gone = async () => !groupAlive(pid) && (child.exitCode !== null || child.signalCode !== null);
  try {
    // A node that serves behind a load balancer takes its leave first.
    await until(gone, `process ${pid} to end`, signal === 'SIGTERM' ? 20_000 : 5_000);
  } catch {
    signalGroup(pid, 'SIGKILL');
    await until(gone, `process ${pid} to end after SIGKILL`, 5_000);
  }
  groups.delete(pid);
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** The signal takes a moment to reach every thread; a server that still answers is not paused. */
function pauseGroup(pid: number): void {
  signalGroup(pid, 'SIGSTOP');
  const end = Date.now() + 5_000;
  while (!threadStates(pid).every((state) => 'TtZX'.includes(state))) {
    if (Date.now() > end) throw new Error(`Process group ${pid} did not stop.`);
  }
}

/** One letter (proc(5)) for each thread of each process of a group. */
function threadStates(group: number): string[] {
  const fields = (path: string): string[] => {
    try {
      const stat = readFileSync(`${path}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    } catch {
      return []; // ended meanwhile
    }
  };
  const members = readdirSync('/proc').filter((id) => /^\d+$/.test(id) && fields(`/proc/${id}`)[2] === String(group));
  return members.flatMap((id) => {
    try {
      return readdirSync(`/proc/${id}/task`).map((thread) => fields(`/proc/${id}/task/${thread}`)[0] ?? 'X');
    } catch {
      return [];
    }
  });
}

const groupAlive = (pid: number): boolean => signalGroup(pid, 0);

/** Polls a condition. @throws Error naming what was waited for. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
  deadline = 10_000,
): Promise<void> {
  const end = Date.now() + deadline;
  for (;;) {
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`Waited ${deadline} ms in vain for ${what}.`);
    await new Promise((next) => setTimeout(next, 15));
  }
}

/** A port that the kernel says is free now. Start again with another one if somebody was faster. */
export const freePort = (host = '127.0.0.1'): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

export interface TempDir {
  path: string;
  remove(): Promise<void>;
}

export async function tempDir(name: string): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `sparekey-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
