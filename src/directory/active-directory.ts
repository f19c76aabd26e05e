/**
 * Active Directory, on Windows or Samba: reset and change through unicodePwd, lockout and expiry as the domain keeps them.
 * An account is always found by its objectGUID before it is written.
 */
import type { Entry } from 'ldapts';
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
import { markerOf, stateOf } from './active-directory/state.ts';
import { createWrites } from './active-directory/writes.ts';
import type { Directory } from './directory.ts';
import { ldapProperties } from './ldap/config.ts';
import type { LdapConnection } from './ldap/connection.ts';
import { createDiscovery, systemResolver } from './ldap/discovery.ts';
import { isEmpty } from './ldap/empty-password.ts';
import { endpointsOf, sharedOf } from './ldap/endpoints.ts';
import { buffers } from './ldap/entry.ts';
import { ConnectError, failureOf } from './ldap/failure.ts';
import { createLookup } from './ldap/lookup.ts';
import { readMarker } from './ldap/marker.ts';
import type { LdapDirectoryPorts } from './ldap/ports.ts';
import { listed, type ServerSource } from './ldap/server-source.ts';
import { createSessions } from './ldap/sessions.ts';
import { createWalk } from './ldap/walk.ts';

const { url, ...shared } = ldapProperties({
  userFilter: '(&(objectCategory=person)(objectClass=user))',
  username: 'sAMAccountName',
  displayName: 'displayName',
});

const configSchema = Type.Object(
  {
    url: Type.Optional(url),
    domain: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$',
        description:
          'DNS name of the domain, in place of url: its domain controllers are found by DNS (SRV records). LDAPS on port ' +
          '636, or with startTls: true the ports that DNS names. Each certificate must be for the name of its controller.',
      }),
    ),
    site: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,63}$',
        description: 'Active Directory site whose domain controllers are preferred. Only with domain.',
      }),
    ),
    ...shared,
  },
  { additionalProperties: false },
);

export type ActiveDirectoryConfig = Static<typeof configSchema>;

/** @throws ConnectError when the configuration names no server, or two ways to find them. */
function sourceOf(config: ActiveDirectoryConfig, { clock, resolver }: LdapDirectoryPorts): ServerSource {
  const { url, domain, site, bindDn } = config;
  if ((url === undefined) === (domain === undefined)) {
    const cause = url === undefined ? 'Neither url nor domain is given.' : 'Both url and domain are given.';
    throw new ConnectError('BAD_URL', cause, 'Give url or domain, and not both.', 'url');
  }
  if (url !== undefined) return listed(endpointsOf({ ...config, url }));
  const seed = `${domain}\0${bindDn}`;
  return createDiscovery({
    domain: domain ?? '',
    site,
    seed,
    shared: sharedOf(config),
    resolver: resolver ?? systemResolver(),
    clock,
  });
}

export const activeDirectory = definePlugin({
  id: 'active-directory',
  summary: 'Active Directory on Windows or Samba.',
  configSchema,
  open: (config: ActiveDirectoryConfig, ports: LdapDirectoryPorts): Directory => {
    let root: RootDse | undefined;
    const roots = new WeakMap<LdapConnection, RootDse>();
    /** Read once a connection: two of them may end at two controllers. */
    const rootOf = async (connection: LdapConnection): Promise<RootDse> => {
      root = roots.get(connection) ?? (await readRoot(connection));
      roots.set(connection, root);
      return root;
    };
    const sessions = createSessions({
      ...config,
      source: sourceOf(config, ports),
      bindPassword: new Secret(config.bindPassword),
      clock: ports.clock,
      greet: async (connection) => {
        const { readOnly, dnsHostName, currentTime } = await rootOf(connection);
        return { takesWrites: !readOnly, now: currentTime, ...(dnsHostName ? { name: dnsHostName } : {}) };
      },
    });
    const keyOf = (entry: Entry) => {
      const [bytes] = buffers(entry, 'objectGUID');
      return bytes && guidText(bytes);
    };
    const lookup = createLookup({
      directory: ports.id,
      more: ports.attributes,
      config,
      sessions,
      usernames: [...new Set([config.attributes.username, 'userPrincipalName'])],
      keyAttribute: 'objectGUID',
      keyOf,
      keyValue: guidBytes,
      binary: ['objectGUID'],
      groupsOf: async (connection, entry) => groupsOf(connection, entry, (await rootOf(connection)).domainDn),
    });
    const preflight = createPreflight({ config, lookup, clock: ports.clock });
    const writes = createWrites({ sessions, preflight, rootOf });

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
          }, account?.key);
        } catch (error) {
          failureOf(error);
          return UNREADABLE;
        }
      },
      async preflight(account) {
        try {
          return await sessions.read(
            async (connection) => preflight.run(connection, await rootOf(connection), account),
            account.key,
          );
        } catch (error) {
          return { is: 'unavailable', cause: failureOf(error).cause };
        }
      },
      writePassword: (account, password, options) => writes.password(account, password, options?.old),
      unlock: writes.unlock,
      requireChange: writes.requireChange,
      async verifyPassword(account, password) {
        if (isEmpty(password)) return { is: 'wrong' };
        try {
          return await sessions.asPerson(
            account.locator,
            password,
            undefined,
            async () => ({ is: 'correct' }) as const,
            account.key,
          );
        } catch (error) {
          return bindRefusal(failureOf(error));
        }
      },
      passwordMarker: (account, before) =>
        readMarker(sessions, account.key, before, async (connection) => {
          const entry = await preflight.locate(connection, account);
          return entry && markerOf(entry);
        }),
      walk: createWalk({
        config,
        sessions,
        lookup,
        keyAttribute: 'objectGUID',
        keyOf,
        binary: ['objectGUID'],
        stampAttribute: 'uSNChanged',
        async barrier(connection, account) {
          const entry = await preflight.locate(connection, account);
          return entry && preflight.barrier(connection, await rootOf(connection), entry, stateOf(entry));
        },
      }),
      check: () => checkActiveDirectory({ config, sessions, directory, preflight, ...ports }),
      close: sessions.close,
    };
    return directory;
  },
});
