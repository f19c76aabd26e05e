/**
 * From what a person typed, or from the directory's own key, to exactly one account. The typed text only ever becomes a
 * value of a filter (never filter syntax), and the directory's answer is compared once more by us.
 */
import { AndFilter, type Entry, EqualityFilter, type Filter, FilterParser, OrFilter } from 'ldapts';
import { type Account, accountId } from '../../kernel/account.ts';
import type { FindOutcome } from '../directory.ts';
import type { LdapConfig } from './config.ts';
import type { LdapConnection } from './connection.ts';
import { text, texts } from './entry.ts';
import { answered, causeOf } from './failure.ts';
import { identifierOf, sameName } from './names.ts';
import type { Sessions } from './sessions.ts';

export interface LookupOptions {
  directory: string;
  config: Pick<LdapConfig, 'baseDn' | 'userFilter' | 'attributes'>;
  sessions: Sessions;
  /** Attributes that hold usernames; the first one becomes `Account.username`. */
  usernames: string[];
  /** Attributes to keep with the account, by the name that the configuration uses. */
  more?: readonly string[] | undefined;
  keyAttribute: string;
  /** The key of an entry as we keep it; undefined when the entry has none. */
  keyOf(entry: Entry): string | undefined;
  /** The key as a filter value; undefined when it can't be a key of this directory. */
  keyValue(key: string): string | Buffer | undefined;
  /** Which attributes are binary. */
  binary?: string[];
  /** Attributes that are read along with an account, for `readAlong`. */
  along?: readonly string[];
  groupsOf(connection: LdapConnection, entry: Entry): Promise<string[]>;
}

export interface Lookup {
  find(identifier: string): Promise<FindOutcome>;
  load(key: string): Promise<FindOutcome>;
  /** By a DN, as `manager` holds it, or by a username. Only an entry under base and filter is somebody of ours. */
  resolve(reference: string): Promise<FindOutcome>;
  /** The entry now, by its key: a DN may have passed to somebody else. Undefined: gone, or outside base and filter. */
  locate(connection: LdapConnection, account: Account, attributes: string[]): Promise<Entry | undefined>;
  /** The entry that this very account was made of, with the attributes of `along`. Undefined: it was made of something else. */
  readAlong(account: Account): Entry | undefined;
}

const SOME = 5;

export function createLookup(options: LookupOptions): Lookup {
  const { config, sessions, usernames, keyAttribute } = options;
  const { attributes } = config;
  const userFilter = FilterParser.parseString(config.userFilter);
  const wanted = [keyAttribute, ...usernames, ...Object.values(attributes), 'memberOf', ...(options.more ?? [])];

  const madeOf = new WeakMap<Account, Entry>();

  const search = (connection: LdapConnection, filter: Filter, more: readonly string[] = options.along ?? []) =>
    connection.search(config.baseDn, {
      filter: new AndFilter({ filters: [userFilter, filter] }),
      attributes: [...new Set([...wanted, ...more])],
      explicitBufferAttributes: options.binary ?? [],
      sizeLimit: SOME,
    });

  async function accountOf(connection: LdapConnection, entry: Entry): Promise<Account | undefined> {
    const key = options.keyOf(entry);
    const username = text(entry, usernames[0] ?? attributes.username);
    if (key === undefined || username === undefined) return undefined;
    const account: Account = {
      id: accountId(options.directory, key),
      directory: options.directory,
      key,
      locator: entry.dn,
      username,
      displayName: text(entry, attributes.displayName) ?? username,
      givenName: text(entry, attributes.givenName),
      mail: texts(entry, attributes.mail),
      language: text(entry, attributes.language),
      groups: await options.groupsOf(connection, entry),
      attributes: Object.fromEntries((options.more ?? []).map((name) => [name, texts(entry, name)])),
    };
    madeOf.set(account, entry);
    return account;
  }

  async function outcome(connection: LdapConnection, entries: Entry[], what: string): Promise<FindOutcome> {
    const [entry] = entries;
    if (!entry) return { is: 'none' };
    if (entries.length > 1) return { is: 'none', cause: `More than one entry has this ${what}.` };
    const account = await accountOf(connection, entry);
    if (account) return { is: 'found', account };
    return { is: 'none', cause: `The entry lacks ${keyAttribute} or ${usernames[0]}, or they can't be read.` };
  }

  const keyFilter = (key: string): EqualityFilter | undefined => {
    const value = options.keyValue(key);
    return value === undefined ? undefined : new EqualityFilter({ attribute: keyAttribute, value });
  };

  const answering = async (
    work: (connection: LdapConnection) => Promise<FindOutcome>,
    about?: string,
  ): Promise<FindOutcome> => {
    try {
      return await sessions.read(work, about);
    } catch (error) {
      return { is: 'unavailable', cause: causeOf(error) };
    }
  };

  return {
    async find(typed) {
      const identifier = identifierOf(typed);
      if (identifier === undefined) return { is: 'none' };
      const searched = identifier.includes('@') ? [...usernames, attributes.mail] : usernames;
      const filters = searched.map((attribute) => new EqualityFilter({ attribute, value: identifier }));
      return answering(async (connection) => {
        const entries = await search(connection, new OrFilter({ filters }));
        const having = (names: string[]) =>
          entries.filter((entry) =>
            names.some((name) => texts(entry, name).some((value) => sameName(identifier, value))),
          );
        // A username wins: people may be able to write their own mail attribute, and must not hide somebody with it.
        const byUsername = having(usernames);
        if (byUsername.length > 0) return outcome(connection, byUsername, 'username');
        return outcome(connection, having(searched), 'mail address');
      });
    },
    async load(key) {
      const filter = keyFilter(key);
      if (!filter) return { is: 'none' };
      return answering(async (connection) => outcome(connection, await search(connection, filter), keyAttribute), key);
    },
    async resolve(reference) {
      if (!reference.includes('=')) return this.find(reference);
      return answering(async (connection) => {
        const found = await connection
          .search(reference, {
            scope: 'base',
            filter: userFilter,
            attributes: [keyAttribute],
            explicitBufferAttributes: options.binary ?? [],
          })
          .catch((error: unknown) => {
            // No such object, or no DN at all: the attribute points to nobody.
            if (answered(error, 32) || answered(error, 34)) return [];
            throw error;
          });
        const filter = found[0] && keyFilter(options.keyOf(found[0]) ?? '');
        return filter ? outcome(connection, await search(connection, filter), keyAttribute) : { is: 'none' };
      });
    },
    readAlong: (account) => madeOf.get(account),
    async locate(connection, account, more) {
      const filter = keyFilter(account.key);
      if (!filter) return undefined;
      try {
        return (await search(connection, filter, more))[0];
      } catch (error) {
        if (answered(error, 32)) return undefined;
        throw error;
      }
    },
  };
}
