/**
 * Keycloak through its admin REST API, as a client of the realm with a service account: passwords by reset-password, locks of the
 * brute force detection, required actions. Administrators of the realm and service accounts are left alone.
 */
import { type Static, Type } from 'typebox';
import type { Clock } from '../kernel/clock.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { SecretText } from '../kernel/setting.ts';
import type { Connector, ConnectorPorts, Delivered, Order } from './connector.ts';
import { accountConnector, type Located } from './http/account-connector.ts';
import { type Call, openApi, pathPart } from './http/api.ts';
import { privateKeyJwt, readSigningKey, secretBasic } from './http/client-proof.ts';
import { type Deadline, deadlineIn } from './http/deadline.ts';
import { asObject, asObjects, asText, asTexts } from './http/json.ts';
import { quote } from './http/quote.ts';
import { refused } from './http/refused.ts';
import { Address, connectionSettings, protectedSetting } from './http/settings.ts';
import { openSite, type Site } from './http/site.ts';
import { type TokenCredentials, tokenCredentials } from './http/token.ts';
import { asFinding, asRetry, type Trouble } from './http/trouble.ts';
import { administratorsOf } from './keycloak/administrators.ts';

const REALM = { pattern: '^[A-Za-z0-9][A-Za-z0-9._ -]*$' };

const configSchema = Type.Object(
  {
    url: Address({
      description: 'Address of the server, to which /realms and /admin are added; old ones end in /auth.',
      examples: ['https://id.example.org'],
    }),
    realm: Type.String({ ...REALM, description: 'Realm that the people are in.' }),
    loginRealm: Type.Optional(Type.String({ ...REALM, description: 'Realm of the client. Default: realm.' })),
    loginUrl: Type.Optional(Address({ description: 'Where tokens come from, if not url.' })),
    clientId: Type.String({ minLength: 1, description: 'Confidential client with a service account.' }),
    clientSecret: Type.Optional(SecretText({ description: 'Secret of the client.' })),
    privateKey: Type.Optional(
      SecretText({ description: 'Private key (PEM, PKCS #8) of the client instead (signed JWT).' }),
    ),
    lookup: Type.Union([Type.Literal('username'), Type.Literal('email')], {
      default: 'username',
      description: 'What the link is compared with.',
    }),
    readRoles: Type.Boolean({
      default: true,
      description:
        'Whether administrators of the realm are recognised by their roles and left alone. Needs view-clients.',
    }),
    ...protectedSetting,
    ...connectionSettings,
  },
  { additionalProperties: false },
);
export type KeycloakConfig = Static<typeof configSchema>;

const UPDATE_PASSWORD = 'UPDATE_PASSWORD';
const RIGHTS = 'Give the service account the roles manage-users, view-users and view-clients of realm-management.';

async function credentialsOf(config: KeycloakConfig, site: Site, clock: Clock): Promise<TokenCredentials> {
  const { clientId, clientSecret, privateKey } = config;
  if ((clientSecret === undefined) === (privateKey === undefined))
    throw new Error('clientSecret: give either clientSecret or privateKey.');
  const realm = `/realms/${encodeURIComponent(config.loginRealm ?? config.realm)}`;
  return tokenCredentials({
    site,
    path: `${realm}/protocol/openid-connect/token`,
    form: { grant_type: 'client_credentials' },
    prove:
      privateKey === undefined
        ? secretBasic(clientId, clientSecret ?? '')
        : privateKeyJwt({
            clientId,
            key: await readSigningKey('privateKey', privateKey),
            // Keycloak takes its issuer, and since 26 nothing else.
            audience: `${site.base}${realm}`,
            clock,
          }),
    key: privateKey === undefined ? 'clientSecret' : 'privateKey',
    clock,
    explain: (error) =>
      error === 'unauthorized_client'
        ? { fix: 'Check it, and switch "Service accounts roles" on for the client.' }
        : undefined,
  });
}

interface KeycloakUser {
  id: string;
  requiredActions: string[];
}

