/** The SMTP sender's configuration: its schema, and what is derived from it once. A dangerous or unreadable value stops the start. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { SMTPPoolOptions } from 'nodemailer/lib/smtp-pool';
import { type Static, Type } from 'typebox';

const ADDRESS = '[^\\s<>,;:"()\\[\\]\\\\@]+@[^\\s<>,;:"()\\[\\]\\\\@]+';
const FROM = new RegExp(`^(?:[^<>\\x00-\\x1f\\x7f]+ <${ADDRESS}>|${ADDRESS})$`);

/** Written `10 s` in the configuration; arrives in milliseconds. */
const duration = (value: string, [min, max]: [string, string], description: string) =>
  Type.Unsafe<number>({ type: 'string', default: value, duration: { min, max }, description });

export const smtpConfig = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'Name of the mail server; its certificate must carry this name.' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587, description: '587 for starttls, 465 for tls.' }),
    security: Type.Union([Type.Literal('starttls'), Type.Literal('tls'), Type.Literal('none')], {
      default: 'starttls',
      description:
        '`starttls` begins in clear text and insists on TLS, `tls` is encrypted from the first byte, `none` works only with a server on this machine.',
    }),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        path: true,
        description: 'PEM file of the only authorities to trust, instead of the usual ones.',
      }),
    ),
    username: Type.Optional(Type.String({ minLength: 1, description: 'Left out: no sign-in at the mail server.' })),
    password: Type.Optional(Type.String({ minLength: 1, secret: true, description: 'Password of `username`.' })),
    from: Type.String({
      pattern: FROM.source,
      description: 'Sender, either `address` or `Name <address>`.',
    }),
    connectTimeout: duration('10 s', ['1 s', '2 min'], 'Time until the server must have greeted us, TLS included.'),
    replyTimeout: duration('30 s', ['1 s', '5 min'], 'How long the server may be silent.'),
    connections: Type.Integer({
      minimum: 1,
      maximum: 50,
      default: 3,
      description: 'Connections kept open at the same time, per node.',
    }),
  },
  { additionalProperties: false },
);
export type SmtpConfig = Static<typeof smtpConfig>;

export interface Sender {
  name: string;
  address: string;
}

/** @throws Error when it is not one address, with or without a name. */
export const senderOf = (from: string): Sender => {
  if (!FROM.test(from)) throw new Error('from: must be `address` or `Name <address>`.');
  const [, name = '', address = from] = /^(.*?)\s*<([^<>]*)>$/.exec(from) ?? [];
  return { name, address };
};

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function readCa(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (error) {
    throw new Error(`caFile: ${caFile} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown cause'}).`);
  }
}

/** @throws Error that names the key when a value can't be used. */
export function smtpOptions(config: SmtpConfig): SMTPPoolOptions & { pool: true } {
  if (config.security === 'none' && !isLoopback(config.host)) {
    throw new Error(`security: "none" is only for a mail server on this machine, and ${config.host} is elsewhere.`);
  }
  if ((config.username === undefined) !== (config.password === undefined)) {
    throw new Error('password: username and password belong together; give both or neither.');
  }
  return {
    pool: true,
    host: config.host,
    port: config.port,
    secure: config.security === 'tls',
    requireTLS: config.security === 'starttls',
    ignoreTLS: config.security === 'none',
    tls: { minVersion: 'TLSv1.2', ...(config.caFile === undefined ? {} : { ca: readCa(config.caFile) }) },
    ...(config.username === undefined ? {} : { auth: { user: config.username, pass: config.password } }),
    connectionTimeout: config.connectTimeout,
    greetingTimeout: config.connectTimeout,
    dnsTimeout: config.connectTimeout,
    socketTimeout: config.replyTimeout,
    maxConnections: config.connections,
    // Once, for a connection that the server closed while it was idle. All other retries are the outbox's.
    maxRequeues: 1,
  };
}
