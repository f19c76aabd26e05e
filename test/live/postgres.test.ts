/** Every contract of the database on a real PostgreSQL 15, and what only a server can do wrong. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { createOutbox } from '../../src/outbox/index.ts';
import { migrateStorage, openStorage, StorageFailure } from '../../src/storage/index.ts';
import { type PostgresConfig, postgresConnection } from '../../src/storage/postgres/connection.ts';
import { apiContract } from '../contract/api.ts';
import { auditContract } from '../contract/audit.ts';
import { auditKeepingContract } from '../contract/audit-keeping.ts';
import { importContract } from '../contract/imports.ts';
import { outboxContract } from '../contract/outbox.ts';
import { privacyContract } from '../contract/privacy.ts';
import { reportsContract } from '../contract/reports.ts';
import { rolloutContract } from '../contract/rollout.ts';
import { spreadContract } from '../contract/spread.ts';
import { storageContract } from '../contract/storage.ts';
import { type PostgresServer, startPostgres } from '../kit/servers/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.stop());
const newDatabase = (): Promise<PostgresConfig> => server.createDatabase();

storageContract('PostgreSQL', newDatabase);
outboxContract('PostgreSQL', newDatabase);
spreadContract('PostgreSQL', newDatabase);
auditContract('PostgreSQL', newDatabase);
rolloutContract('PostgreSQL', newDatabase);
importContract('PostgreSQL', newDatabase);
reportsContract('PostgreSQL', newDatabase);
apiContract('PostgreSQL', newDatabase);
auditKeepingContract('PostgreSQL', newDatabase);
privacyContract('PostgreSQL', newDatabase);

const row = (key: string) => ({ key, count: 1, window_ends_at: 0, blocked_until: 0 });

test('two nodes that start together on an empty database share one set of tables and one queue', async () => {
  const config = await newDatabase();
  const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);
  const node = async () => {
    const storage = await openStorage(config);
    return { storage, outbox: await createOutbox({ storage, config, keyring, clock: systemClock }) };
  };
  const nodes = await Promise.all([node(), node(), node()]);
  const [first, second] = nodes;
  const { rows } = await sql`select name from pgboss.queue where name = 'outbox'`.execute(first.storage.db);
  expect(rows).toHaveLength(1);
  const done: string[] = [];
  await second.outbox.start({
    mail: async ({ id }) => {
      done.push(id);
      return { is: 'done' };
    },
  });
  const job = { kind: 'mail', payload: {}, expiresAt: Date.now() + 60_000 };
  const id = await first.storage.transaction((trx) => first.outbox.enqueue(trx, job));
  await expect.poll(() => done, { timeout: 10_000 }).toEqual([id]);
  for (const { storage, outbox } of nodes) {
    await outbox.stop();
    await storage.close();
  }
});

test('a job that pg-boss forgot is found in our own table', async () => {
  const config = await newDatabase();
  const storage = await openStorage(config);
  const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);
  const outbox = await createOutbox({ storage, config, keyring, clock: systemClock });
  const job = { kind: 'mail', payload: {}, runAt: Date.now() - 120_000, expiresAt: Date.now() + 60_000 };
  const id = await storage.transaction((trx) => outbox.enqueue(trx, job));
  await sql`delete from pgboss.job`.execute(storage.db);
  const done: string[] = [];
  await outbox.start({
    mail: async (delivery) => {
      done.push(delivery.id);
      return { is: 'done' };
    },
  });
  await expect.poll(() => done, { timeout: 10_000 }).toEqual([id]);
  await outbox.stop();
  await storage.close();
});

describe('the connection to PostgreSQL', () => {
  test('is verified TLS; an unknown authority or another name is refused', async () => {
    const config = await newDatabase();
    const storage = await openStorage(config);
    const { rows } = await sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(
      storage.db,
    );
    expect(rows).toEqual([{ ssl: true }]);
    await storage.close();
    const { caFile: _, ...untrusting } = config;
    await expect(openStorage({ ...untrusting, url: `${config.url}?sslmode=require` })).rejects.toThrow('not trusted');
    const otherName = config.url.replace('localhost', '127.0.0.2');
    await expect(openStorage({ ...config, url: otherName })).rejects.toThrow(/names another host|can not be reached/);
  });

  test('no error shows the password', async () => {
    const config = await newDatabase();
    const wrong = config.url.replace('p%40ss', 'hunter2');
    const broken = [
      wrong,
      'postgres://u:hunter2@[bad',
      'mysql://u:hunter2@h/d',
      `${wrong}_gone`,
      wrong.replace(/:\d+\//, ':1/'),
    ];
    for (const url of broken) {
      const error = await openStorage({ ...config, url }).then(
        () => 'opened',
        (cause: unknown) => cause,
      );
      expect(error).toBeInstanceOf(StorageFailure);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2');
    }
  });

  test('TLS is used towards every other machine, and never without verification', () => {
    const ssl = (url: string) => postgresConnection({ engine: 'postgres', url }).ssl;
    expect(ssl('postgres://u@db.corp.test/d')).toMatchObject({ rejectUnauthorized: true, servername: 'db.corp.test' });
    expect(ssl('postgres://u@db.corp.test/d?sslmode=no-verify')).toMatchObject({ rejectUnauthorized: true });
    expect(ssl('postgres://u@localhost/d')).toBe(false);
    expect(ssl('postgres:///d?host=/run/postgresql')).toBe(false);
    expect(ssl('postgres://u@localhost/d?sslmode=disable')).toBe(false);
    expect(() => ssl('postgres://u@db.corp.test/d?sslmode=disable')).toThrow('TLS can’t be switched off');
  });

  test('a statement has a time limit', async () => {
    const storage = await openStorage(await newDatabase());
    const { rows } = await sql`show statement_timeout`.execute(storage.db);
    expect(rows).toEqual([{ statement_timeout: '15s' }]);
    const named = await sql`select application_name as name from pg_stat_activity where pid = pg_backend_pid()`.execute(
      storage.db,
    );
    expect(named.rows).toEqual([{ name: 'sparekey' }]);
    await storage.close();
  });

  test('breaks in a transaction: run again before COMMIT was sent, never after', async () => {
    const storage = await openStorage(await newDatabase());
    /** Ends the transaction's own connection `when`, the first time. */
    const insert = async (key: string, when: 'before' | 'after') => {
      let runs = 0;
      const end = async (pid: number) => {
        runs += 1;
        if (runs === 1) await server.query('postgres', `select pg_terminate_backend(${pid}, 5000)`);
      };
      const done = storage.transaction(async (trx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
        const pid = rows[0]?.pid ?? 0;
        if (when === 'before') await end(pid);
        await trx.insertInto('counters').values(row(key)).execute();
        if (when === 'after') await end(pid);
      });
      return {
        failed: await done.then(
          () => undefined,
          (error: unknown) => error,
        ),
        runs,
      };
    };
    expect(await insert('before', 'before')).toEqual({ failed: undefined, runs: 2 });
    const after = await insert('after', 'after');
    expect(after.runs).toBe(1);
    expect(after.failed).toBeInstanceOf(StorageFailure);
    const kept = await storage.db.selectFrom('counters').select('key').execute();
    expect(kept).toEqual([{ key: 'before' }]);
    await storage.close();
  });

  test.each(['fast', 'immediate'] as const)('is waited for while the server restarts (%s)', async (how) => {
    const storage = await openStorage(await newDatabase());
    const restarted = server.restart(how);
    const insert = (key: string) => storage.transaction((trx) => trx.insertInto('counters').values(row(key)).execute());
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    const ended = await Promise.allSettled(keys.map(insert));
    await restarted;
    const kept = (await storage.db.selectFrom('counters').select('key').execute()).map(({ key }) => key);
    // A COMMIT that was on its way when the server died is told as a failure, and never sent again.
    const acknowledged = keys.filter((_, index) => ended[index]?.status === 'fulfilled');
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
    for (const one of ended) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(StorageFailure);
    await storage.close();
  });

  test('survives that the server ends all connections', async () => {
    const config = await newDatabase();
    const storage = await openStorage(config);
    await storage.db.insertInto('counters').values(row('before')).execute();
    const name = new URL(config.url).pathname.slice(1);
    await server.query('postgres', `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    await expect
      .poll(
        () =>
          storage.db
            .selectFrom('counters')
            .selectAll()
            .execute()
            .catch(() => []),
        { timeout: 5_000 },
      )
      .toHaveLength(1);
    await storage.close();
  });
});

describe('kill -9 of the server itself', () => {
  // A server of its own: recovery syncs every file of every database that other tests made.
  let fragile: PostgresServer;
  beforeAll(async () => {
    fragile = await startPostgres();
  });
  afterAll(() => fragile?.stop());

  test('every acknowledged row is there after it restarts', async () => {
    const config = await fragile.createDatabase();
    for (const round of [1, 2, 3]) {
      const storage = await openStorage(config);
      const acknowledged: string[] = [];
      const writing = (async () => {
        for (let n = 1; ; n += 1) {
          await storage.db
            .insertInto('counters')
            .values(row(`${round}:${n}`))
            .execute();
          acknowledged.push(`${round}:${n}`);
        }
      })().catch((error: unknown) => error);
      await expect.poll(() => acknowledged.length, { timeout: 10_000, interval: 1 }).toBeGreaterThan(20 * round);
      await fragile.kill();
      expect(await writing).toBeInstanceOf(Error);
      await storage.close();
      await fragile.start();
      const reopened = await openStorage(config);
      const kept = new Set((await reopened.db.selectFrom('counters').select('key').execute()).map(({ key }) => key));
      expect(acknowledged.filter((key) => !kept.has(key))).toEqual([]);
      await reopened.close();
    }
  });
});

describe('a full disk of the server', () => {
  const mount = mkdtempSync(join(tmpdir(), 'sparekey-full-'));
  let mounted = false;
  beforeAll(() => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=0777', 'tmpfs', mount], { stdio: 'pipe' });
      mounted = true;
      if (process.getuid?.() === 0) execFileSync('chown', ['postgres', mount]);
    } catch (cause) {
      throw new Error('This test mounts a small tmpfs: run it as root in a container that may mount.', { cause });
    }
  });
  afterAll(() => {
    if (mounted) execFileSync('umount', ['-l', mount]);
    rmSync(mount, { recursive: true, force: true });
  });

  test('is told plainly, nothing is half-done, and it works again with room', { timeout: 60_000 }, async () => {
    await server.query('postgres', `create tablespace small location '${mount}'`);
    await server.query('postgres', 'create database on_small tablespace small');
    const config: PostgresConfig = { engine: 'postgres', url: server.url('on_small'), caFile: server.caFile };
    await migrateStorage(config);
    const storage = await openStorage(config);
    const ballast = join(mount, 'ballast');
    writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024));
    const fill = storage.transaction(async (trx) => {
      for (let n = 0; n < 400; n += 1)
        await trx
          .insertInto('counters')
          .values(Array.from({ length: 100 }, (_, m) => row(`${n}-${m}-${'x'.repeat(1_000)}`)))
          .execute();
    });
    await expect(fill).rejects.toThrow(StorageFailure);
    await expect(fill).rejects.toThrow(/disk of the PostgreSQL server is full: nothing was stored/);
    expect(await storage.db.selectFrom('counters').selectAll().execute()).toEqual([]);
    rmSync(ballast);
    await storage.transaction((trx) => trx.insertInto('counters').values(row('later')).execute());
    expect(await storage.db.selectFrom('counters').selectAll().execute()).toHaveLength(1);
    await storage.close();
    await server.query('postgres', 'drop database on_small');
    await server.query('postgres', 'drop tablespace small');
  });
});
