/** What an LDAP directory is given beside its configuration. */
import type { Clock } from '../../kernel/clock.ts';

export interface LdapDirectoryPorts {
  /** The name of this directory in the configuration. */
  id: string;
  clock: Clock;
}
