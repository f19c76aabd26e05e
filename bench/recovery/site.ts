/**
 * Everything a node needs around it, real and durable: slapd whose commits are on disk, a mailbox that is reached over STARTTLS,
 * PostgreSQL where there are several nodes. The nodes are the built product, with a probe preloaded.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Secret as OtpSecret } from 'otpauth';
import { stringify } from 'yaml';
import { createKeysFile } from '../../src/config/keys-file.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderProblems } from '../../src/config/problem.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/random.ts';
import { openDatabase, openDirectory } from '../../src/open.ts';
import { registries, type SparekeyConfig } from '../../src/registries.ts';
import { createAuthenticators } from '../../src/storage/repositories/authenticators.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { isReady, MAIN } from '../../test/kit/node-process.ts';
import { type PostgresServer, startPostgres } from '../../test/kit/servers/postgres.ts';
import { freePort, tempDir, until } from '../../test/kit/servers/process.ts';
import { DEFAULT_POLICY, personDn, personLdif, type Slapd, SUFFIX, startSlapd } from '../../test/kit/servers/slapd.ts';
import { createTestCa } from '../../test/kit/servers/test-ca.ts';
import type { FloorTarget } from './floor.ts';
import type { Result, Task } from './load.ts';
import { loopback, passwordFor, type Traveller } from './people.ts';
import type { Probed } from './probe.ts';

export interface BenchNode {
  port: number;
  reset(): Promise<Probed>;
  read(): Promise<Probed>;
  stop(): Promise<void>;
}

export interface Load {
  run(task: Task): Promise<Result>;
  stop(): Promise<void>;
}

export interface SiteOptions {
  /** 1: SQLite. More: PostgreSQL. */
  nodes: number;
  people: number;
  /** Arguments of Node for each node: a profiler. */
  nodeArgs?: readonly string[];
}

export interface Site {
  load: Load;
  nodes: BenchNode[];
  /** Stops the nodes and starts them again, with other settings. `between`: work on the database while no node runs. */
  restart(more?: Record<string, unknown>, between?: (storage: Storage) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const HERE = import.meta.dirname;
/** Commits on disk, and room and indexes as a directory of this size has them. */
const DATABASE = ['maxsize 2147483648', 'index objectClass,uid,mail,entryUUID eq', 'index member,uniqueMember eq'];
const ORIGIN = 'http://localhost:8080';
/** What the pad of answers about accounts is in the runs that measure work. */
export const NO_PAD = { responseFloor: { milliseconds: 0, jitter: 0 } };

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once('exit', () => done());
  });

