/** Reads the addresses of servers from the configuration, in order of preference. Nothing that would be sent in clear gets through. */
import { readFileSync } from 'node:fs';
import { ConnectError } from './failure.ts';

export interface Endpoint {
  host: string;
  port: number;
  startTls: boolean;
  /** PEM of the authorities to trust instead of the system's. */
  ca: string | undefined;
  /** ms for everything: TCP, StartTLS, TLS handshake. */
  connectTimeout: number;
  /** Where `host` is, when it was found out already. The certificate is compared with `host` all the same. */
  addresses?: readonly string[];
}

export interface EndpointConfig {
  startTls: boolean;
  caFile?: string;
  connectTimeout: number;
}

/** How a server is called in findings, causes and markers. */
export const labelOf = ({ host, port }: Pick<Endpoint, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** @throws ConnectError when a URL would send passwords in clear or the CA file can't be read. */
export function endpointsOf(config: EndpointConfig & { url: string }): Endpoint[] {
  const shared = sharedOf(config);
  const all = config.url
    .trim()
    .split(/\s+/)
    .map((url) => ({ ...hostOf(url, config.startTls), ...shared }));
  // Two pools for one server would hide from each other what they know of it.
  return all.filter((one, index) => all.findIndex((other) => labelOf(other) === labelOf(one)) === index);
}

/** What holds for every server. @throws ConnectError when the CA file can't be read. */
export const sharedOf = ({ startTls, caFile, connectTimeout }: EndpointConfig) => ({
  startTls,
  ca: caFile === undefined ? undefined : readPem(caFile),
  connectTimeout,
});

function hostOf(text: string, startTls: boolean): Pick<Endpoint, 'host' | 'port'> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const secure = url?.protocol === 'ldaps:';
  if (!url?.hostname || (!secure && url.protocol !== 'ldap:')) {
    throw new ConnectError('BAD_URL', `"${text}" is not an LDAP address.`, 'Write ldaps://host or ldap://host.', 'url');
  }
  if (secure === startTls) {
    throw secure
      ? new ConnectError('BAD_URL', 'ldaps:// is TLS from the start.', 'Remove startTls or write ldap://.', 'startTls')
      : new ConnectError(
          'CLEAR_TEXT',
          'Plain ldap:// would send passwords in clear.',
          'Write ldaps://, or keep ldap:// and set startTls: true.',
          'startTls',
        );
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port ? Number(url.port) : secure ? 636 : 389,
  };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'UNREADABLE' } = error as NodeJS.ErrnoException;
    throw new ConnectError(code, `The file ${file} can't be read (${code}).`, 'Name a readable PEM file.', 'caFile');
  }
}
