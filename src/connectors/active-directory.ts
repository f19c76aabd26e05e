/** A second Active Directory domain, on Windows or Samba. Outcomes and protection are those of the directory plug-in. */
import Type from 'typebox';
import { activeDirectory as main } from '../directory/active-directory.ts';
import { definePlugin } from '../kernel/plugin.ts';
import type { ConnectorPorts } from './connector.ts';
import { secondDirectory } from './second-directory.ts';

// The canary of a system is a key that every section has.
const configSchema = Type.Omit(main.configSchema, ['canary'], { additionalProperties: false });

export const activeDirectory = definePlugin({
  id: 'active-directory',
  summary:
    'A second Active Directory domain. The link is compared with sAMAccountName, userPrincipalName or a mail address.',
  configSchema,
  open: async (config: Type.Static<typeof configSchema>, { id, clock }: ConnectorPorts) =>
    secondDirectory(await main.open(config, { id, clock }), clock),
});