export function startLoad(): Load {
  const child = fork(join(HERE, 'load.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    run: (task) =>
      new Promise((done, fail) => {
        child.once('message', ({ result, error }: { result?: Result; error?: string }) =>
          result ? done(result) : fail(new Error(error)),
        );
        child.send(task);
      }),
    async stop() {
      child.disconnect();
      await ended(child);
    },
  };
}

async function startNode(file: string, port: number, log: string, nodeArgs: readonly string[]): Promise<BenchNode> {
  const out = openSync(log, 'a');
  // As bin/sparekey.js and the scripts start it.
  const args = [
    '--max-semi-space-size=4',
    ...nodeArgs,
    '--import',
    resolve(HERE, 'probe.ts'),
    MAIN,
    'serve',
    '-c',
    file,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', out, out, 'ipc'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const ask = (what: 'reset' | 'read'): Promise<Probed> =>
    new Promise((done) => {
      child.once('message', (probed: Probed) => done(probed));
      child.send(what);
    });
  await until(() => isReady(`http://127.0.0.1:${port}`), `a node (see ${log})`, 60_000);
  return {
    port,
    reset: () => ask('reset'),
    read: () => ask('read'),
    async stop() {
      child.kill('SIGTERM');
      await ended(child);
    },
  };
}

const loaded = (file: string): SparekeyConfig => {
  const result = loadConfig({ file, env: {}, registries });
  if (result.is === 'invalid') throw new Error(renderProblems(result.problems));
  return result.config;
};

/** A mailed code and an app for everybody, written where enrolment writes them. */
async function enrolAll(config: SparekeyConfig, opened: Awaited<ReturnType<typeof openDatabase>>, names: string[]) {
  const { storage, keyring } = opened;
  const directory = await openDirectory(config, storage, keyring, systemClock);
  const authenticators = createAuthenticators(keyring);
  const travellers: Traveller[] = [];
  const found: { accountId: string; one: Traveller }[] = [];
  for (const [n, username] of names.entries()) {
    const outcome = await directory.find(username);
    if (outcome.is !== 'found') throw new Error(`${username}: ${JSON.stringify(outcome)}`);
    const one = {
      username,
      dn: personDn(username),
      address: `${username}@private.example`,
      seed: new OtpSecret({ size: 20 }).base32,
      password: passwordFor(username, 0),
      from: loopback(n),
    };
    travellers.push(one);
    found.push({ accountId: outcome.account.id, one });
  }
  await directory.close();
  await storage.transaction(async (trx) => {
    for (const { accountId, one } of found) {
      const add = (method: string, data: Parameters<typeof authenticators.add>[1]['data']) =>
        authenticators.add(trx, { id: newId(), accountId, method, label: 'Bench', data }, Date.now());
      await add('email', { address: one.address });
      await add('totp', { seed: one.seed, lastStep: 0 });
    }
  });
  return travellers;
}

export async function openSite({ nodes: count, people, nodeArgs = [] }: SiteOptions): Promise<Site> {
  const dir = await tempDir('bench');
  const ca = await createTestCa();
  const names = Array.from({ length: people }, (_, n) => `pilot${n}`);
  const ldif = names
    .map((uid) => personLdif({ uid, password: passwordFor(uid, 0), mail: `${uid}@corp.example`, givenName: 'Amina' }))
    .join('');
  const slapd: Slapd = await startSlapd({ ca, ldif, database: DATABASE });
  const postgres: PostgresServer | undefined = count > 1 ? await startPostgres() : undefined;
  const storage = postgres ? { ...(await postgres.createDatabase()) } : { engine: 'sqlite', file: 'sparekey.sqlite' };
  const load = startLoad();
  const certificate = ca.issue(['DNS:localhost', 'IP:127.0.0.1']);
  const { port: mailPort } = await load.run({ do: 'mailbox', certificate });
  const ports: number[] = [];
  for (let n = 0; n < count; n += 1) ports.push(await freePort());
  const keysFile = join(dir.path, 'keys.json');
  createKeysFile(keysFile, systemClock);

  const write = (port: number, n: number, more: Record<string, unknown>): string => {
    const folder = join(dir.path, `node-${n}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, 'sparekey.yaml');
    const config = {
      publicUrl: ORIGIN,
      listen: { port },
      organisation: { name: 'Northfield College', help: { phone: '555 0100' } },
      directory: { type: 'openldap', ...slapd.config() },
      mail: { type: 'smtp', from: 'it@northfield.example', host: 'localhost', port: mailPort, caFile: ca.caFile },
      storage,
      keysFile,
      ...more,
    };
    writeFileSync(file, stringify(config), { mode: 0o600 });
    return file;
  };
  const config = loaded(write(ports[0] as number, 0, NO_PAD));
  const opened = await openDatabase({ config, keys: keysOf(keysFile) });
  const travellers = await enrolAll(config, opened, names);
  await opened.storage.close();

  const floor: FloorTarget = {
    url: slapd.ldapsUrl,
    caFile: ca.caFile,
    bindDn: String(slapd.config()['bindDn']),
    bindPassword: String(slapd.config()['bindPassword']),
    baseDn: `ou=people,${SUFFIX}`,
    policyDn: DEFAULT_POLICY,
  };
  await load.run({ do: 'people', people: travellers, floor });
  await load.run({ do: 'nodes', ports });

  const site: Site = {
    load,
    nodes: [],
    async restart(more = NO_PAD, between) {
      for (const node of site.nodes) await node.stop();
      site.nodes = [];
      if (between) {
        const { storage: database } = await openDatabase({ config, keys: keysOf(keysFile) });
        await between(database);
        await database.close();
      }
      for (const [n, port] of ports.entries())
        site.nodes.push(await startNode(write(port, n, more), port, join(dir.path, `node-${n}.log`), nodeArgs));
    },
    async close() {
      for (const node of site.nodes) await node.stop();
      await load.stop();
      await slapd.stop();
      await postgres?.stop();
      await ca.remove();
      await dir.remove();
    },
  };
  await site.restart();
  return site;
}

function keysOf(file: string) {
  const keys = createKeysFile(file, systemClock);
  if (keys.is !== 'opened') throw new Error('No keys.');
  return keys.keys;
}
