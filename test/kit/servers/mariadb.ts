/** A real MariaDB 10.11 for tests: private data folder, free port, TLS, ed25519, every statement in the general log. */

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, run, serverEnv, startDaemon, tempDir } from './process.ts';
import { createTestCa } from './test-ca.ts';

const PACKAGE = 'mariadb-server';

export interface MariadbServer {
  port: number;
  caFile: string;
  /** Statements as root, through the socket. */
  sql(text: string): string;
  /** `''` when an account can sign in over TCP, else what the client said. */
  signIn(user: string, password: string, statement?: string): string;
  /** The general log and the error log. */
  log(): string;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMariadb(options: readonly string[] = []): Promise<MariadbServer> {
  const dir = await tempDir('mariadb');
  const ca = await createTestCa();
  const { certFile, keyFile } = ca.issue(['DNS:localhost', 'IP:127.0.0.1']);
  const own = (name: string) => join(dir.path, name);
  const root = process.getuid?.() === 0;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'mysql'], { encoding: 'utf8' }));
  const give = (path: string) => {
    if (root) chownSync(path, id('-u'), id('-g'));
  };
  copyFileSync(certFile, own('cert.pem'));
  copyFileSync(keyFile, own('key.pem'));
  chmodSync(own('key.pem'), 0o600);
  chmodSync(dir.path, 0o711);
  mkdirSync(own('data'));
  for (const path of [dir.path, own('data'), own('cert.pem'), own('key.pem')]) give(path);
  const user = root ? ['--user=mysql'] : [];
  const install = ['--no-defaults', ...user, `--datadir=${own('data')}`, '--auth-root-authentication-method=normal'];
  run('mariadb-install-db', [...install, '--skip-test-db'], PACKAGE);
  const port = await freePort();
  const socket = own('socket');
  const client = (args: string[], text: string, password?: string): string => {
    try {
      const env = { ...serverEnv(), ...(password === undefined ? {} : { MYSQL_PWD: password }) };
      execFileSync('mariadb', ['--no-defaults', ...args], { input: text, env, stdio: 'pipe' });
      return '';
    } catch (error) {
      return String((error as { stderr?: Buffer }).stderr);
    }
  };
  const launch = () =>
    startDaemon({
      command: 'mariadbd',
      args: ['--no-defaults', ...user, '--bind-address=127.0.0.1', `--port=${port}`, `--socket=${socket}`].concat(
        [
          `--datadir=${own('data')}`,
          `--pid-file=${own('pid')}`,
          `--ssl-cert=${own('cert.pem')}`,
          `--ssl-key=${own('key.pem')}`,
        ],
        [
          '--skip-name-resolve',
          '--plugin-load-add=auth_ed25519',
          '--general-log=1',
          `--general-log-file=${own('general')}`,
        ],
        options,
      ),
      debianPackage: PACKAGE,
      log: own('log'),
      ready: async () => client(['-S', socket, '-uroot'], 'select 1') === '',
    });
  let daemon = await launch();
  return {
    port,
    caFile: ca.caFile,
    sql: (text) => run('mariadb', ['--no-defaults', '-S', socket, '-uroot', '-N'], PACKAGE, text),
    signIn: (name, password, statement = 'select 1') =>
      client(
        ['-h', '127.0.0.1', '-P', String(port), `-u${name}`, '--default-character-set=utf8mb4'],
        statement,
        password,
      ),
    log: () => (existsSync(own('general')) ? readFileSync(own('general'), 'utf8') : '') + daemon.output(),
    kill: () => daemon.kill(),
    pause: () => daemon.pause(),
    resume: () => daemon.resume(),
    restart: async () => {
      await daemon.stop();
      daemon = await launch();
    },
    stop: async () => {
      await daemon.stop();
      await dir.remove();
      await ca.remove();
    },
  };
}
