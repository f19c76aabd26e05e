/** A connected system as the configuration names it, opened. */
import type { Connector, Person } from '../connectors/connector.ts';
import type { Account } from '../kernel/account.ts';
import { linkOf } from '../kernel/account-link.ts';

export interface ConnectedSystem {
  id: string;
  /** What people call it: `Library`. */
  label: string;
  /** Whose accounts it has. */
  appliesTo(account: Pick<Account, 'groups' | 'attributes'>): boolean;
  /** Template, see kernel/account-link.ts. */
  account: string;
  /** Ids of systems that must have taken the password before. */
  after: readonly string[];
  /** Attempts at a time on one node. */
  concurrency: number;
  /** Link of a test account, whose password `connectors check` changes. */
  canary: string | undefined;
  connector: Connector;
}

/** Undefined: this person has no account there. */
export function personOf(system: ConnectedSystem, account: Account): Person | undefined {
  const link = system.appliesTo(account) ? linkOf(system.account, account) : undefined;
  const { username, displayName, mail } = account;
  return link === undefined ? undefined : { link, username, displayName, mail: mail[0] };
}
