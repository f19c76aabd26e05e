/** The words for a person's entry in a directory and for what we keep beside it. */
import { createHash } from 'node:crypto';
import type { JsonObject } from './json.ts';

/** An account is a directory entry. Attribute values are as the directory spells them. */
export interface Account {
  /** Ours: derived from `directory` and `key`, so it needs no row and survives renames. */
  id: string;
  /** Which configured directory holds it. */
  directory: string;
  /** The directory's own unchangeable key: entryUUID, objectGUID, built-in id. */
  key: string;
  /** Where the directory finds it now (a DN for LDAP). Never shown. */
  locator: string;
  username: string;
  displayName: string;
  givenName: string | undefined;
  /** Addresses that the directory lists. Not confirmed, so never used for recovery by themselves. */
  mail: string[];
  /** BCP 47, when the directory knows it. */
  language: string | undefined;
  /** Groups as the directory spells them (DNs or names), nested ones included where it can tell. */
  groups: string[];
  /** Further attributes that methods or policy ask for, by the name that the configuration uses. */
  attributes: Readonly<Record<string, readonly string[]>>;
}

export const accountId = (directory: string, key: string): string =>
  createHash('sha256').update(`${directory}\0${key}`).digest('base64url').slice(0, 22);

/** NIST's word for something a person proves themself with; one row each. */
export interface Authenticator {
  id: string;
  accountId: string;
  /** Id of the verification method: `email`, `totp`, `recovery-code` … */
  method: string;
  /** The person's own name for it. */
  label: string;
  /** What only the method needs (address, seed, hashes). Sealed at rest, never shown. */
  data: JsonObject;
  /** HMAC of what must be found again without knowing the account (address, number, credential id). */
  lookup?: string | undefined;
  /** Counts up at every write: two parallel uses of one code can't both commit. */
  version: number;
  createdAt: number;
  lastUsedAt: number | undefined;
  /** An address that was added later opens nothing before this instant; the first ones of a person have none. */
  settlesAt?: number | undefined;
  /** From this instant on it opens nothing and is swept away (a helper's pass). */
  expiresAt?: number | undefined;
  /** Set after too many failures (N-24): it must be bound again. */
  disabledAt: number | undefined;
}
