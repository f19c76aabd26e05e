/** What went wrong with MariaDB, by its error number, and what an operator can do. No text of the server is repeated but its rules. */
import type { Connection } from 'mariadb';
import type { Finding } from '../../kernel/plugin.ts';
import type { Delivered } from '../connector.ts';

type Unreached = Extract<Delivered, { is: 'retry' }>;
type Mend = Required<Pick<Finding, 'cause' | 'fix' | 'key'>>;

const numberOf = (error: unknown): number => Number((error as { errno?: unknown }).errno ?? 0);
const nameOf = (error: unknown): string => {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return [code, cause?.code].filter((name) => typeof name === 'string').join(' ');
};

const CREDENTIALS = new Set([1045, 1698, 4150, 4151, 1862]);
const RIGHTS = new Set([1044, 1142, 1143, 1227, 1410]);

export const isWrongPassword = (error: unknown): boolean => numberOf(error) === 1045;
/** The password was right, and something else was wrong: it must be changed. */
export const isAfterSignIn = (error: unknown): boolean => [1820, 1862, 1044, 1049].includes(numberOf(error));

export function explainMariadb(error: unknown): Mend {
  const [number, name] = [numberOf(error), nameOf(error)];
  const say = (key: string, cause: string, fix: string): Mend => ({ key, cause, fix });
  if (CREDENTIALS.has(number))
    return say('password', 'The server refused the service account.', 'Correct username and password.');
  if (RIGHTS.has(number))
    return say('username', 'The service account lacks a right.', 'Grant what docs/how-to/mariadb.md lists.');
  if ([1290, 1836].includes(number)) return say('host', 'The server is read-only.', 'Name the primary server.');
  if ([1040, 1203, 1226].includes(number))
    return say('host', 'The server has no room for a connection.', 'Look at max_connections and max_user_connections.');
  if (/ALTNAME/.test(name)) return say('host', 'The certificate is for another name.', 'Use a name that it carries.');
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(name))
    return say('caFile', 'The certificate of the server is not trusted here.', 'Name the PEM file of its authority.');
  if (/ECONNREFUSED|ENOENT/.test(name))
    return say('host', 'Nothing listens there.', 'Check host and port, and that the server runs.');
  if (/ENOTFOUND|EAI_AGAIN/.test(name)) return say('host', 'The name is not known to DNS.', 'Correct the name.');
  if (/TIMEOUT|ETIMEDOUT/.test(name))
    return say('timeout', 'No answer within the time limit.', 'Look at the load of the server and the firewall.');
  if (/NO_SSL|SERVER_SSL/.test(name)) return say('host', 'The server does not speak TLS.', 'Set ssl-cert and ssl-key.');
  return say('host', `The conversation with the server failed (${number || name || 'no code'}).`, 'Look at its log.');
}

export function unreached(error: unknown): Unreached {
  const { cause, fix, key } = explainMariadb(error);
  return { is: 'retry', whole: true, cause: `${key}: ${cause} ${fix}` };
}

interface Warning {
  Code: number;
  Message: string;
}

const RULES = 1819;
const STRICT = 1290;
const FAILED = 1396;

/** An ALTER USER failed. The server says why only when it is asked for its warnings. */
export async function refusal(connection: Connection, error: unknown, name: string): Promise<Delivered> {
  const number = numberOf(error);
  if (number !== FAILED && number !== RULES) return unreached(error);
  const warnings = await connection.query<Warning[]>('show warnings').catch((): Warning[] => []);
  const said = warnings.filter(({ Code }) => Code === RULES).map(({ Message }) => Message);
  if (said.length > 0)
    return {
      is: 'rejected',
      cause: `The rules of the server refuse the password: ${said.join('; ').slice(0, 300)}`,
      hint: 'Bring the settings of that plugin and the rules of Sparekey into line.',
    };
  if (warnings.some(({ Code }) => Code === STRICT)) {
    const cause =
      'sendPlain: The server has a password validation plugin with strict_password_validation and takes no hashes.';
    return { is: 'retry', whole: true, cause: `${cause} Set sendPlain: true, or switch that variable off there.` };
  }
  const hint = 'Try the same ALTER USER by hand and look at SHOW WARNINGS.';
  return warnings.some(({ Code }) => Code === 1133)
    ? { is: 'no-account' }
    : { is: 'rejected', cause: `The server refused to change ${name} (1396).`, hint };
}
