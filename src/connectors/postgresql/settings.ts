/** Configuration of the PostgreSQL connector, and how its server is reached: encrypted, or on this machine. */
import { isIP, Socket } from 'node:net';
import type { ClientConfig } from 'pg';
import { type Static, Type } from 'typebox';
import { Duration, FilePath, SecretText } from '../../kernel/setting.ts';
import { isLoopbackHost } from '../../outbound/addresses.ts';
import { readCa } from '../../outbound/read-ca.ts';

export const postgresqlConfig = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      description: 'Name or address of the server, or the folder of its socket: db.example.org, /run/postgresql.',
    }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 5432, description: 'Port of the server.' }),
    database: Type.String({
      minLength: 1,
      default: 'postgres',
      description: 'A database that the service role may connect to. Roles belong to the whole server.',
    }),
    username: Type.String({ minLength: 1, description: 'The service role: CREATEROLE, and no superuser.' }),
    password: Type.Optional(
      SecretText({ description: 'Password of the service role. Left out: peer, by the socket.' }),
    ),
    caFile: Type.Optional(
      FilePath({ description: 'PEM file of the only authorities to trust. Left out on this machine: no TLS.' }),
    ),
    iterations: Type.Integer({
      minimum: 4096,
      maximum: 1_000_000,
      default: 4096,
      description:
        'Rounds of SCRAM-SHA-256. Each sign-in of the person pays for them too; 4096 is what PostgreSQL uses.',
    }),
    protected: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Roles that are never written, beside superusers and those who could become one.',
    }),
    timeout: Duration({
      default: '10 s',
      duration: { min: '1 s', max: '2 min' },
      description: 'Time for one whole attempt, connection included.',
    }),
  },
  { additionalProperties: false },
);
export type PostgresqlConfig = Static<typeof postgresqlConfig>;

/** @throws Error that names the key when a file can't be read. */
export function postgresqlConnection(config: PostgresqlConfig): ClientConfig {
  const { host, port, database, caFile } = config;
  const onSocket = host.startsWith('/');
  const plain = onSocket || (isLoopbackHost(host) && caFile === undefined);
  return {
    host,
    port,
    database,
    application_name: 'sparekey',
    ssl: plain
      ? false
      : {
          rejectUnauthorized: true,
          minVersion: 'TLSv1.2',
          ...(isIP(host) ? {} : { servername: host }),
          ...(caFile === undefined ? {} : { ca: readCa(caFile) }),
        },
  };
}

/** A socket of our own, so that a deadline can end the conversation wherever it hangs. */
export const newSocket = (): Socket => new Socket();
