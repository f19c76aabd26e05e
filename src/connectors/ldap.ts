/** A second LDAP directory: OpenLDAP, with or without ppolicy, or 389-DS. Outcomes and protection are those of the directory plug-in. */
import Type from 'typebox';
import { openldap } from '../directory/openldap.ts';
import { definePlugin } from '../kernel/plugin.ts';
import type { ConnectorPorts } from './connector.ts';
import { secondDirectory } from './second-directory.ts';

// The canary of a system is a key that every section has.
const configSchema = Type.Omit(openldap.configSchema, ['canary'], { additionalProperties: false });

export const ldap = definePlugin({
  id: 'ldap',
  summary:
    'A second LDAP directory: OpenLDAP or 389-DS. The link is compared with attributes.username, or a mail address.',
  configSchema,
  open: async (config: Type.Static<typeof configSchema>, { id, clock }: ConnectorPorts) =>
    secondDirectory(await openldap.open(config, { id, clock }), clock),
});
