/** Configuration of the MariaDB connector, and how its server is reached: encrypted, or on this machine. */
import type { SecureVersion } from 'node:tls';
import type { ConnectionConfig } from 'mariadb';
import { type Static, Type } from 'typebox';
import { Duration, FilePath, SecretText } from '../../kernel/setting.ts';
import { isLoopbackHost } from '../../outbound/addresses.ts';
import { readCa } from '../../outbound/read-ca.ts';

export const mariadbConfig = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      description: 'Name or address of the server, or the path of its socket: db.example.org, /run/mysqld/mysqld.sock.',
    }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 3306, description: 'Port of the server.' }),
    username: Type.String({
      minLength: 1,
      description: 'The service account, with the rights that docs/how-to/mariadb.md names.',
    }),
    password: SecretText({ description: 'Password of the service account.' }),
    caFile: Type.Optional(
      FilePath({ description: 'PEM file of the only authorities to trust. Left out on this machine: no TLS.' }),
    ),
    sendPlain: Type.Boolean({
      default: false,
      description:
        'Send the password itself, not its hash: only needed where a password validation plugin of the server must see it. The general log, where it is on, then holds it.',
    }),
    protected: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Accounts that are never written, as user or user@host, beside root and whoever may make accounts.',
    }),
    timeout: Duration({
      default: '10 s',
      duration: { min: '1 s', max: '2 min' },
      description: 'Time for one whole attempt, connection included.',
    }),
  },
  { additionalProperties: false },
);
export type MariadbConfig = Static<typeof mariadbConfig>;

/** @throws Error that names the key when a file can't be read. */
export function mariadbConnection({
  host,
  port,
  caFile,
  timeout,
}: MariadbConfig): ConnectionConfig & { restrictedAuth: string[] } {
  const onSocket = host.startsWith('/');
  const plain = onSocket || (isLoopbackHost(host) && caFile === undefined);
  const secure = {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as SecureVersion,
    ...(caFile === undefined ? {} : { ca: readCa(caFile) }),
  };
  return {
    ...(onSocket ? { socketPath: host } : { host, port }),
    ...(plain ? {} : { ssl: secure }),
    connectTimeout: timeout,
    charset: 'utf8mb4',
    // A server that is not ours must not talk us out of the password in clear text.
    restrictedAuth: ['mysql_native_password', 'client_ed25519'],
    permitLocalInfile: false,
    // Without it an error carries the statement, and that may hold a hash or more.
    logParam: false,
  };
}
