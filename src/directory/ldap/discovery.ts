/**
 * Finds the domain controllers of a domain by DNS (MS-ADTS §6.3.2.3, RFC 2782): those of the site first, then the others. Only
 * names inside the domain count, and each must still prove itself with a certificate for that name. The last good answer
 * stays in use for as long as DNS gives no new one.
 */
import { Resolver } from 'node:dns/promises';
import { type Clock, minutes, seconds } from '../../kernel/clock.ts';
import type { Finding } from '../../kernel/plugin.ts';
import type { Endpoint } from './endpoints.ts';
import { ConnectError } from './failure.ts';
import type { ServerSource } from './server-source.ts';
import { type SrvRecord, turnOrder } from './turn-order.ts';

export type DomainResolver = Pick<Resolver, 'resolveSrv' | 'resolve4' | 'resolve6'>;

/** Somebody waits for the first answer. */
export const systemResolver = (): DomainResolver => new Resolver({ timeout: 2_000, tries: 2 });

export interface DiscoveryOptions {
  domain: string;
  site?: string | undefined;
  shared: Omit<Endpoint, 'host' | 'port' | 'addresses'>;
  /** Decides between servers of one priority; the same for all nodes. */
  seed: string;
  resolver: DomainResolver;
  clock: Clock;
}

/**
 * Node tells the time to live of addresses, not of SRV records; the shortest of the addresses stands for all. The limits: no
 * storm of questions, and no longer than a domain controller registers its SRV records for.
 */
const SHORTEST = seconds(5);
const LONGEST = minutes(10);
/** Between two questions while DNS gives no usable answer. */
const RETRY = seconds(5);

interface Answer {
  endpoints: readonly Endpoint[];
  /** Names outside of the domain, which were left out. */
  foreign: string[];
  /** Names without an address. */
  lost: string[];
  until: number;
}

export function createDiscovery(options: DiscoveryOptions): ServerSource {
  const { clock, resolver } = options;
  const domain = bare(options.domain);
  const sitePrefix = options.site === undefined ? [] : [`_ldap._tcp.${options.site}._sites.dc._msdcs.${domain}`];
  const names = [...sitePrefix, `_ldap._tcp.dc._msdcs.${domain}`];
  let answer: Answer | undefined;
  let trouble: string | undefined;
  let asking: Promise<void> | undefined;
  let askAgain = 0;

  async function recordsOf(name: string): Promise<SrvRecord[]> {
    try {
      const found = await resolver.resolveSrv(name);
      // A single "." says that the service is not there.
      return found.map((record) => ({ ...record, name: bare(record.name) })).filter((record) => record.name !== '');
    } catch (error) {
      const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException;
      if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
      throw new Error(`${name}: ${code}`);
    }
  }

  async function addressesOf(host: string): Promise<{ address: string; ttl: number }[]> {
    const ttl = { ttl: true } as const;
    const found = await Promise.allSettled([resolver.resolve4(host, ttl), resolver.resolve6(host, ttl)]);
    return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  }

  async function ask(): Promise<Answer> {
    const lists = await Promise.all(names.map(recordsOf));
    const ordered = lists.flatMap((records) => turnOrder(records, options.seed));
    const ours = ordered.filter(({ name }) => name.endsWith(`.${domain}`));
    const foreign = [...new Set(ordered.filter((record) => !ours.includes(record)).map(({ name }) => name))];
    const lost: string[] = [];
    const endpoints: Endpoint[] = [];
    let shortest = LONGEST;
    const seen = new Set<string>();
    for (const { name, port } of ours) {
      if (seen.has(name)) continue;
      seen.add(name);
      const found = await addressesOf(name);
      if (found.length === 0) lost.push(name);
      else {
        shortest = Math.min(shortest, ...found.map(({ ttl }) => seconds(ttl)));
        const { startTls } = options.shared;
        const addresses = found.map(({ address }) => address).toSorted();
        // The SRV records of a domain name the port of plain LDAP; that of LDAPS is fixed.
        endpoints.push({ ...options.shared, host: name, port: startTls ? port : 636, addresses });
      }
    }
    if (endpoints.length === 0) throw new Error(nothing(names, foreign, lost));
    return { endpoints, foreign, lost, until: clock.now() + Math.max(SHORTEST, shortest) };
  }

  async function refresh(): Promise<void> {
    try {
      const fresh = await ask();
      trouble = undefined;
      const same = JSON.stringify(fresh.endpoints) === JSON.stringify(answer?.endpoints);
      answer = same && answer ? { ...fresh, endpoints: answer.endpoints } : fresh;
    } catch (error) {
      trouble = (error as Error).message;
      askAgain = clock.now() + RETRY;
    }
  }

  const now = () => {
    asking ??= refresh().finally(() => {
      asking = undefined;
    });
    return asking;
  };

  return {
    async endpoints() {
      if (!answer) await (clock.now() >= askAgain ? now() : asking);
      // Nobody waits for DNS while there is an answer, even an old one.
      else if (clock.now() >= answer.until && clock.now() >= askAgain) void now();
      if (!answer) throw dnsError(trouble ?? 'no answer');
      return answer.endpoints;
    },
    async check(): Promise<Finding[]> {
      await now();
      const what = `domain controllers of ${domain} by DNS`;
      const fix = dnsError('').fix;
      if (!answer) return [{ is: 'failed', what, cause: trouble ?? 'no answer', fix, key: 'domain' }];
      if (trouble !== undefined)
        return [{ is: 'warning', what, cause: `The last good answer is in use: ${trouble}`, fix, key: 'domain' }];
      const left = [
        ...answer.foreign.map((name) => `${name} lies outside of ${domain} and is not used.`),
        ...answer.lost.map((name) => `${name} has no address.`),
      ];
      if (left.length > 0)
        return [{ is: 'warning', what, cause: left.join(' '), fix: 'Correct the SRV records.', key: 'domain' }];
      return [{ is: 'ok', what, cause: answer.endpoints.map(({ host }) => host).join(', ') }];
    },
  };
}

const bare = (host: string): string => host.toLowerCase().replace(/\.$/, '');

const nothing = (names: string[], foreign: string[], lost: string[]): string => {
  if (foreign.length > 0) return `All names lie outside of the domain: ${foreign.join(', ')}`;
  if (lost.length > 0) return `No address for ${lost.join(', ')}`;
  return `No SRV record for ${names.join(' or ')}`;
};

const dnsError = (cause: string): ConnectError =>
  new ConnectError(
    'NO_SERVERS',
    `DNS names no domain controller: ${cause}`,
    'See to DNS, or set url in place of domain.',
    'domain',
  );
