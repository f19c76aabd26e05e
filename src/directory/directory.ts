/**
 * What Sparekey asks of a directory. Implementations: built-in, OpenLDAP, Active Directory / Samba AD.
 * Outcomes are data; a directory throws only for bugs. "The server is down" is an answer too: `unknown` or `unavailable`.
 */
import type { Account } from '../kernel/account.ts';
import type { Resource } from '../kernel/plugin.ts';
import type { Secret } from '../kernel/secret.ts';

/** What this directory, as it is set up, can do. */
export interface DirectoryAbilities {
  /** Refuses a reused password on reset by itself (ppolicy with `write`, AD with the policy-hints control). Else we keep a history. */
  resetHistory: boolean;
  unlock: boolean;
  mustChange: boolean;
}

/** Rules that the directory itself enforces. `undefined`: none, or not readable for us. */
export interface DirectoryPasswordPolicy {
  minLength: number | undefined;
  maxLength: number | undefined;
  /** How many earlier passwords it remembers. */
  history: number | undefined;
  /** Windows complexity: three of five character classes, no account name. */
  complexity: boolean;
  /** ms */
  minAge: number | undefined;
  /** ms */
  maxAge: number | undefined;
  /** Failed binds before the directory locks the account. */
  lockoutThreshold: number | undefined;
  /** ms after which a lock opens by itself; 0: somebody must open it. Absent: not told. */
  lockoutDuration?: number;
  /** Whose rules these are. Absent: unknown, then nothing was readable. */
  source?: 'domain' | 'fine-grained' | 'ppolicy' | '389-ds';
  /** The policy as an administrator knows it (DN). For check and log, never shown to people. */
  name?: string;
  /** What the lengths count; absent: characters. */
  lengthIn?: 'utf16' | 'bytes';
  /** Counts of ASCII characters, as 389-DS has them. */
  minDigits?: number;
  minUppers?: number;
  minLowers?: number;
  minLetters?: number;
  minSpecials?: number;
  /** Kinds of characters out of five. */
  minCategories?: number;
  /** Longest run of one character. */
  maxRepeats?: number;
  /** With `complexity`: names of this account that must not be inside a password. */
  names?: { accountName: string; displayName: string | undefined };
  /** It checks more than it tells (a module, a dictionary), or a policy applies that we may not read. */
  furtherChecks?: boolean;
}

/** Why a reset can't succeed, found out before the person goes through the gates. */
export type PreflightBlock =
  | 'disabled'
  | 'account-expired'
  /** Privileged or marked as not to be reset from here (adminCount, configured groups, other OU). */
  | 'protected'
  | 'cannot-change-password'
  /** Changed too recently; the directory would refuse. */
  | 'minimum-age'
  /** Locked by an administrator, for good. */
  | 'admin-locked'
  /** Our service account lacks a right on this entry. */
  | 'missing-right';

export type Preflight =
  | { is: 'ready'; locked: boolean; mustChange: boolean; expired: boolean }
  /** `cause` names the exact attribute, right or rule, for log and audit. `until`: ms, when waiting helps. */
  | { is: 'blocked'; why: PreflightBlock; cause: string; until?: number }
  | { is: 'unavailable'; cause: string };

/** A rule that a directory named when it refused a password. */
export type RefusedRule =
  | 'too-short'
  | 'too-long'
  | 'complexity'
  | 'history'
  | 'too-young'
  | 'unchanged'
  | 'quality'
  | 'min-digits'
  | 'min-uppers'
  | 'min-lowers'
  | 'min-letters'
  | 'min-specials'
  | 'min-categories'
  | 'max-repeats'
  /** In its dictionary of common passwords. */
  | 'common'
  /** Made of the names or attributes of the account. */
  | 'personal';

