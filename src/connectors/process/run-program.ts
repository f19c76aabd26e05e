/**
 * Runs one program to its end: no shell, an environment of fixed names, its words on stdin, a bounded answer. At the deadline
 * its whole process group is killed, so nothing of it lives on.
 */
import { spawn } from 'node:child_process';

export interface Program {
  file: string;
  args: readonly string[];
  /** All that it sees of the environment. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  stdin: string;
  /** ms */
  timeout: number;
}

export type Ended =
  /** `code` is null when a signal ended it. */
  | { is: 'ended'; code: number | null; stdout: string; stderr: string }
  /** Killed. What it had done by then is not known. */
  | { is: 'late' }
  | { is: 'not-started'; cause: string };

const LONGEST_OUTPUT = 64 * 1024;

/** Keeps the beginning and reads on, so that a program that talks too much does not hang. */
function collector() {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    add: (chunk: Buffer) => {
      if (length < LONGEST_OUTPUT) chunks.push(chunk.subarray(0, LONGEST_OUTPUT - length));
      length += chunk.length;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

export const runProgram = ({ file, args, env, cwd, stdin, timeout }: Program): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, detached: true, shell: false, stdio: ['pipe', 'pipe', 'pipe'] });
    const [out, err] = [collector(), collector()];
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) killGroup(child.pid);
      // Somebody outside of the group may still hold the pipes.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeout);
    child.stdout.on('data', out.add);
    child.stderr.on('data', err.add);
    // It may close its end without reading: how it ends says what that means.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      clearTimeout(deadline);
      resolve({ is: 'not-started', cause: (error as NodeJS.ErrnoException).code ?? 'unknown cause' });
    });
    child.on('exit', () => {
      // What it left behind in its group has nothing more to do, and would keep the pipes open.
      if (child.pid !== undefined) killGroup(child.pid);
    });
    child.on('close', (code) => {
      clearTimeout(deadline);
      resolve(late ? { is: 'late' } : { is: 'ended', code, stdout: out.text(), stderr: err.text() });
    });
    child.stdin.end(stdin);
  });