async function openKeycloak(config: KeycloakConfig, { clock }: ConnectorPorts): Promise<Connector> {
  const { lookup, realm, timeout } = config;
  const site = openSite('url', config.url, config);
  const login = config.loginUrl === undefined ? site : openSite('loginUrl', config.loginUrl, config);
  const credentials = await credentialsOf(config, login, clock);
  const api = openApi({ site, credentials, clock });
  const base = `/admin/realms/${encodeURIComponent(realm)}`;
  const isAdministrator = administratorsOf(api, base, realm);
  const notOurs = (what: string): Trouble => ({
    cause: `Keycloak does not let us ${what} (status 403).`,
    fix: RIGHTS,
    key: 'clientId',
  });
  const search = (link: string): Call => ({
    method: 'GET',
    path: `${base}/users`,
    query: { [lookup]: link, exact: 'true' },
  });

  async function locate(link: string, deadline: Deadline): Promise<Located<KeycloakUser>> {
    const reply = await api.ask(search(link), deadline);
    if (reply.is === 'trouble') return reply;
    if (reply.status === 403) return { is: 'trouble', trouble: notOurs('look accounts up') };
    if (reply.status !== 200 || !Array.isArray(reply.body)) {
      const cause = `There is no such realm, or no Keycloak (status ${reply.status}).`;
      return { is: 'trouble', trouble: { cause, fix: 'Check url and realm.', key: 'realm' } };
    }
    const [user, other] = asObjects(reply.body).filter(
      (one) => asText(one[lookup])?.toLowerCase() === link.toLowerCase(),
    );
    const id = asText(user?.['id']);
    if (user === undefined || id === undefined || pathPart(id) === undefined) return { is: 'none' };
    if (other !== undefined) return { is: 'several' };
    if (asText(user['serviceAccountClientId']) !== undefined)
      return { is: 'protected', cause: 'It is the service account of a client.' };
    if (config.readRoles) {
      const asked = await isAdministrator(id, deadline);
      if (asked.is === 'trouble') return asked;
      if (asked.is === 'yes') return { is: 'protected', cause: 'The account administers the realm.' };
    }
    const name = asText(user['username']) ?? link;
    return { is: 'located', account: { id, requiredActions: asTexts(user['requiredActions']) }, name };
  }

  async function send(call: Call, deadline: Deadline, hidden: string[] = []): Promise<Delivered> {
    const reply = await api.ask(call, deadline);
    if (reply.is === 'trouble') return asRetry(reply.trouble);
    const { status } = reply;
    if (status === 204 || status === 200) return { is: 'delivered' };
    if (status === 404) return { is: 'no-account' };
    if (status === 403) return asRetry(notOurs('write accounts'));
    const body = asObject(reply.body);
    // Which rule: invalidPasswordMinLengthMessage; the description says it in the words of the realm.
    const rule = quote(body?.['error_description'], hidden) ?? quote(body?.['error'], hidden);
    // A user profile that is not complete: alone, or the first of a list.
    const { field, errorMessage } = asObjects(body?.['errors'])[0] ?? body ?? {};
    const told = [quote(field, hidden), quote(errorMessage, hidden)].filter((text) => text !== undefined);
    return refused(status, rule ?? (told.join(': ') || undefined));
  }

  async function write(user: KeycloakUser, order: Order, deadline: Deadline): Promise<Delivered> {
    const path = `${base}/users/${pathPart(user.id)}`;
    const unlock: Call = {
      method: 'DELETE',
      path: `${base}/attack-detection/brute-force/users/${pathPart(user.id)}`,
    };
    if (order.is === 'unlock') return send(unlock, deadline);
    if (order.is === 'must-change') {
      // The list replaces the one there; a PUT leaves what it does not name alone.
      const requiredActions = [...new Set([...user.requiredActions, UPDATE_PASSWORD])];
      return send({ method: 'PUT', path, json: { requiredActions } }, deadline);
    }
    const value = order.password.reveal();
    const json = { type: 'password', value, temporary: order.mustChange };
    const set = await send({ method: 'PUT', path: `${path}/reset-password`, json }, deadline, [value]);
    if (set.is !== 'delivered') return set;
    const opened = await send(unlock, deadline);
    return opened.is === 'rejected' ? { is: 'delivered', warning: opened.cause } : opened;
  }

  return accountConnector<KeycloakUser>({
    can: { unlock: true, mustChange: true },
    timeout,
    protected: config.protected,
    locate: ({ link }, deadline) => locate(link, deadline),
    write,
    async check() {
      const findings = await api.probe(timeout);
      if (findings.some(({ is }) => is === 'failed')) return findings;
      const token = await credentials.token(deadlineIn(timeout));
      if (token.is === 'trouble') return [...findings, asFinding('get a token', token.trouble)];
      const done = [...findings, { is: 'ok' as const, what: 'get a token' }];
      // Our own account is one that is surely there.
      const own = `service-account-${config.clientId}`.toLowerCase();
      const what = 'look accounts up';
      const looked = await api.ask(
        { method: 'GET', path: `${base}/users`, query: { username: own, exact: 'true' } },
        deadlineIn(timeout),
      );
      if (looked.is === 'trouble') return [...done, asFinding(what, looked.trouble)];
      if (looked.status === 403) return [...done, asFinding(what, notOurs(what))];
      if (looked.status !== 200) {
        const cause = `There is no such realm (status ${looked.status}).`;
        return [...done, asFinding(what, { cause, fix: 'Check url and realm.', key: 'realm' })];
      }
      const found = asObjects(looked.body)[0];
      const id = asText(found?.['id']);
      const seen = [...done, { is: 'ok' as const, what }];
      if (id === undefined) return seen;
      // Keycloak tells with each account what the one who asks may do with it.
      const mayManage = asObject(found?.['access'])?.['manage'];
      const rights = mayManage === false ? [asFinding('write accounts', notOurs('write accounts'))] : [];
      if (!config.readRoles) return [...seen, ...rights];
      const roles = await isAdministrator(id, deadlineIn(timeout));
      const reading = 'read who administers the realm';
      const read = roles.is === 'trouble' ? asFinding(reading, roles.trouble) : { is: 'ok' as const, what: reading };
      return [...seen, ...rights, read];
    },
  });
}

export const keycloak = definePlugin({
  id: 'keycloak',
  summary: 'Keycloak, through its admin REST API.',
  configSchema,
  open: openKeycloak,
});
