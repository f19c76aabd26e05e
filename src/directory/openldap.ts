/**
 * OpenLDAP with the ppolicy overlay or without, and 389-DS: reset and change by the password modify extended operation (RFC 3062),
 * lockout and expiry as ppolicy keeps them. An account is always found by its entryUUID before it is written.
 */
import { PasswordPolicyControl } from 'ldapts';
import Type, { type Static } from 'typebox';
import type { Account } from '../kernel/account.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { Secret } from '../kernel/secret.ts';
import type { Directory } from './directory.ts';
import { ldapProperties } from './ldap/config.ts';
import type { LdapConnection } from './ldap/connection.ts';
import { isEmpty } from './ldap/empty-password.ts';
import { endpointsOf } from './ldap/endpoints.ts';
import { text } from './ldap/entry.ts';
import { failureOf } from './ldap/failure.ts';
import { createLookup } from './ldap/lookup.ts';
import { readMarker } from './ldap/marker.ts';
import type { LdapDirectoryPorts } from './ldap/ports.ts';
import { listed } from './ldap/server-source.ts';
import { createSessions } from './ldap/sessions.ts';
import { createWalk } from './ldap/walk.ts';
import { checkOpenldap } from './openldap/check.ts';
import { groupsOf } from './openldap/groups.ts';
import { shownPolicy } from './openldap/policy.ts';
import { createPreflight } from './openldap/preflight.ts';
import { bindRefusal, signedIn } from './openldap/refusal.ts';
import { roleOf } from './openldap/role.ts';
import { STATE_ATTRIBUTES } from './openldap/state.ts';
import { createWrites } from './openldap/writes.ts';

const configSchema = Type.Object(
  {
    ...ldapProperties({ userFilter: '(objectClass=person)', username: 'uid', displayName: 'cn' }),
    groupBaseDn: Type.Optional(Type.String({ description: 'Where groups are searched. Default: baseDn.' })),
    defaultPolicyDn: Type.Optional(
      Type.String({
        description:
          'DN of the default password policy, as in ppolicy_default (slapd does not tell it); on 389-DS cn=config. ' +
          'Absent: no ppolicy.',
      }),
    ),
    passwordRight: Type.Union([Type.Literal('write'), Type.Literal('manage')], {
      default: 'write',
      description:
        'The right of the service account on userPassword. With "write" ppolicy also binds resets (length, history, ' +
        'minimum age); with "manage" OpenLDAP checks nothing, and Sparekey keeps the history itself.',
    }),
  },
  { additionalProperties: false },
);

export type OpenldapConfig = Static<typeof configSchema>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const openldap = definePlugin({
  id: 'openldap',
  summary: 'OpenLDAP, with or without the ppolicy overlay; 389-DS.',
  configSchema,
  open: (config: OpenldapConfig, ports: LdapDirectoryPorts): Directory => {
    const endpoints = endpointsOf(config);
    const sessions = createSessions({
      ...config,
      source: listed(endpoints),
      bindPassword: new Secret(config.bindPassword),
      clock: ports.clock,
      // With one server there is nothing to choose, whatever it is.
      ...(endpoints.length > 1 ? { greet: (connection: LdapConnection) => roleOf(connection, config.baseDn) } : {}),
    });
    const groupBase = config.groupBaseDn ?? config.baseDn;
    const lookup = createLookup({
      directory: ports.id,
      more: ports.attributes,
      config,
      sessions,
      usernames: [config.attributes.username],
      keyAttribute: 'entryUUID',
      keyOf: (entry) => text(entry, 'entryUUID'),
      keyValue: (key) => (UUID.test(key) ? key : undefined),
      along: STATE_ATTRIBUTES,
      groupsOf: (connection, entry) => groupsOf(connection, entry, groupBase, config.attributes.username),
    });
    const preflight = createPreflight({ config, lookup, clock: ports.clock, groupBase });
    const writes = createWrites({ sessions, lookup, preflight });

    async function markerOf(connection: LdapConnection, account: Account): Promise<string | undefined> {
      // entryCSN moves with every failed sign-in too, so it only stands in where no policy keeps a time of the password.
      const attributes = ['pwdChangedTime', 'pwdUpdateTime', 'entryCSN'];
      const entry = await lookup.locate(connection, account, [...attributes, 'pwdPolicySubentry']);
      if (!entry) return undefined;
      const told = attributes.map((name) => text(entry, name)).find((value) => value !== undefined);
      if (told !== undefined) return told;
      const policy = await preflight.readPolicy(connection, entry);
      return policy?.tracksUpdates ? 'not written since pwdUpdateTime is kept' : undefined;
    }

    const directory: Directory = {
      id: ports.id,
      can: {
        resetHistory: config.passwordRight === 'write' && config.defaultPolicyDn !== undefined,
        unlock: config.defaultPolicyDn !== undefined,
        mustChange: config.defaultPolicyDn !== undefined,
      },
      find: lookup.find,
      load: lookup.load,
      resolve: (reference) => lookup.resolve(reference),
      async readPolicy(account, asking) {
        try {
          return shownPolicy(
            await sessions.read((connection) => preflight.policyFor(connection, account, asking), account?.key),
          );
        } catch (error) {
          failureOf(error);
          return shownPolicy(undefined);
        }
      },
      async preflight(account, asking) {
        try {
          return await sessions.read((connection) => preflight.run(connection, account, asking), account.key);
        } catch (error) {
          return { is: 'unavailable', cause: failureOf(error).cause };
        }
      },
      writePassword: (account, password, options) => writes.password(account, password, options?.old),
      unlock: writes.unlock,
      requireChange: writes.requireChange,
      async verifyPassword(account, password) {
        if (isEmpty(password)) return { is: 'wrong' };
        // A new one per request: the answer is parsed into it.
        const control = new PasswordPolicyControl();
        try {
          const work = async (connection: LdapConnection) => {
            const outcome = signedIn(control.value);
            // slapd lets such a connection do nothing but set a password, and some of that outlasts the next bind.
            if (outcome.is !== 'correct') connection.retire();
            return outcome;
          };
          return await sessions.asPerson(account.locator, password, control, work, account.key);
        } catch (error) {
          return bindRefusal(failureOf(error), control.value);
        }
      },
      passwordMarker: (account, before) =>
        readMarker(sessions, account.key, before, (connection) => markerOf(connection, account)),
      walk: createWalk({
        config,
        sessions,
        lookup,
        keyAttribute: 'entryUUID',
        keyOf: (entry) => text(entry, 'entryUUID'),
        ordered: true,
        stampAttribute: 'modifyTimestamp',
        async barrier(connection, account) {
          const entry = await lookup.locate(connection, account, STATE_ATTRIBUTES);
          return entry && preflight.barrier(connection, entry, await preflight.readPolicy(connection, entry));
        },
      }),
      check: () => checkOpenldap({ config, sessions, directory, preflight, ...ports }),
      close: sessions.close,
    };
    return directory;
  },
});
