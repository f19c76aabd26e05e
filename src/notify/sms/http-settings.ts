/** Configuration of the HTTP gateway sender, and what is derived from it once. A dangerous or unreadable value stops the start. */
import { type Static, Type } from 'typebox';
import { addressGuard } from '../../outbound/addresses.ts';
import { readCa } from '../../outbound/read-ca.ts';
import { type Encoding, PLACEHOLDERS, readTemplate } from './http-template.ts';

/** Written `10 s` in the configuration; arrives in milliseconds. */
export const duration = (value: string, [min, max]: [string, string], description: string) =>
  Type.Unsafe<number>({ type: 'string', default: value, duration: { min, max }, description });

const words = PLACEHOLDERS.map((name) => `{${name}}`).join(' ');

export const httpGatewayConfig = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://[^\\s#]+$',
      description: 'Address of the gateway. `http:` works only with a gateway on this machine.',
      examples: ['https://sms.example.org/v1/messages'],
    }),
    method: Type.Union([Type.Literal('POST'), Type.Literal('PUT'), Type.Literal('GET')], {
      default: 'POST',
      description: 'HTTP method. GET only with encoding query.',
    }),
    encoding: Type.Union([Type.Literal('json'), Type.Literal('form'), Type.Literal('query')], {
      default: 'json',
      description: 'How `body` is sent: as JSON, as a form, or behind the `?` of the address.',
    }),
    body: Type.String({
      minLength: 2,
      description: `What is sent, with placeholders in the values: ${words}. {digits} is {to} without +; {coding} is 0 for the GSM alphabet and 2 for Unicode. A form or query is written a=1&b=2. Values are encoded for you.`,
      examples: ['{"to":"{to}","text":"{text}","reference":"{id}"}', 'to={to}&text={text}'],
    }),
    headers: Type.Record(Type.String(), Type.String(), {
      default: {},
      description: 'Further headers, without secrets: X-Channel: otp.',
    }),
    sender: Type.String({ default: '', maxLength: 16, description: 'What {sender} stands for: a name or a number.' }),
    username: Type.Optional(
      Type.String({ minLength: 1, description: 'For basic sign-in, or for {username} in `body`.' }),
    ),
    password: Type.Optional(
      Type.String({ minLength: 1, secret: true, description: 'For basic sign-in, or for {password} in `body`.' }),
    ),
    token: Type.Optional(
      Type.String({ minLength: 1, secret: true, description: 'Key of the gateway, sent in `tokenHeader`.' }),
    ),
    tokenHeader: Type.String({
      pattern: '^[A-Za-z0-9-]+$',
      default: 'Authorization',
      description: 'Header of `token`. In Authorization it is sent as Bearer.',
    }),
    okStatus: Type.Array(Type.Integer({ minimum: 200, maximum: 299 }), {
      default: [200, 201, 202],
      minItems: 1,
      description: 'Statuses that mean: accepted.',
    }),
    okText: Type.Optional(
      Type.String({ minLength: 1, description: 'The answer must hold these words as well to mean accepted.' }),
    ),
    okPointer: Type.Optional(
      Type.String({
        pattern: '^(/[^/]*)+$',
        description: 'JSON pointer (RFC 6901) that the answer must have to mean accepted: /messages/0/id.',
      }),
    ),
    okValue: Type.Optional(
      Type.String({ description: 'What must stand at `okPointer`; left out: anything but null.' }),
    ),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        path: true,
        description: 'PEM file of the only authorities to trust, instead of the usual ones.',
      }),
    ),
    allowedNetworks: Type.Array(Type.String({ pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' }), {
      default: [],
      description: 'When given, the gateway must be in one of these networks: 203.0.113.0/24.',
    }),
    timeout: duration('15 s', ['1 s', '2 min'], 'Time for one whole request, name look-up and answer included.'),
    connections: Type.Integer({ minimum: 1, maximum: 100, default: 10, description: 'Requests at the same time.' }),
  },
  { additionalProperties: false },
);
export type HttpGatewayConfig = Static<typeof httpGatewayConfig>;

const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const RESERVED = /^(host|content-length|content-type|transfer-encoding|connection|authorization)$/i;

function headersOf(config: HttpGatewayConfig, basic: boolean): Record<string, string> {
  for (const [name, value] of Object.entries(config.headers)) {
    if (!HEADER.test(name) || RESERVED.test(name)) throw new Error(`headers: ${name} can't be set here.`);
    if (!/^[\t\x20-\x7e]*$/.test(value))
      throw new Error(`headers: the value of ${name} has characters that no header can hold.`);
  }
  const { token, tokenHeader, username, password } = config;
  const bearer = tokenHeader.toLowerCase() === 'authorization';
  if (token !== undefined && bearer && basic) throw new Error('token: give either token or username and password.');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new Error('token: holds characters that no header can hold.');
  return {
    ...config.headers,
    ...(basic ? { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` } : {}),
    ...(token === undefined ? {} : { [tokenHeader]: bearer ? `Bearer ${token}` : token }),
  };
}

/** @throws Error that names the key when a value can't be used. */
export function httpGatewaySettings(config: HttpGatewayConfig) {
  const url = new URL(config.url);
  if (url.username !== '' || url.password !== '') throw new Error('url: put the sign-in into username and password.');
  const encoding: Encoding = config.encoding;
  if (config.method === 'GET' && encoding !== 'query')
    throw new Error('encoding: GET has no body; use query, or POST.');
  if ((config.username === undefined) !== (config.password === undefined)) {
    throw new Error('password: username and password belong together; give both or neither.');
  }
  const inBody = config.body.includes('{username}') || config.body.includes('{password}');
  const guard = addressGuard(url, config.allowedNetworks);
  return {
    url,
    guard,
    template: readTemplate(config.body, encoding),
    headers: headersOf(config, config.username !== undefined && !inBody),
    ca: config.caFile === undefined ? undefined : readCa(config.caFile),
  };
}
export type HttpGatewaySettings = ReturnType<typeof httpGatewaySettings>;
