/**
 * Everybody in an LDAP directory: keys and times of change in pages (RFC 2696), one connection for as long as it takes; then
 * single accounts, as a sign-in would find them. Nothing is written, and nobody's rights are probed.
 */
import {
  AndFilter,
  type Entry,
  type Filter,
  FilterParser,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
} from 'ldapts';
import type { Account } from '../../kernel/account.ts';
import type { DirectoryWalk, Preflight } from '../directory.ts';
import type { LdapConfig } from './config.ts';
import type { LdapConnection } from './connection.ts';
import { text } from './entry.ts';
import { answered, causeOf } from './failure.ts';
import type { Lookup } from './lookup.ts';
import type { Sessions } from './sessions.ts';

export interface WalkOptions {
  config: Pick<LdapConfig, 'baseDn' | 'userFilter'>;
  sessions: Sessions;
  lookup: Pick<Lookup, 'load'>;
  keyAttribute: string;
  keyOf(entry: Entry): string | undefined;
  binary?: string[];
  /** Keys are UUIDs that the server can order: where its limit for all pages together is too low, they are asked for in parts. */
  ordered?: boolean;
  /** Moves with every change of an entry. */
  stampAttribute: string;
  /** What the entry says against a reset. */
  barrier(connection: LdapConnection, account: Account): Promise<Extract<Preflight, { is: 'blocked' }> | undefined>;
}

/** Below the limit that servers set for one answer. */
const PAGE = 500;
const DIGITS = Array.from('0123456789abcdef');
/** All digits of a UUID. Keys by time (RFC 9562 §5.1) of people who were loaded in one go are the same in all but a few of them. */
const DEEPEST = 32;
/** A server that gives no more than a few entries at all is not asked for ever. */
const MOST_PARTS = 100_000;

const uuid = (digits: string): string => digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export function createWalk(options: WalkOptions): DirectoryWalk {
  const { config, sessions, lookup, keyAttribute, stampAttribute } = options;
  const filter = FilterParser.parseString(config.userFilter);

  const listed = (entry: Entry) => {
    const key = options.keyOf(entry);
    return key === undefined ? [] : [{ key, stamp: text(entry, stampAttribute) ?? '' }];
  };

  /** Those whose key begins with these digits. */
  const part = (prefix: string): Filter =>
    prefix === ''
      ? filter
      : new AndFilter({
          filters: [
            filter,
            new GreaterThanEqualsFilter({ attribute: keyAttribute, value: uuid(prefix.padEnd(32, '0')) }),
            new LessThanEqualsFilter({ attribute: keyAttribute, value: uuid(prefix.padEnd(32, 'f')) }),
          ],
        });

  async function listPart(
    connection: LdapConnection,
    onPage: Parameters<DirectoryWalk['list']>[0],
    asked: { parts: number },
    prefix = '',
  ): Promise<void> {
    asked.parts += 1;
    const attributes = [keyAttribute, stampAttribute];
    const wanted = { filter: part(prefix), attributes, explicitBufferAttributes: options.binary ?? [] };
    const pages = connection.pages(config.baseDn, wanted, PAGE);
    for (;;) {
      // Only what the server says ends up here, never what becomes of a page.
      const next = await pages.next().catch((error: unknown) => {
        const smaller = options.ordered && prefix.length < DEEPEST && asked.parts < MOST_PARTS;
        if (smaller && answered(error, 4)) return undefined;
        throw error;
      });
      if (next === undefined) break;
      if (next.done) return;
      await onPage(next.value.flatMap(listed));
    }
    for (const digit of DIGITS) await listPart(connection, onPage, asked, prefix + digit);
  }

  return {
    list: (onPage) => sessions.read((connection) => listPart(connection, onPage, { parts: 0 })),
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
