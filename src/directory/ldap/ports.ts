/** What an LDAP directory is given beside its configuration. */
import type { Clock } from '../../kernel/clock.ts';
import type { DomainResolver } from './discovery.ts';

export interface LdapDirectoryPorts {
  /** The name of this directory in the configuration. */
  id: string;
  clock: Clock;
  /** Attributes that policy or methods look at, beside those of every account. */
  attributes?: readonly string[];
  /** Groups that policy names; looked for by `check()`. */
  ruleGroups?: readonly string[];
  /** Which DNS is asked for domain controllers; absent: the system's. */
  resolver?: DomainResolver;
}
