/** What the built-in directory asks of storage, and the strict form in which names are compared. */

/** One account as the store keeps it. Times are ms since 1970 (UTC). */
export interface BuiltinAccount {
  id: string;
  username: string;
  mail: string | undefined;
  displayName: string;
  givenName: string | undefined;
  language: string | undefined;
  groups: string[];
  /** argon2id in PHC form; anything else (an account without a password yet) never matches. */
  passwordHash: string;
  passwordChangedAt: number;
  mustChange: boolean;
  disabled: boolean;
  cannotChange: boolean;
  expiresAt: number | undefined;
  lockedUntil: number | undefined;
  failedBinds: number;
  /** Further attributes, for policy and facts. */
  attributes?: Readonly<Record<string, readonly string[]>>;
}

/** compose.ts fills it with the functions of the same names in storage/repositories/builtin-accounts.ts. */
export interface BuiltinStore {
  findById(id: string): Promise<BuiltinAccount | undefined>;
  /** May compare more loosely than `foldIdentifier`: the directory looks again. Usernames are unique. */
  findByUsername(username: string): Promise<BuiltinAccount | undefined>;
  /** As `findByUsername`. A store that lets people share an address says so. */
  findByMail(mail: string): Promise<BuiltinAccount | 'several' | undefined>;
  /** Only while the hash is still `replaces`. False: it was not, and nothing changed. A lock stays. */
  setPassword(
    id: string,
    password: { hash: string; at: number; mustChange: boolean; replaces: string },
  ): Promise<boolean>;
  /** One statement: counts one more, and from `threshold` on sets the lock. */
  recordFailedBind(
    id: string,
    limit: { threshold: number; lockUntil: number },
  ): Promise<{ failedBinds: number } | undefined>;
  /** Everybody, in the order of ids, from behind `after` on; empty at the end. */
  page?(after: string): Promise<BuiltinAccount[]>;
  /** Clears lock and failures. */
  unlock(id: string): Promise<unknown>;
}

/**
 * Lower case and NFC. A character whose lower case would be an ASCII letter (Kelvin sign, dotted capital I) stays as it
 * is, so that a look-alike never finds somebody else's entry (A5).
 */
export const foldIdentifier = (text: string): string =>
  Array.from(text, (char) => {
    const lower = char.toLowerCase();
    return char > '\x7f' && /[\0-\x7f]/.test(lower) ? char : lower;
  })
    .join('')
    .normalize('NFC');
