/**
 * Accounts of a MariaDB server. Only a hash leaves for the server, unless `sendPlain` says otherwise. An administrator's
 * ACCOUNT LOCK is never opened; the block after too many wrong passwords is.
 */
import type { Connection } from 'mariadb';
import { definePlugin, type Finding } from '../kernel/plugin.ts';
import { Secret } from '../kernel/secret.ts';
import type { Connector, ConnectorPorts, Delivered, Found, Order, Person, Verified } from './connector.ts';
import { inForce } from './in-force.ts';
import { type MariadbAccount, readAccounts } from './mariadb/account.ts';
import { explainMariadb, isAfterSignIn, isWrongPassword, refusal, unreached } from './mariadb/failure.ts';
import { ed25519Hash, nativeHash } from './mariadb/hashes.ts';
import { type MariadbConfig, mariadbConfig, mariadbConnection } from './mariadb/settings.ts';

export type { MariadbConfig } from './mariadb/settings.ts';

function openMariadb(config: MariadbConfig, _ports: ConnectorPorts): Connector {
  const options = mariadbConnection(config);
  const service = new Secret(config.password);

  /** One connection for one attempt; ended at the deadline wherever it hangs. */
  async function session<T>(user: string, password: Secret, work: (connection: Connection) => Promise<T>): Promise<T> {
    let connection: Connection | undefined;
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      deadline = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })), config.timeout);
    });
    const talk = async () => {
      // Only where it is used: it holds 30 MiB.
      const { createConnection } = await import('mariadb');
      connection = await createConnection({ ...options, user, password: password.reveal() });
      // An error beside a query would end the process.
      connection.on('error', () => undefined);
      return work(connection);
    };
    try {
      return await Promise.race([talk(), late]);
    } finally {
      clearTimeout(deadline);
      connection?.destroy();
    }
  }
  const asService = <T>(work: (connection: Connection) => Promise<T>) => session(config.username, service, work);

  async function run(connection: Connection, { user, host, plugin }: MariadbAccount, order: Order): Promise<Delivered> {
    const alter = async (rest: string, ...values: string[]): Promise<Delivered> => {
      try {
        await connection.query(`alter user ?@? ${rest}`, [user, host, ...values]);
        return { is: 'delivered' };
      } catch (error) {
        return refusal(connection, error, `${user}@${host}`);
      }
    };
    // Any ALTER USER forgets the count of wrong passwords; one without a clause changes nothing else.
    if (order.is === 'unlock') return alter('');
    if (order.is === 'must-change') return alter('password expire');
    const password = order.password.reveal();
    const hash = plugin === 'ed25519' ? ed25519Hash : nativeHash;
    const set = config.sendPlain
      ? await alter(`identified via ${plugin} using password(?)`, password)
      : await alter(`identified via ${plugin} using ?`, hash(password));
    return set.is === 'delivered' && order.mustChange ? inForce(await alter('password expire')) : set;
  }

  return {
    can: { unlock: true, mustChange: true, find: true, verify: true },
    async find({ link }): Promise<Found> {
      try {
        const [account, ...others] = await asService((connection) => readAccounts(connection, link, config.protected));
        if (!account) return { is: 'none' };
        if (others.length > 0) return { is: 'several' };
        if (account.guard !== undefined) return { is: 'protected', cause: account.guard };
        return { is: 'found', name: `${account.user}@${account.host}` };
      } catch (error) {
        return unreached(error);
      }
    },
    async deliver({ link }, order): Promise<Delivered> {
      try {
        return await asService(async (connection): Promise<Delivered> => {
          const [account, ...others] = await readAccounts(connection, link, config.protected);
          if (!account) return { is: 'no-account' };
          const guard = others.length > 0 ? `More than one account has the name ${link}.` : account.guard;
          const hint = 'Let the template of the link name user@host, or see docs/how-to/mariadb.md.';
          return guard === undefined ? run(connection, account, order) : { is: 'rejected', cause: guard, hint };
        });
      } catch (error) {
        return unreached(error);
      }
    },
    async verify(person: Person, password): Promise<Verified> {
      const found = await this.find(person);
      if (found.is !== 'found') return 'unknown';
      try {
        return await session(
          found.name.slice(0, found.name.lastIndexOf('@')),
          password,
          async (): Promise<Verified> => 'right',
        );
      } catch (error) {
        if (isAfterSignIn(error)) return 'right';
        return isWrongPassword(error) ? 'wrong' : 'unknown';
      }
    },
    async check(): Promise<Finding[]> {
      const what = `sign in to MariaDB as ${config.username}`;
      try {
        return await asService(async (connection): Promise<Finding[]> => {
          await readAccounts(connection, config.username, []);
          const rows = await connection.query<{ right: string }[]>(
            `select privilege_type as \`right\` from information_schema.user_privileges where privilege_type = 'CREATE USER'`,
          );
          const rights = 'rights of the service account: CREATE USER';
          const fix = 'GRANT CREATE USER ON *.* TO it; the whole list is in docs/how-to/mariadb.md.';
          const lacks: Finding = { is: 'failed', what: rights, cause: 'It has no CREATE USER.', fix, key: 'username' };
          const read: Finding = { is: 'ok', what: 'read the accounts of the server' };
          return [{ is: 'ok', what }, read, rows.length > 0 ? { is: 'ok', what: rights } : lacks];
        });
      } catch (error) {
        return [{ is: 'failed', what, ...explainMariadb(error) }];
      }
    },
    async close() {},
  };
}

export const mariadb = definePlugin({
  id: 'mariadb',
  summary: 'Accounts of a MariaDB server.',
  configSchema: mariadbConfig,
  open: openMariadb,
});
