/** What limits count as "one place": an IPv4 address, or the /64 of an IPv6 address, however either is spelled. */
import { isIPv4, isIPv6 } from 'node:net';

/** Some proxies add the port; it must not give everybody a place of their own. */
const withoutPort = (ip: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(ip)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(ip)?.[1] ?? ip;

/** IPv4 inside of IPv6 (RFC 4291 §2.5.5.2), in the canonical spelling `::ffff:c000:201`. */
function mappedIPv4(canonical: string): string | undefined {
  const [, high = '', low = ''] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (low === '') return undefined;
  const bytes = Buffer.from(high.padStart(4, '0') + low.padStart(4, '0'), 'hex');
  return bytes.join('.');
}

export function networkOf(ip: string): string {
  const bare = withoutPort(ip.trim()).split('%')[0] ?? '';
  if (isIPv4(bare) || !isIPv6(bare)) return bare;
  // The URL parser gives the one canonical spelling (RFC 5952).
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = mappedIPv4(canonical);
  if (mapped) return mapped;
  const [head = '', tail] = canonical.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
