/**
 * X-Twilio-Signature: HMAC-SHA1 with the auth token over the address and the sorted form. SHA-1 is Twilio's choice; as an
 * HMAC it is still unforgeable. Compared in constant time.
 */
import { createHmac } from 'node:crypto';
import { sameText } from '../../kernel/keyring.ts';

type Fields = Readonly<Record<string, unknown>>;

const pairs = (name: string, value: unknown): string =>
  Array.isArray(value)
    ? [...new Set(value.map(String))]
        .sort()
        .map((one) => name + one)
        .join('')
    : name + String(value);

export const twilioSignature = (authToken: string, url: string, fields: Fields): string =>
  createHmac('sha1', authToken)
    .update(
      url +
        Object.keys(fields)
          .sort()
          .map((name) => pairs(name, fields[name]))
          .join(''),
      'utf8',
    )
    .digest('base64');

/** The same address without and with its port: providers differ in which of both they sign. */
function spellings(url: string): string[] {
  const { protocol, port, hostname, origin } = new URL(url);
  const rest = url.slice(origin.length);
  const bare = `${protocol}//${hostname}`;
  return [`${bare}${rest}`, `${bare}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}${rest}`];
}

export function isSigned(authToken: string, url: string, fields: Fields, signature: string | undefined): boolean {
  const given = signature ?? '';
  // Both are computed whatever the first says.
  return spellings(url)
    .map((spelling) => sameText(twilioSignature(authToken, spelling, fields), given))
    .includes(true);
}
