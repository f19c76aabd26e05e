/** Configuration of the SMPP sender, and what is derived from it once. A dangerous or unreadable value stops the start. */
import { isIP } from 'node:net';
import { type Static, Type } from 'typebox';
import { isLoopbackHost } from '../../outbound/addresses.ts';
import { readCa } from '../../outbound/read-ca.ts';
import { duration } from './http-settings.ts';

export const smppConfig = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'Name of the message centre (SMSC).' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 3550, description: '3550 with TLS, 2775 without.' }),
    security: Type.Union([Type.Literal('tls'), Type.Literal('none')], {
      default: 'tls',
      description:
        '`tls` is encrypted from the first byte. `none` works only on this machine or to a private address (10.x, 172.16.x, 192.168.x, fd…), as through a VPN tunnel of the provider.',
    }),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        path: true,
        description: 'PEM file of the only authorities to trust, instead of the usual ones.',
      }),
    ),
    systemId: Type.String({ minLength: 1, maxLength: 15, description: 'Name to bind with (system_id).' }),
    password: Type.String({ minLength: 1, maxLength: 64, secret: true, description: 'Password of `systemId`.' }),
    systemType: Type.String({ default: '', maxLength: 12, description: 'system_type, when the provider names one.' }),
    sender: Type.String({
      default: '',
      pattern: '^(\\+?[0-9]{0,20}|[A-Za-z0-9 ._-]{1,11})$',
      description: 'Shown as sender: a name of up to 11 letters, a short code, or a number with +.',
    }),
    concatenation: Type.Union([Type.Literal('udh'), Type.Literal('sar')], {
      default: 'udh',
      description: 'How the parts of a long text are marked: in the user data (udh) or in sar parameters.',
    }),
    receipts: Type.Boolean({ default: true, description: 'Ask for delivery receipts.' }),
    validity: duration('10 min', ['1 min', '1 d'], 'The network gives up after this time: a late code is useless.'),
    window: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 10,
      description: 'Unanswered messages at the same time.',
    }),
    enquireEvery: duration('30 s', ['1 s', '10 min'], 'How often a quiet connection is tested (enquire_link).'),
    connectTimeout: duration('10 s', ['1 s', '2 min'], 'Time for connecting, TLS and binding together.'),
    replyTimeout: duration('10 s', ['1 s', '2 min'], 'Time for the answer to one request.'),
  },
  { additionalProperties: false },
);
export type SmppConfig = Static<typeof smppConfig>;

const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd][0-9a-f]{2}:)/i;

/** TON and NPI of a source address (SMPP 3.4 §5.2.5, §5.2.6). */
export function addressOf(sender: string): { addr: string; ton: number; npi: number } {
  if (sender === '') return { addr: '', ton: 0, npi: 0 };
  if (sender.startsWith('+')) return { addr: sender.slice(1), ton: 1, npi: 1 };
  return /^\d+$/.test(sender)
    ? { addr: sender, ton: sender.length < 7 ? 3 : 0, npi: 1 }
    : { addr: sender, ton: 5, npi: 0 };
}

/** Relative time (§7.1.1): YYMMDDhhmmss000R. */
export function relativeTime(ms: number): string {
  const total = Math.max(1, Math.round(ms / 1_000));
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `0000${two(total / 86_400)}${two((total / 3_600) % 24)}${two((total / 60) % 60)}${two(total % 60)}000R`;
}

/** @throws Error that names the key when a value can't be used. */
export function smppConnection(config: SmppConfig): Record<string, unknown> {
  const { host, port, security, caFile } = config;
  const inside = isLoopbackHost(host) || (isIP(host) !== 0 && PRIVATE.test(host));
  if (security === 'none' && !inside) {
    throw new Error(`security: "none" is only for this machine or a private address, and ${host} is neither.`);
  }
  if (security === 'none') return { host, port };
  const trusted = caFile === undefined ? {} : { ca: readCa(caFile) };
  return {
    host,
    port,
    tls: true,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...trusted,
  };
}
