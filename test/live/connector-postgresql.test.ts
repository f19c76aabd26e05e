/** PostgreSQL for real: the contract of connectors with every statement logged, and what only PostgreSQL does. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../../src/connectors/connector.ts';
import { scramVerifier } from '../../src/connectors/postgresql/verifier.ts';
import { type PostgresqlConfig, postgresql } from '../../src/connectors/postgresql.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { type PostgresServer, startPostgres } from '../kit/servers/postgres.ts';
import { serverEnv } from '../kit/servers/process.ts';

const clock = { now: () => Date.now() };
const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });
const attempt = { idempotencyKey: 'k', number: 1 };
const to = (password: string) => ({ is: 'password', password: new Secret(password), mustChange: false }) as const;

const configOf = (server: PostgresServer, own: Partial<PostgresqlConfig> = {}): PostgresqlConfig => ({
  host: 'localhost',
  port: server.port,
  database: 'postgres',
  username: 'sparekey_service',
  password: 'service-password-1',
  caFile: server.caFile,
  iterations: 4096,
  protected: ['listed'],
  timeout: 5_000,
  ...own,
});

async function started() {
  const server = await startPostgres("log_statement = 'all'\nlog_min_error_statement = info\n");
  for (const sql of [
    `create role sparekey_service login createrole password 'service-password-1'`,
    `create role "Anna O'Hara" login`,
    'create role boss login superuser',
    'create role listed login',
    'create role staff nologin',
    'create role deputy login in role boss',
    `create role guest login valid until '2020-01-01'`,
  ])
    await server.query('postgres', sql);
  return server;
}

/** By psql, whose library prepares and proves the password in its own way. */
function signsIn(server: PostgresServer, role: string, password: string): boolean {
  const where = ['-h', '127.0.0.1', '-p', String(server.port), '-d', 'postgres', '-U', role];
  try {
    execFileSync('psql', ['-X', '-w', '-c', 'select 1', ...where], {
      env: { ...serverEnv(), PGPASSWORD: password },
      stdio: 'pipe',
    });
    return true;
  } catch {
    return false;
  }
}

connectorContract('PostgreSQL', async () => {
  const server = await started();
  return {
    connector: await postgresql.open(configOf(server), { id: 'pg', clock }),
    person: person("Anna O'Hara"),
    unknown: person('nobody'),
    guarded: person('boss'),
    works: async ({ link }, password) => signsIn(server, link, password),
    faults: { disappear: () => server.kill(), heal: () => server.start() },
    withWrongCredentials: async () =>
      postgresql.open(configOf(server, { password: 'wrong-password-2' }), { id: 'pg', clock }),
    log: async () => server.log(),
    close: () => server.stop(),
  };
});

describe('PostgreSQL', { timeout: 60_000 }, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await started();
  }, 60_000);
  afterAll(() => server?.stop());
  const open = (own: Partial<PostgresqlConfig> = {}) => postgresql.open(configOf(server, own), { id: 'pg', clock });

  it.each(['boss', 'deputy', 'listed', 'staff', 'sparekey_service', 'sparekey', 'pg_monitor'])(
    'never writes %s',
    async (role) => {
      const connector = await open();
      expect(await connector.find(person(role))).toMatchObject({
        is: 'protected',
        cause: expect.stringContaining(role),
      });
      expect(await connector.deliver(person(role), to('Never-Written-1'), attempt)).toMatchObject({ is: 'rejected' });
    },
  );

  it('tells of a role whose time is over, and leaves that time alone', async () => {
    const connector = await open();
    const outcome = await connector.deliver(person('guest'), to('Guest-Harbour-1'), attempt);
    expect(outcome).toMatchObject({ is: 'delivered', warning: expect.stringContaining('VALID UNTIL') });
    const [row] = await server.query(
      'postgres',
      `select rolvaliduntil::date::text as d from pg_roles where rolname='guest'`,
    );
    expect(row).toEqual({ d: '2020-01-01' });
  });

  it.each([
    'plain ASCII \t and a tab',
    'no\u00a0break and \u2003 wide spaces',
    'soft\u00adhyphen zero\u200dwidth',
    'ligature \ufb01 and \u2168 and ﾊﾝｶｸ',
    '\u05d0\u05d1\u05d2',
    '\u05d0 mixed a \ufb01',
    '\u0627\u0644\u0633 1 \ufb01',
    'new 🔑 with \ufb01',
    'a private \ue000 with \ufb01',
    'Straße-naïve-Ångström',
    '\u00ad',
    'a\u0340b\ufb01',
  ])('makes of %j exactly the verifier that the server makes of it', async (password) => {
    const quoted = `'${password.replaceAll("'", "''")}'`;
    await server.query('postgres', `alter role "Anna O'Hara" password ${quoted}`);
    const [row] = await server.query(
      'postgres',
      `select rolpassword as p from pg_authid where rolname = 'Anna O''Hara'`,
    );
    const theirs = String(row?.p);
    const [, iterations, salt = ''] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(theirs) ?? [];
    expect(await scramVerifier(new Secret(password), Buffer.from(salt, 'base64'), Number(iterations))).toBe(theirs);
  });

  it('takes no longer link for the role that its first 63 bytes name', async () => {
    const long = 'r'.repeat(63);
    await server.query('postgres', `create role ${long} login`);
    const connector = await open();
    expect(await connector.find(person(long))).toMatchObject({ is: 'found' });
    expect(await connector.find(person(`${long}r`))).toEqual({ is: 'none' });
    expect(await connector.find(person('anna\0'))).toEqual({ is: 'none' });
  });

  it('gives up in time when the server hangs, and names the keys of what is wrong', async () => {
    const connector = await open({ timeout: 1_000 });
    process.kill(server.pid(), 'SIGSTOP');
    try {
      const begun = Date.now();
      expect(await connector.find(person('guest'))).toMatchObject({
        is: 'retry',
        whole: true,
        cause: expect.stringMatching(/^timeout:/),
      });
      expect(Date.now() - begun).toBeLessThan(3_000);
    } finally {
      process.kill(server.pid(), 'SIGCONT');
    }
    const keyOf = async (own: Partial<PostgresqlConfig>) =>
      (await (await open(own)).check()).find(({ is }) => is === 'failed');
    expect(await keyOf({ database: 'none' })).toMatchObject({ key: 'database' });
    expect(await keyOf({ password: 'x' })).toMatchObject({ key: 'password' });
    const { caFile, ...untrusting } = configOf(server);
    expect(caFile).toBeDefined();
    expect(
      await (await postgresql.open({ ...untrusting, host: '127.0.0.1' }, { id: 'pg', clock })).check(),
    ).toContainEqual(expect.objectContaining({ is: 'ok' }));
  });

  it('asks for later where the service role lost its right', async () => {
    await server.query('postgres', 'alter role sparekey_service nocreaterole');
    const connector = await open();
    expect(await connector.deliver(person('guest'), to('Guest-Harbour-2'), attempt)).toMatchObject({
      is: 'retry',
      cause: expect.stringContaining('CREATEROLE'),
    });
    expect(await connector.check()).toContainEqual(expect.objectContaining({ is: 'failed', key: 'username' }));
    await server.query('postgres', 'alter role sparekey_service createrole');
  });
});
