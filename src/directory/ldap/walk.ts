/**
 * Everybody in an LDAP directory: keys and times of change in pages (RFC 2696), one connection for as long as it takes; then
 * single accounts, as a sign-in would find them. Nothing is written, and nobody's rights are probed.
 */
import { type Entry, FilterParser } from 'ldapts';
import type { Account } from '../../kernel/account.ts';
import type { DirectoryWalk, Preflight } from '../directory.ts';
import type { LdapConfig } from './config.ts';
import type { LdapConnection } from './connection.ts';
import { text } from './entry.ts';
import { causeOf } from './failure.ts';
import type { Lookup } from './lookup.ts';
import type { Sessions } from './sessions.ts';

export interface WalkOptions {
  config: Pick<LdapConfig, 'baseDn' | 'userFilter'>;
  sessions: Sessions;
  lookup: Pick<Lookup, 'load'>;
  keyAttribute: string;
  keyOf(entry: Entry): string | undefined;
  binary?: string[];
  /** Moves with every change of an entry. */
  stampAttribute: string;
  /** What the entry says against a reset. */
  barrier(connection: LdapConnection, account: Account): Promise<Extract<Preflight, { is: 'blocked' }> | undefined>;
}

/** Below the limit that servers set for one answer. */
const PAGE = 500;

export function createWalk(options: WalkOptions): DirectoryWalk {
  const { config, sessions, lookup, keyAttribute, stampAttribute } = options;
  const filter = FilterParser.parseString(config.userFilter);

  const listed = (entry: Entry) => {
    const key = options.keyOf(entry);
    return key === undefined ? [] : [{ key, stamp: text(entry, stampAttribute) ?? '' }];
  };

  return {
    list: (onPage) =>
      sessions.read(async (connection) => {
        const attributes = [keyAttribute, stampAttribute];
        const wanted = { filter, attributes, explicitBufferAttributes: options.binary ?? [] };
        for await (const entries of connection.pages(config.baseDn, wanted, PAGE))
          await onPage(entries.flatMap(listed));
      }),
    async read(key) {
      const found = await lookup.load(key);
      if (found.is !== 'found') return found.is === 'none' ? { is: 'none' } : found;
      const { account } = found;
      try {
        const blocked = await sessions.read((connection) => options.barrier(connection, account), key);
        return { is: 'found', account, ...(blocked ? { blocked: { why: blocked.why, cause: blocked.cause } } : {}) };
      } catch (error) {
        return { is: 'unavailable', cause: causeOf(error) };
      }
    },
  };
}
