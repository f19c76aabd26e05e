/**
 * A real PostgreSQL 15 for tests: private data folder, free port, TLS with a throw-away certificate, passwords by SCRAM,
 * fsync on. Ends with the test process; a missing program fails the test with the name of its Debian package.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresConfig } from '../../../src/storage/postgres/connection.ts';

const BIN = '/usr/lib/postgresql/15/bin';
const SUPERUSER = 'sparekey';
const PASSWORD = 'p@ss/word:1';
const READY_MS = 20_000;

export interface PostgresServer {
  readonly port: number;
  /** PEM of the authority that signed the server's certificate. */
  readonly caFile: string;
  /** The postmaster. */
  pid(): number;
  /** URL with the superuser's password. */
  url(database: string): string;
  /** A new empty database, reached over verified TLS. */
  createDatabase(): Promise<PostgresConfig>;
  /** What the server wrote to its log, the last 4 MB. */
  log(): string;
  /** One statement as the superuser. */
  query(database: string, text: string): Promise<Record<string, unknown>[]>;
  /** kill -9 of the postmaster and its children, as a power cut would. */
  kill(): Promise<void>;
  /** As `pg_ctl restart`: `fast` ends every connection, `immediate` every process; recovery follows. */
  restart(how: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** False for what is gone, and for a zombie: it holds nothing any more. */
const lives = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => !/\) [ZX] /.test(stat),
    () => false,
  );

/** The server refuses to run as root. */
function owner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

async function makeCertificate(folder: string, run: { uid?: number; gid?: number }): Promise<string> {
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  execFileSync('openssl', [...made, '-keyout', key, '-out', certificate, ...subject], { stdio: 'pipe' });
  await chmod(key, 0o600);
  if (run.uid !== undefined) await chown(key, run.uid, run.gid ?? run.uid);
  return certificate;
}

async function prepare(folder: string, run: { uid?: number; gid?: number }): Promise<{ data: string; caFile: string }> {
  await chmod(folder, 0o711);
  if (run.uid !== undefined) await chown(folder, run.uid, run.gid ?? run.uid);
  const [data, passwordFile] = [join(folder, 'data'), join(folder, 'password')];
  await writeFile(passwordFile, `${PASSWORD}\n`);
  const args = ['-D', data, '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'];
  execFileSync(join(BIN, 'initdb'), [...args, '--locale=C.UTF-8', '--no-sync'], { ...run, stdio: 'pipe' });
  const caFile = await makeCertificate(folder, run);
  await appendFile(
    join(data, 'postgresql.conf'),
    `listen_addresses = '127.0.0.1'\nunix_socket_directories = '${folder}'\nssl = on\n` +
      `ssl_cert_file = '${caFile}'\nssl_key_file = '${join(folder, 'server.key')}'\n`,
  );
  return { data, caFile };
}

/** `settings`: more lines of postgresql.conf. @throws Error when the program is missing or the server does not come up. */
export async function startPostgres(settings = ''): Promise<PostgresServer> {
  if (!existsSync(join(BIN, 'postgres')))
    throw new Error('PostgreSQL 15 is missing. Install the Debian package: apt-get install postgresql-15');
  const run = owner();
  const folder = await mkdtemp(join(tmpdir(), 'sparekey-postgres-'));
  const { data, caFile } = await prepare(folder, run);
  await appendFile(join(data, 'postgresql.conf'), settings);
  const port = await freePort();
  let child: ChildProcess | undefined;
  let log = '';
  let databases = 0;
  const last = () => child?.kill('SIGQUIT');
  process.on('exit', last);

  const url = (database: string) =>
    `postgres://${SUPERUSER}:${encodeURIComponent(PASSWORD)}@localhost:${port}/${database}`;
  const query = async (database: string, text: string) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: SUPERUSER, password: PASSWORD, database });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(text)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  const gone = async (signal: 'SIGINT' | 'SIGQUIT') => {
    const server = child;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    await new Promise((done) => {
      server.once('exit', done);
      server.kill(signal);
    });
  };
  const start = async () => {
    const server = spawn(join(BIN, 'postgres'), ['-D', data, '-p', String(port)], {
      ...run,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = server;
    server.stderr?.on('data', (text) => {
      log = (log + text).slice(-4_000_000);
    });
    for (const deadline = Date.now() + READY_MS; ; await wait(30)) {
      if (await query('postgres', 'select 1').then(Boolean, () => false)) return;
      if (server.exitCode !== null || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start:\n${log.slice(-4_000)}`);
    }
  };

  await start();
  return {
    port,
    caFile,
    pid: () => child?.pid ?? 0,
    url,
    log: () => log,
    query,
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      await query('postgres', `create database ${name}`);
      return { engine: 'postgres', url: url(name), caFile };
    },
    async kill() {
      const server = child;
      if (!server?.pid) return;
      // Stopped first, so that it starts no further child while we look.
      process.kill(server.pid, 'SIGSTOP');
      const children = await readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8');
      const pids = [server.pid, ...children.trim().split(' ').filter(Boolean).map(Number)];
      const exited = new Promise((done) => server.once('exit', done));
      for (const pid of pids)
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It was faster than we are.
        }
      await exited;
      // A child that is still dying holds the shared memory, and the next start would be refused.
      for (const deadline = Date.now() + READY_MS; (await Promise.all(pids.map(lives))).some(Boolean); await wait(10))
        if (Date.now() > deadline) throw new Error('A PostgreSQL process survived SIGKILL.');
    },
    async restart(how) {
      await gone(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await start();
    },
    start,
    async stop() {
      await gone('SIGINT');
      process.off('exit', last);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
