/**
 * The part of Keycloak's admin REST API that sets passwords, as its sources answer: tokens by client credentials, roles of
 * realm-management, password policy, brute force detection, required actions, read-only accounts of a federation.
 */
import type CredentialRepresentation from '@keycloak/keycloak-admin-client/lib/defs/credentialRepresentation.js';
import type MappingsRepresentation from '@keycloak/keycloak-admin-client/lib/defs/mappingsRepresentation.js';
import type RoleRepresentation from '@keycloak/keycloak-admin-client/lib/defs/roleRepresentation.js';
import type UserRepresentation from '@keycloak/keycloak-admin-client/lib/defs/userRepresentation.js';
import { type Asked, createTokens, type Said, type StandIn, startStandIn } from './stand-in.ts';

export const REALM = 'northfield';
export const CLIENT = { clientId: 'sparekey', clientSecret: 'keycloak secret: 77/%' };
const MANAGEMENT = 'c-realm-management';

export interface KeycloakAccount extends UserRepresentation {
  id: string;
  username: string;
  password: string;
  locked?: boolean;
  readOnly?: boolean;
  /** Held by the account itself, and those that it has through a group. */
  roles?: { direct?: string[]; throughGroups?: string[]; realm?: string[] };
}

export interface KeycloakStandIn extends StandIn {
  users: KeycloakAccount[];
  tokens: ReturnType<typeof createTokens>;
  /** Of the service account, out of realm-management. */
  roles: Set<string>;
}

const error = (status: number, name: string, description?: string): Said => ({
  status,
  body: { error: name, ...(description === undefined ? {} : { error_description: description }) },
});
const forbidden = error(403, 'HTTP 403 Forbidden');
const roles = (names: string[] = []): RoleRepresentation[] => names.map((name) => ({ id: `r-${name}`, name }));
const formDecoded = (text: string): string => new URLSearchParams(`a=${text}`).get('a') ?? '';

export async function startKeycloak(users: KeycloakAccount[]): Promise<KeycloakStandIn> {
  const tokens = createTokens(300);
  const rights = new Set(['manage-users', 'view-users', 'view-clients']);
  const admin = `/admin/realms/${REALM}`;
  const everybody: KeycloakAccount[] = [
    ...users,
    { id: 'u-service', username: 'service-account-sparekey', serviceAccountClientId: 'sparekey', password: '' },
  ];

  function token({ header, form }: Asked): Said {
    const [kind, pair = ''] = header('authorization').split(' ');
    const [name, secret] = Buffer.from(pair, 'base64').toString().split(':').map(formDecoded);
    if (kind !== 'Basic' || name !== CLIENT.clientId || secret !== CLIENT.clientSecret)
      return error(401, 'unauthorized_client', 'Invalid client or Invalid client credentials');
    if (form()['grant_type'] !== 'client_credentials') return error(400, 'unsupported_grant_type');
    return { status: 200, body: tokens.issue('admin') };
  }

  function search({ query }: Asked): Said {
    if (!rights.has('view-users')) return forbidden;
    const wanted = (query.get('username') ?? query.get('email') ?? '').toLowerCase();
    const of = (user: KeycloakAccount): string =>
      (query.has('username') ? user.username : (user.email ?? '')).toLowerCase();
    const exact = query.get('exact') === 'true';
    const found = everybody.filter((user) => (exact ? of(user) === wanted : of(user).includes(wanted)));
    const access = { view: true, manage: rights.has('manage-users') };
    const body: UserRepresentation[] = found.map(
      ({ password: _, locked: __, readOnly: ___, roles: ____, ...user }) => ({
        ...user,
        access,
      }),
    );
    return { status: 200, body };
  }

  function resetPassword(user: KeycloakAccount, asked: Asked): Said {
    const { type, value, temporary } = asked.json() as CredentialRepresentation;
    if (type !== 'password' || typeof value !== 'string') return error(400, 'No password provided');
    if (value.trim() === '') return error(400, 'Empty password not allowed');
    if (user.readOnly) return error(400, "Can't reset password as account is read only");
    if (value.length < 8) return error(400, 'invalidPasswordMinLengthMessage', 'Invalid password: minimum length 8.');
    user.password = value;
    const others = (user.requiredActions ?? []).filter((action) => action !== 'UPDATE_PASSWORD');
    user.requiredActions = temporary ? [...others, 'UPDATE_PASSWORD'] : others;
    return { status: 204 };
  }

  function mapped(user: KeycloakAccount, rest: string): Said {
    if (!rights.has('view-users')) return forbidden;
    const { direct = [], throughGroups = [], realm = [] } = user.roles ?? {};
    if (rest === '/role-mappings/realm/composite') return { status: 200, body: roles(realm) };
    if (rest === `/role-mappings/clients/${MANAGEMENT}/composite`)
      return { status: 200, body: roles([...direct, ...throughGroups]) };
    if (rest !== '/role-mappings') return { status: 404 };
    const body: MappingsRepresentation =
      direct.length === 0
        ? {}
        : {
            clientMappings: {
              'realm-management': { id: MANAGEMENT, client: 'realm-management', mappings: roles(direct) },
            },
          };
    return { status: 200, body };
  }

  const server = await startStandIn((asked) => {
    const { method, path } = asked;
    if (method === 'POST' && path === `/realms/${REALM}/protocol/openid-connect/token`) return token(asked);
    if (tokens.scopeOf(asked.header('authorization')) !== 'admin') return error(401, 'HTTP 401 Unauthorized');
    if (!path.startsWith(`${admin}/`)) return error(404, 'Realm not found.');
    if (method === 'GET' && path === `${admin}/users`) return search(asked);
    if (method === 'GET' && path === `${admin}/clients`)
      return rights.has('view-clients')
        ? { status: 200, body: [{ id: MANAGEMENT, clientId: asked.query.get('clientId') }] }
        : forbidden;
    const [, locked] = /\/attack-detection\/brute-force\/users\/([^/]+)$/.exec(path) ?? [];
    const [, id, rest = ''] = /\/users\/([^/]+)(\/.*)?$/.exec(path.slice(admin.length)) ?? [];
    const user = everybody.find((one) => one.id === (locked ?? id));
    if (!user) return error(404, 'User not found');
    if (method === 'GET' && rest.startsWith('/role-mappings')) return mapped(user, rest);
    if (!rights.has('manage-users')) return forbidden;
    if (method === 'DELETE' && locked !== undefined) {
      user.locked = false;
      return { status: 204 };
    }
    if (method !== 'PUT') return error(405, 'HTTP 405 Method Not Allowed');
    if (asked.header('content-type') !== 'application/json') return error(415, 'HTTP 415 Unsupported Media Type');
    if (rest === '/reset-password') return resetPassword(user, asked);
    if (rest !== '') return error(404, 'HTTP 404 Not Found');
    const { requiredActions } = asked.json() as UserRepresentation;
    if (requiredActions) user.requiredActions = requiredActions;
    return { status: 204 };
  });
  return { ...server, users, tokens, roles: rights };
}
