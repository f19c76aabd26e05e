/** How to reach a PostgreSQL server: the URL taken apart, TLS always verified, no part of it ever in an error. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { StorageFailure } from '../failure.ts';

export interface PostgresConfig {
  engine: 'postgres';
  /**
   * `postgres://user:password@host:port/database`; `?host=/run/postgresql` for a socket. Without TLS only on this machine;
   * `sslmode=disable` says so there explicitly. A certificate is always verified.
   */
  url: string;
  /** PEM file of the authority that signed the server's certificate. The system's authorities, when absent. */
  caFile?: string;
  /** Connections per node. */
  poolSize?: number;
}

/** What both `pg` and pg-boss understand. */
export interface PostgresConnection {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  ssl: false | ConnectionOptions;
}

const LOCAL = new Set(['localhost', '127.0.0.1', '::1']);

function parseUrl(url: string): URL {
  // The error of `new URL` carries its input, password included.
  const parsed = URL.parse(url);
  if (!parsed || !['postgres:', 'postgresql:'].includes(parsed.protocol))
    throw new StorageFailure('The database URL is not of the form postgres://user:password@host:port/database.');
  return parsed;
}

function tls(host: string, mode: string | null, caFile: string | undefined): false | ConnectionOptions {
  const local = host.startsWith('/') || LOCAL.has(host);
  if (mode === 'disable') {
    if (local) return false;
    throw new StorageFailure('TLS can’t be switched off for a PostgreSQL server on another machine: remove sslmode.');
  }
  if (host.startsWith('/') || (local && mode === null && caFile === undefined)) return false;
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(isIP(host) ? {} : { servername: host }),
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
  };
}

export function postgresConnection(config: PostgresConfig): PostgresConnection {
  const url = parseUrl(config.url);
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, '');
  return {
    host: host || 'localhost',
    port: Number(url.port || url.searchParams.get('port') || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ssl: tls(host || 'localhost', url.searchParams.get('sslmode'), config.caFile),
  };
}
