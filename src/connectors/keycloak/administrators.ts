/** Who administers a realm: by its effective roles, so also through groups and composite roles. */
import type { Api } from '../http/api.ts';
import { pathPart } from '../http/api.ts';
import type { Deadline } from '../http/deadline.ts';
import { asObject, asObjects, asText } from '../http/json.ts';
import type { Trouble } from '../http/trouble.ts';

const REALM_ROLES = new Set(['admin', 'create-realm']);
/** Roles of realm-management (of <realm>-realm in master) that change something. */
const CLIENT_ROLES = new Set([
  'realm-admin',
  'manage-users',
  'manage-realm',
  'manage-clients',
  'manage-authorization',
  'manage-identity-providers',
  'manage-events',
  'create-client',
  'impersonation',
]);

export type Asked = { is: 'yes' } | { is: 'no' } | { is: 'trouble'; trouble: Trouble };

/** `base`: `/admin/realms/{realm}`. */
export function administratorsOf(api: Api, base: string, realm: string) {
  const client = realm === 'master' ? 'master-realm' : 'realm-management';
  let clientId: string | undefined;

  const unseen = (status: number): Asked => ({
    is: 'trouble',
    trouble: {
      cause: `Keycloak does not show who administers the realm (status ${status}).`,
      fix: 'Give the service account the roles view-users and view-clients of realm-management.',
      key: 'clientId',
    },
  });

  async function names(path: string, deadline: Deadline): Promise<string[] | Asked> {
    const reply = await api.ask({ method: 'GET', path }, deadline);
    if (reply.is === 'trouble') return reply;
    if (reply.status !== 200 || !Array.isArray(reply.body)) return unseen(reply.status);
    return asObjects(reply.body).flatMap(({ name }) => asText(name) ?? []);
  }

  /** Of the client that holds the administrative roles; it never changes. */
  async function readClientId(deadline: Deadline): Promise<Asked | undefined> {
    if (clientId !== undefined) return undefined;
    const reply = await api.ask({ method: 'GET', path: `${base}/clients`, query: { clientId: client } }, deadline);
    if (reply.is === 'trouble') return reply;
    clientId = asText(asObjects(reply.body)[0]?.['id']);
    return clientId === undefined ? unseen(reply.status) : undefined;
  }

  /** Roles of any client that the account holds itself: in master those of the other realms. */
  async function direct(user: string, deadline: Deadline): Promise<string[] | Asked> {
    const reply = await api.ask({ method: 'GET', path: `${user}/role-mappings` }, deadline);
    if (reply.is === 'trouble') return reply;
    const mappings = asObject(reply.body);
    if (reply.status !== 200 || mappings === undefined) return unseen(reply.status);
    return Object.entries(asObject(mappings['clientMappings']) ?? {})
      .filter(([name]) => name === client || (realm === 'master' && name.endsWith('-realm')))
      .flatMap(([, entry]) => asObjects(asObject(entry)?.['mappings']))
      .flatMap(({ name }) => asText(name) ?? []);
  }

  return async (id: string, deadline: Deadline): Promise<Asked> => {
    const missing = await readClientId(deadline);
    if (missing) return missing;
    const user = `${base}/users/${pathPart(id)}`;
    const held: [ReadonlySet<string>, string[] | Asked][] = [
      [REALM_ROLES, await names(`${user}/role-mappings/realm/composite`, deadline)],
      [CLIENT_ROLES, await names(`${user}/role-mappings/clients/${pathPart(clientId ?? '')}/composite`, deadline)],
      [CLIENT_ROLES, await direct(user, deadline)],
    ];
    for (const [administrative, roles] of held) {
      if (!Array.isArray(roles)) return roles;
      if (roles.some((role) => administrative.has(role))) return { is: 'yes' };
    }
    return { is: 'no' };
  };
}