/** `hint`, where given: for the operator, what to look at in the directory. Logged with the outcome, never shown to people. */
export type WriteOutcome =
  /** `warning`: the password is in force, but something beside it could not be done (unlock, must-change flag), and why. */
  | { is: 'applied'; warning?: string }
  /** The directory said no and nothing changed. */
  | { is: 'refused'; rules: RefusedRule[]; cause: string; hint?: string }
  /** Only for a change: the old password is not right. */
  | { is: 'wrong-password' }
  /** Something other than the password stands in the way (right, protected, read-only server); nothing changed. */
  | { is: 'failed'; cause: string; hint?: string }
  /** The directory could not be reached, or is too busy; nothing was sent and nothing changed. Worth trying again. */
  | { is: 'unavailable'; cause: string }
  /** No answer, or one that can't be read: the password may or may not be in force. */
  | { is: 'unknown'; cause: string };

export type SignInOutcome =
  | { is: 'correct' }
  /** The password is right, but the directory wants a new one first. */
  | { is: 'correct-but'; why: 'expired' | 'must-change' }
  | { is: 'wrong' }
  /** The directory refuses whatever the password is (it may not say whether it was right). */
  | { is: 'refused'; why: 'locked' | 'disabled' | 'account-expired' | 'other'; cause: string; hint?: string }
  | { is: 'unavailable'; cause: string };

export type FindOutcome =
  | { is: 'found'; account: Account }
  /** Nobody, or more than one entry: the latter is told in `cause`. */
  | { is: 'none'; cause?: string }
  | { is: 'unavailable'; cause: string };

/** An entry as a list of all tells it. */
export interface ListedEntry {
  key: string;
  /** Changes when the entry does. */
  stamp: string;
}

export type Walked =
  /** `blocked`: what the entry says against a reset; our own right on it is not asked for. */
  | { is: 'found'; account: Account; blocked?: { why: PreflightBlock; cause: string } }
  | { is: 'none' }
  | { is: 'unavailable'; cause: string };

/** For figures over everybody. */
export interface DirectoryWalk {
  /** Page after page, in no particular order; one page may come twice. @throws when the directory breaks off. */
  list(onPage: (entries: readonly ListedEntry[]) => Promise<void>): Promise<void>;
  read(key: string): Promise<Walked>;
}

export interface WriteOptions {
  /** Given: a *change* with proof of the old password. Absent: a *reset* by the service account. */
  old?: Secret;
}

export interface Asking {
  /**
   * The account was read in this very request: what was read along with it may answer, and a policy that is a few seconds old. Only
   * for what is shown or judged beforehand; a write reads anew.
   */
  justRead?: boolean;
}

export interface Directory extends Resource {
  readonly id: string;
  readonly can: DirectoryAbilities;
  /** By username, or by mail address when it names exactly one account. The identifier is plain text from a person. */
  find(identifier: string): Promise<FindOutcome>;
  /** By the directory's unchangeable key. */
  load(key: string): Promise<FindOutcome>;
  /** By what an attribute that points to somebody holds (`manager`): a DN for LDAP, a username. */
  resolve(reference: string): Promise<FindOutcome>;
  readPolicy(account?: Account, asking?: Asking): Promise<DirectoryPasswordPolicy>;
  preflight(account: Account, asking?: Asking): Promise<Preflight>;
  /**
   * Sets the password (and, on a reset, unlocks as a write of its own and leaves no must-change flag behind).
   * The password arrives in NFC, one to 128 code points.
   */
  writePassword(account: Account, password: Secret, options?: WriteOptions): Promise<WriteOutcome>;
  unlock(account: Account): Promise<WriteOutcome>;
  /** The password stays in force for one sign-in, at which the directory asks for a new one. Only where `can.mustChange`. */
  requireChange(account: Account): Promise<WriteOutcome>;
  /** A real bind. An empty password is refused before it leaves (RFC 4513 §5.1.2). */
  verifyPassword(account: Account, password: Secret): Promise<SignInOutcome>;
  /**
   * A value that is different after every password write (pwdLastSet, pwdChangedTime …), read on the server that takes our
   * writes; what follows for this account, a write or a sign-in, goes to that server or nowhere. `before`: one from before a write, to find
   * out what became of it: read where that one was read, whichever server or node that was.
   * `undefined` when the directory, or the server of `before`, can't be asked now.
   */
  passwordMarker(account: Account, before?: string): Promise<string | undefined>;
  /** Absent: it can't list everybody. */
  readonly walk?: DirectoryWalk;
}
