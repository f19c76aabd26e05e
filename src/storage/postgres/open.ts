/**
 * The engine for more than one node: PostgreSQL through a bounded pool, every statement with a time limit. While the server
 * is being restarted, whoever needs a connection waits a moment for it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { clockFinding } from '../../kernel/clock-finding.ts';
import type { Finding } from '../../kernel/plugin.ts';
import { explainFailure, isLost } from '../failure.ts';
import type { Schema } from '../schema.ts';
import type { Storage } from '../storage.ts';
import { createTransactionScope } from '../transaction.ts';
import { type PostgresConfig, postgresConnection } from './connection.ts';

const BIGINT = 20;
const POOL_SIZE = 10;
const CONNECT_MS = 5_000;
const STATEMENT_MS = 15_000;
/** A restart takes a second or two, with a recovery some more. Longer than a health check waits, shorter than a person does. */
const RESTART_MS = 8_000;
const KNOCK_MS = 100;
const OLDEST_VERSION = 130_000;

/** `bigint` as a number (all of ours are safe integers); for this pool only. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text'),
};

/** `patient`: without a statement time limit, for migrations. */
export function createPool(config: PostgresConfig, patient = false): pg.Pool {
  const pool = new pg.Pool({
    ...postgresConnection(config),
    types: types as never,
    max: config.poolSize ?? POOL_SIZE,
    application_name: 'sparekey',
    connectionTimeoutMillis: CONNECT_MS,
    idle_in_transaction_session_timeout: 2 * STATEMENT_MS,
    keepAlive: true,
    ...(patient ? {} : { statement_timeout: STATEMENT_MS }),
  });
  // A connection broke: the pool drops it and the query that was on it fails by itself. Without listeners (the pool's for
  // idle connections, the client's own for those in use) Node would exit.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

async function connection(pool: pg.Pool): Promise<pg.PoolClient> {
  for (const end = performance.now() + RESTART_MS; ; await wait(KNOCK_MS)) {
    try {
      return await pool.connect();
    } catch (error) {
      if (!isLost(error) || pool.ending || performance.now() > end) throw explainFailure(error);
    }
  }
}

/** What Kysely needs of a client; its errors are told in our words wherever they come out. */
const explained = (client: pg.PoolClient) => ({
  query: async (text: string, values: unknown[]) => {
    try {
      return await client.query(text, values);
    } catch (error) {
      throw explainFailure(error);
    }
  },
  release: (broken?: Error | boolean) => client.release(broken),
});

async function clockOf(db: Kysely<Schema>): Promise<Finding> {
  const { rows } = await sql<{
    now: number;
  }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`.execute(db);
  const now = Date.now();
  return clockFinding('clock of the PostgreSQL server', rows[0]?.now ?? now, now, 'url');
}

async function serverFinding(db: Kysely<Schema>): Promise<Finding> {
  const what = 'connection to PostgreSQL';
  const { rows } = await sql<{ version: string; standby: boolean; durable: string }>`
    select current_setting('server_version_num') as version, pg_is_in_recovery() as standby,
           current_setting('fsync') as durable`.execute(db);
  const [row] = rows;
  if (!row || Number(row.version) < OLDEST_VERSION)
    return { is: 'failed', what, cause: 'The PostgreSQL server is older than 13.', key: 'url' };
  if (row.standby)
    return {
      is: 'failed',
      what,
      cause: 'The server is a standby: it takes no writes.',
      fix: 'Name the primary.',
      key: 'url',
    };
  if (row.durable !== 'on')
    return {
      is: 'warning',
      what,
      cause: 'fsync is off: a power failure loses data.',
      fix: 'Set fsync = on.',
      key: 'url',
    };
  return { is: 'ok', what };
}

export function openPostgres(config: PostgresConfig, patient = false): Storage {
  const pool = createPool(config, patient);
  const scope = createTransactionScope();
  const dialect = new PostgresDialect({
    pool: {
      options: pool.options,
      end: () => pool.end(),
      connect: async () => {
        scope.assertOutside();
        return explained(await connection(pool)) as never;
      },
    },
  });
  const db = new Kysely<Schema>({ dialect });
  return {
    engine: 'postgres',
    db,
    transaction: (work) => scope.run(db, work),
    async check() {
      try {
        return [await serverFinding(db), await clockOf(db)];
      } catch (error) {
        const cause = (explainFailure(error) as Error).message;
        return [{ is: 'failed', what: 'connection to PostgreSQL', cause, key: 'url' }];
      }
    },
    async ready() {
      try {
        return (await serverFinding(db)).is !== 'failed';
      } catch {
        return false;
      }
    },
    async close() {
      await db.destroy();
      if (!pool.ending) await pool.end();
    },
  };
}
