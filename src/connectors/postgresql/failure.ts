/** What went wrong with PostgreSQL, by its SQLSTATE, and what an operator can do. The text of a statement is never repeated. */
import type { Finding } from '../../kernel/plugin.ts';
import type { Delivered } from '../connector.ts';

type Unreached = Extract<Delivered, { is: 'retry' }>;
type Mend = Required<Pick<Finding, 'cause' | 'fix' | 'key'>>;

const KNOWN: readonly [pattern: RegExp, key: string, cause: string, fix: string][] = [
  [/^28P01$/, 'password', 'The server refused the password of the service role.', 'Correct username and password.'],
  [/^28000$/, 'username', 'The server does not let the service role in.', 'Correct username, or pg_hba.conf there.'],
  [/^3D000$/, 'database', 'There is no database of that name.', 'Name one that the service role may connect to.'],
  [/^25006$/, 'host', 'The server is a read-only standby.', 'Name the primary server.'],
  [/^53/, 'host', 'The server has no room for a connection.', 'Look at max_connections and its memory.'],
  [/^(57|58|08)/, 'host', 'The server is starting, stopping or hung up.', 'Look at the log of the server.'],
  [/^57014$/, 'timeout', 'The server did not answer in time.', 'Look at its load.'],
  [/^ECONNREFUSED$|^ENOENT$/, 'host', 'Nothing listens there.', 'Check host and port, and that the server runs.'],
  [/^ENOTFOUND$|^EAI_AGAIN$/, 'host', 'The name of the server is not known to DNS.', 'Correct the name.'],
  [/^ETIMEDOUT$/, 'timeout', 'No answer within the time limit.', 'Look at the load of the server and the firewall.'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'host',
    'The certificate of the server is for another name.',
    'Use a name that it carries.',
  ],
  [
    /SELF_SIGNED|UNABLE_TO|CERT_/,
    'caFile',
    'The certificate of the server is not trusted here, or has expired.',
    'Name the PEM file of its authority as caFile.',
  ],
];

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : '';
};

/** An SQLSTATE has five characters; what it says about one statement is about one role. */
export const sqlState = (error: unknown): string | undefined => {
  const code = codeOf(error);
  return /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE' ? code : undefined;
};

export function explainPostgres(error: unknown): Mend {
  const code = codeOf(error);
  const known = KNOWN.find(([pattern]) => pattern.test(code));
  if (known) return { key: known[1], cause: known[2], fix: known[3] };
  const plain = error instanceof Error && /does not support SSL/.test(error.message);
  if (plain) return { key: 'host', cause: 'The server does not speak TLS.', fix: 'Set ssl = on in postgresql.conf.' };
  const cause = `The conversation with the server failed (${code || 'no code'}).`;
  return { key: 'host', cause, fix: 'Look at the log of the server.' };
}

/** The server as a whole: nobody else need try now. */
export function unreached(error: unknown): Unreached {
  const { cause, fix, key } = explainPostgres(error);
  return { is: 'retry', whole: true, cause: `${key}: ${cause} ${fix}` };
}

/** A statement about one role was answered with an error. */
export function refusal(error: unknown, role: string): Delivered {
  const state = sqlState(error);
  if (state === undefined || /^(08|53|57|58|25006|28)/.test(state)) return unreached(error);
  if (state === '42501') {
    const cause = `username: The service role may not change ${role}. Give it CREATEROLE; from PostgreSQL 16 on also GRANT ${role} TO it WITH ADMIN OPTION, INHERIT FALSE, SET FALSE.`;
    return { is: 'retry', whole: false, cause };
  }
  // Two writes of one role at the same time: XX000 "tuple concurrently updated".
  if (/^(40|55|XX)/.test(state))
    return { is: 'retry', whole: false, cause: `The server was busy with this role (${state}).` };
  if (state === '42704') return { is: 'no-account' };
  return {
    is: 'rejected',
    cause: `The server refused the new password (SQLSTATE ${state}).`,
    hint: 'Look at its log. A module that checks passwords (passwordcheck, credcheck) refuses what equals the name of the role, and may be set to refuse hashes.',
  };
}
