/** Configuration of the SIP sender, and what is derived from it once. A value that baresip would misread stops the start. */
import { type Static, Type } from 'typebox';

/** Written `10 s` in the configuration; arrives in milliseconds. */
const duration = (value: string, [min, max]: [string, string], description: string) =>
  Type.Unsafe<number>({ type: 'string', default: value, duration: { min, max }, description });

export const sipConfig = Type.Object(
  {
    server: Type.String({
      pattern: '^([A-Za-z0-9.-]{1,253}|\\[[0-9a-fA-F:]{2,45}\\])(:[0-9]{1,5})?$',
      description: 'Telephone system, as name or address, with a port when it is not 5060.',
      examples: ['pbx.example.org', '10.0.0.5:5060'],
    }),
    transport: Type.Union([Type.Literal('udp'), Type.Literal('tcp')], {
      default: 'udp',
      description: 'How SIP is carried. Neither it nor the sound is encrypted: keep both inside your own network.',
    }),
    user: Type.String({
      pattern: '^[A-Za-z0-9+._-]{1,64}$',
      description: 'Extension or account that calls; also the caller that is shown.',
    }),
    authUser: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9+._@-]{1,64}$', description: 'Name to sign in with, when it is not `user`.' }),
    ),
    password: Type.Optional(
      Type.String({
        minLength: 1,
        secret: true,
        description: 'Password of the account. Left out: the telephone system knows us by our address.',
      }),
    ),
    dialPrefix: Type.String({
      pattern: '^[+]?[0-9*]{0,8}$',
      default: '+',
      description: 'Dialled before country code and number: +, 00, or 000 where a 0 gets an outside line.',
    }),
    listenAddress: Type.Optional(
      Type.String({
        pattern: '^[0-9a-fA-F.:]+$',
        description: 'Own address for SIP and sound, when this machine has several.',
      }),
    ),
    rtpPorts: Type.String({
      pattern: '^[0-9]{4,5}-[0-9]{4,5}$',
      default: '16384-32767',
      description: 'UDP ports for the sound, for the firewall.',
    }),
    connectTimeout: duration(
      '20 s',
      ['1 s', '1 min'],
      'Time until the telephone system must have begun to ring the phone.',
    ),
    ringTimeout: duration('45 s', ['1 s', '2 min'], 'How long it rings.'),
    keyTimeout: duration('30 s', ['1 s', '2 min'], 'How long the key is waited for, greeting included.'),
    calls: Type.Integer({ minimum: 1, maximum: 50, default: 4, description: 'Calls at the same time, per node.' }),
  },
  { additionalProperties: false },
);
export type SipConfig = Static<typeof sipConfig>;

/** @throws Error that names the key when a value can't be used. */
export function assertSipConfig({ password, rtpPorts, server }: SipConfig): void {
  // baresip reads the password up to a blank or semicolon, and knows no way to escape them.
  if (password !== undefined && !/^[\x21\x23-\x3a\x3c-\x7e]+$/.test(password)) {
    throw new Error('password: may not hold blanks, semicolons, quotation marks or letters outside ASCII.');
  }
  const [low = 0, high = 0] = rtpPorts.split('-').map(Number);
  if (low < 1024 || high > 65_535 || high - low < 10)
    throw new Error('rtpPorts: must be at least ten ports above 1023.');
  const port = Number(/:(\d+)$/.exec(server)?.[1] ?? 5060);
  if (port < 1 || port > 65_535) throw new Error('server: has no such port.');
}
