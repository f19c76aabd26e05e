/**
 * Whether two mail domains end at the same servers: a mailbox at an alias domain of the organisation is the mailbox behind
 * the forgotten password all the same. Asks DNS for MX only; whatever DNS does not tell counts as "no".
 */
import { Resolver } from 'node:dns/promises';

export type MxResolver = Pick<Resolver, 'resolveMx'>;

/** Somebody waits for the answer. */
export const systemResolver = (): MxResolver => new Resolver({ timeout: 2_000, tries: 2 });

const bare = (host: string): string => host.toLowerCase().replace(/\.$/, '');

/** @returns a function that says whether mail for `domain` is delivered to a server that one of `others` is delivered to, too. */
export function createMailServers(resolver: MxResolver) {
  /** A null MX (RFC 7505) names no server. */
  const hostsOf = async (domain: string): Promise<string[]> => {
    const found = await resolver.resolveMx(domain).catch(() => []);
    return found.map(({ exchange }) => bare(exchange)).filter((host) => host !== '');
  };
  return async (domain: string, others: readonly string[]): Promise<boolean> => {
    if (others.length === 0) return false;
    const [own, theirs] = await Promise.all([hostsOf(domain), Promise.all(others.map(hostsOf))]);
    return theirs.flat().some((host) => own.includes(host));
  };
}
