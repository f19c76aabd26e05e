/**
 * Login roles of a PostgreSQL server. Only a SCRAM verifier ever leaves for the server, so no log of statements holds a
 * password. VALID UNTIL is left alone: it is an administrator's date.
 */
import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { definePlugin, type Finding } from '../kernel/plugin.ts';
import { Secret } from '../kernel/secret.ts';
import type { Connector, ConnectorPorts, Delivered, Found, Person, Verified } from './connector.ts';
import { explainPostgres, refusal, sqlState, unreached } from './postgresql/failure.ts';
import { readRole } from './postgresql/role.ts';
import { saslprep } from './postgresql/saslprep.ts';
import { newSocket, type PostgresqlConfig, postgresqlConfig, postgresqlConnection } from './postgresql/settings.ts';
import { scramVerifier } from './postgresql/verifier.ts';

export type { PostgresqlConfig } from './postgresql/settings.ts';

const SALT_BYTES = 16;
/** The server knew who it was, and only then had something against it: no right to connect, no such database. */
const AFTER_SIGN_IN = /^(42501|3D000|53300)$/;

function openPostgresql(config: PostgresqlConfig, { clock }: ConnectorPorts): Connector {
  const connection = postgresqlConnection(config);
  const service = config.password === undefined ? undefined : new Secret(config.password);

  /** One connection for one attempt; ended at the deadline wherever it hangs. */
  async function session<T>(user: string, password: Secret | undefined, work: (client: Client) => Promise<T>) {
    const socket = newSocket();
    const login = password === undefined ? { user } : { user, password: saslprep(password.reveal()) };
    const client = new Client({ ...connection, ...login, stream: () => socket });
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      socket.destroy();
    }, config.timeout);
    // An error beside a query would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await work(client);
    } catch (error) {
      throw late ? Object.assign(new Error('late'), { code: 'ETIMEDOUT' }) : error;
    } finally {
      clearTimeout(deadline);
      await client.end().catch(() => undefined);
      socket.destroy();
    }
  }
  const asService = <T>(work: (client: Client) => Promise<T>) => session(config.username, service, work);

  async function write(client: Client, person: Person, password: Secret): Promise<Delivered> {
    const role = await readRole(client, person.link, config.protected);
    if (!role) return { is: 'no-account' };
    if (role.guard !== undefined)
      return { is: 'rejected', cause: role.guard, hint: 'Such roles are never written from here; see docs/how-to.' };
    const verifier = await scramVerifier(password, randomBytes(SALT_BYTES), config.iterations);
    try {
      await client.query(`ALTER ROLE ${escapeIdentifier(role.name)} PASSWORD ${escapeLiteral(verifier)}`);
    } catch (error) {
      return refusal(error, role.name);
    }
    const over = role.validUntil !== undefined && role.validUntil <= clock.now();
    return over
      ? {
          is: 'delivered',
          warning: `${role.name} can't sign in: its VALID UNTIL has passed. Sparekey leaves it alone.`,
        }
      : { is: 'delivered' };
  }

  return {
    can: { unlock: false, mustChange: false, find: true, verify: true },
    async find({ link }): Promise<Found> {
      try {
        const role = await asService((client) => readRole(client, link, config.protected));
        if (!role) return { is: 'none' };
        return role.guard === undefined ? { is: 'found', name: role.name } : { is: 'protected', cause: role.guard };
      } catch (error) {
        return unreached(error);
      }
    },
    async deliver(person, order): Promise<Delivered> {
      if (order.is !== 'password') return { is: 'rejected', cause: 'PostgreSQL knows no lock and no must-change.' };
      try {
        return await asService((client) => write(client, person, order.password));
      } catch (error) {
        return unreached(error);
      }
    },
    async verify({ link }, password): Promise<Verified> {
      try {
        return await session(link, password, async (): Promise<Verified> => 'right');
      } catch (error) {
        const state = sqlState(error) ?? '';
        if (AFTER_SIGN_IN.test(state)) return 'right';
        return state === '28P01' ? 'wrong' : 'unknown';
      }
    },
    check: () => checkPostgresql(config, asService),
    async close() {},
  };
}

async function checkPostgresql(
  config: PostgresqlConfig,
  asService: <T>(work: (client: Client) => Promise<T>) => Promise<T>,
): Promise<Finding[]> {
  const what = `sign in to PostgreSQL as ${config.username}`;
  try {
    return await asService(async (client): Promise<Finding[]> => {
      const { rows } = await client.query<{ super: boolean; able: boolean; standby: boolean }>(
        `select rolsuper as super, rolcreaterole as able, pg_catalog.pg_is_in_recovery() as standby
         from pg_catalog.pg_roles where rolname = current_user`,
      );
      const { super: superuser, able, standby } = rows[0] ?? { super: false, able: false, standby: false };
      const role = escapeIdentifier(config.username);
      const rights: Finding = superuser
        ? {
            is: 'warning',
            what: 'rights of the service role',
            cause: 'It is a superuser, which it need not be.',
            fix: `ALTER ROLE ${role} NOSUPERUSER CREATEROLE;`,
            key: 'username',
          }
        : able
          ? { is: 'ok', what: 'rights of the service role: CREATEROLE' }
          : {
              is: 'failed',
              what: 'rights of the service role',
              cause: 'It has no CREATEROLE.',
              fix: `ALTER ROLE ${role} CREATEROLE;`,
              key: 'username',
            };
      const writable: Finding = standby
        ? {
            is: 'failed',
            what: 'write to the server',
            cause: 'It is a standby.',
            fix: 'Name the primary server.',
            key: 'host',
          }
        : { is: 'ok', what: 'write to the server: it is the primary' };
      return [{ is: 'ok', what }, rights, writable];
    });
  } catch (error) {
    return [{ is: 'failed', what, ...explainPostgres(error) }];
  }
}

export const postgresql = definePlugin({
  id: 'postgresql',
  summary: 'Login roles of a PostgreSQL server.',
  configSchema: postgresqlConfig,
  open: openPostgresql,
});
