/** The systems that Sparekey can bring a new password to. A new one is one file and one line here. */
import { activeDirectory } from './active-directory.ts';
import { command } from './command.ts';
import { entra } from './entra.ts';
import { google } from './google.ts';
import { kerberos } from './kerberos.ts';
import { keycloak } from './keycloak.ts';
import { ldap } from './ldap.ts';
import { mariadb } from './mariadb.ts';
import { okta } from './okta.ts';
import { postgresql } from './postgresql.ts';
import { scim } from './scim.ts';
import { webhook } from './webhook.ts';

export const connectors = [
  ldap,
  activeDirectory,
  postgresql,
  mariadb,
  kerberos,
  command,
  scim,
  entra,
  google,
  keycloak,
  okta,
  webhook,
] as const;
