/**
 * Where a server may be (A27). The address is judged when it is connected to, so a name that changes its mind between two
 * look-ups gains nothing; link-local addresses (cloud metadata) are never connected to.
 */
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const NEVER = new BlockList();
NEVER.addSubnet('169.254.0.0', 16, 'ipv4');
NEVER.addSubnet('0.0.0.0', 8, 'ipv4');
NEVER.addSubnet('224.0.0.0', 3, 'ipv4');
NEVER.addSubnet('fe80::', 10, 'ipv6');
NEVER.addSubnet('ff00::', 8, 'ipv6');
NEVER.addAddress('::', 'ipv6');
/** Metadata of AWS over IPv6. */
NEVER.addAddress('fd00:ec2::254', 'ipv6');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const has = (list: BlockList, address: string): boolean => {
  const plain = MAPPED.exec(address)?.[1] ?? address;
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
};

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** True for this machine by its own word: `localhost`, 127.x and ::1, and no name that merely resolves to them. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && has(LOOPBACK, host));

export interface AddressGuard {
  host: string;
  allows(address: string): boolean;
  /** For the `lookup` option of a connection: answers with allowed addresses only. */
  lookup: LookupFunction;
}

/** Error code of a connection that the guard did not allow. */
export const FORBIDDEN = 'EFORBIDDENADDRESS';

/** @throws Error that names the key when the address can never be used. */
export function addressGuard(url: URL, networks: readonly string[]): AddressGuard {
  const host = hostOf(url);
  const local = isLoopbackHost(host);
  if (url.protocol !== 'https:' && !local) {
    throw new Error(`url: http is only for a server on this machine, and ${host} is elsewhere.`);
  }
  const allowed = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    try {
      allowed.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
    } catch {
      throw new Error(`allowedNetworks: ${network} is not a network like 203.0.113.0/24.`);
    }
  }
  const allows = (address: string): boolean => {
    if (isIP(address) === 0 || has(NEVER, address) || (has(LOOPBACK, address) && !local)) return false;
    return networks.length === 0 || has(allowed, address);
  };
  if (isIP(host) !== 0 && !allows(host)) throw new Error(`url: ${host} is an address that no server may have.`);
  return {
    host,
    allows,
    lookup: (name, options, answer) => {
      lookup(name, { ...options, all: true }, (error, found) => {
        if (error) return answer(error, []);
        const good = found.filter(({ address }) => allows(address));
        if (good[0] === undefined)
          return answer(Object.assign(new Error('Forbidden address.'), { code: FORBIDDEN }), []);
        return options.all ? answer(null, good) : answer(null, good[0].address, good[0].family);
      });
    },
  };
}
