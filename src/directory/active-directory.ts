/**
 * Active Directory, on Windows or Samba: reset and change through unicodePwd, lockout and expiry as the domain keeps them.
 * An account is always found by its objectGUID before it is written.
 */
import Type, { type Static } from 'typebox';
import { definePlugin } from '../kernel/plugin.ts';
import { Secret } from '../kernel/secret.ts';
import { checkActiveDirectory } from './active-directory/check.ts';
import { groupsOf } from './active-directory/groups.ts';
import { guidBytes, guidText } from './active-directory/identifiers.ts';
import { readPolicy, UNREADABLE } from './active-directory/policy.ts';
import { createPreflight } from './active-directory/preflight.ts';
import { bindRefusal } from './active-directory/refusal.ts';
import { type RootDse, readRoot } from './active-directory/root.ts';
import { markerOf } from './active-directory/state.ts';
import { createWrites } from './active-directory/writes.ts';
import type { Directory } from './directory.ts';
import { ldapProperties } from './ldap/config.ts';
import type { LdapConnection } from './ldap/connection.ts';
import { isEmpty } from './ldap/empty-password.ts';
import { buffers } from './ldap/entry.ts';
import { failureOf } from './ldap/failure.ts';
import { createLookup } from './ldap/lookup.ts';
import type { LdapDirectoryPorts } from './ldap/ports.ts';
import { createSessions } from './ldap/sessions.ts';
import { endpointOf } from './ldap/transport.ts';

const configSchema = Type.Object(
  ldapProperties({
    userFilter: '(&(objectCategory=person)(objectClass=user))',
    username: 'sAMAccountName',
    displayName: 'displayName',
  }),
  { additionalProperties: false },
);

export type ActiveDirectoryConfig = Static<typeof configSchema>;

export const activeDirectory = definePlugin({
  id: 'active-directory',
  summary: 'Active Directory on Windows or Samba.',
  configSchema,
  open: (config: ActiveDirectoryConfig, ports: LdapDirectoryPorts): Directory => {
    const sessions = createSessions({
      ...config,
      endpoint: endpointOf(config),
      bindPassword: new Secret(config.bindPassword),
    });
    let root: RootDse | undefined;
    const seen = (read: RootDse) => {
      root = read;
    };
    const rootOf = async (connection: LdapConnection): Promise<RootDse> => {
      root ??= await readRoot(connection);
      return root;
    };
    const lookup = createLookup({
      directory: ports.id,
      more: ports.attributes,
      config,
      sessions,
      usernames: [...new Set([config.attributes.username, 'userPrincipalName'])],
      keyAttribute: 'objectGUID',
      keyOf: (entry) => {
        const [bytes] = buffers(entry, 'objectGUID');
        return bytes && guidText(bytes);
      },
      keyValue: guidBytes,
      binary: ['objectGUID'],
      groupsOf: async (connection, entry) => groupsOf(connection, entry, (await rootOf(connection)).domainDn),
    });
    const preflight = createPreflight({ config, lookup, clock: ports.clock });
    const writes = createWrites({ sessions, preflight, seen });

    const directory: Directory = {
      id: ports.id,
      get can() {
        // Until the server was asked, we keep the history ourselves.
        return { resetHistory: root?.policyHints() !== undefined, unlock: true, mustChange: true };
      },
      // People write DOMAIN\name; the domain is the one we are connected to.
      find: (identifier) => lookup.find(identifier.replace(/^[^\\@]{1,64}\\(?=[^\\]+$)/, '')),
      load: lookup.load,
      resolve: (reference) => lookup.resolve(reference),
      async readPolicy(account) {
        try {
          return await sessions.read(async (connection) => {
            const entry = account && (await preflight.locate(connection, account));
            return readPolicy(connection, (await rootOf(connection)).domainDn, entry);
          });
        } catch (error) {
          failureOf(error);
          return UNREADABLE;
        }
      },
      async preflight(account) {
        try {
          return await sessions.read(async (connection) =>
            preflight.run(connection, await rootOf(connection), account),
          );
        } catch (error) {
          return { is: 'unavailable', cause: failureOf(error).cause };
        }
      },
      writePassword: (account, password, options) => writes.password(account, password, options?.old),
      unlock: writes.unlock,
      async verifyPassword(account, password) {
        if (isEmpty(password)) return { is: 'wrong' };
        try {
          return await sessions.asPerson(
            account.locator,
            password,
            undefined,
            async () => ({ is: 'correct' }) as const,
          );
        } catch (error) {
          return bindRefusal(failureOf(error));
        }
      },
      async passwordMarker(account) {
        try {
          const entry = await sessions.read((connection) => preflight.locate(connection, account));
          return entry && markerOf(entry);
        } catch (error) {
          failureOf(error);
          return undefined;
        }
      },
      check: () => checkActiveDirectory({ config, sessions, directory, preflight, ...ports }),
      close: sessions.close,
    };
    return directory;
  },
});
