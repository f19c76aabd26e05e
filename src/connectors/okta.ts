/**
 * Okta through its management API: the account is read, its password set by a partial update, locks opened and passwords expired
 * by the life cycle calls. Accounts whose password another directory keeps are left alone, and so are administrators.
 */
import { type Static, Type } from 'typebox';
import type { Clock } from '../kernel/clock.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { SecretText } from '../kernel/setting.ts';
import type { Connector, ConnectorPorts, Delivered, Order } from './connector.ts';
import { accountConnector, type Located } from './http/account-connector.ts';
import { type Call, openApi, pathPart, type Reply } from './http/api.ts';
import { privateKeyJwt, readSigningKey } from './http/client-proof.ts';
import { type Credentials, fixedCredentials } from './http/credentials.ts';
import { type Deadline, deadlineIn } from './http/deadline.ts';
import { asList, asObject, asObjects, asText } from './http/json.ts';
import { refused } from './http/refused.ts';
import { Address, connectionSettings, protectedSetting } from './http/settings.ts';
import { openSite, type Site } from './http/site.ts';
import { tokenCredentials } from './http/token.ts';
import { asFinding, asRetry, type Trouble } from './http/trouble.ts';
import { codeOf, judgeOkta, reasonOf } from './okta/judge.ts';

const configSchema = Type.Object(
  {
    url: Address({
      description: 'Address of the organisation at Okta, not the one that ends in -admin.okta.com.',
      examples: ['https://example.okta.com'],
    }),
    token: Type.Optional(SecretText({ description: 'API token (SSWS). A service app is the better choice.' })),
    clientId: Type.Optional(Type.String({ minLength: 1, description: 'Client id of the service app.' })),
    privateKey: Type.Optional(
      SecretText({ description: 'Private key (PEM, PKCS #8) of the service app (private_key_jwt).' }),
    ),
    keyId: Type.Optional(Type.String({ minLength: 1, description: 'Key id (kid) of that key at Okta.' })),
    lookup: Type.String({
      pattern: '^[A-Za-z][A-Za-z0-9_]*$',
      default: 'login',
      description: 'Attribute of the profile that the link is compared with.',
      examples: ['email', 'employeeNumber'],
    }),
    readRoles: Type.Boolean({
      default: true,
      description:
        'Whether accounts with an administrator role are recognised and left alone. Needs okta.roles.read; without it Okta alone decides.',
    }),
    ...protectedSetting,
    ...connectionSettings,
  },
  { additionalProperties: false },
);
export type OktaConfig = Static<typeof configSchema>;

const SCOPES = ['okta.users.read', 'okta.users.manage'];
const ADMINISTRATOR = 'The account has an administrator role at Okta.';
/** "Unlock is not allowed for this user": it is not locked. */
const NOT_LOCKED = 'E0000032';

async function credentialsOf(config: OktaConfig, site: Site, clock: Clock): Promise<Credentials> {
  const { token, clientId, privateKey, keyId } = config;
  if (token !== undefined) {
    if (clientId !== undefined) throw new Error('token: give either token or clientId.');
    return fixedCredentials('token', 'SSWS', token);
  }
  if (clientId === undefined || privateKey === undefined)
    throw new Error('token: give it, or clientId and privateKey of a service app.');
  const path = '/oauth2/v1/token';
  return tokenCredentials({
    site,
    path,
    form: {
      grant_type: 'client_credentials',
      scope: [...SCOPES, ...(config.readRoles ? ['okta.roles.read'] : [])].join(' '),
    },
    prove: privateKeyJwt({
      clientId,
      key: await readSigningKey('privateKey', privateKey),
      audience: `${site.base}${path}`,
      clock,
      ...(keyId === undefined ? {} : { header: { kid: keyId } }),
    }),
    key: 'privateKey',
    clock,
    explain: (error) =>
      error === 'invalid_scope'
        ? { fix: `Grant the service app ${SCOPES.join(', ')} and okta.roles.read.`, key: 'clientId' }
        : error === 'invalid_dpop_proof'
          ? { fix: 'Switch "Require DPoP" off for the service app.', key: 'clientId' }
          : undefined,
  });
}

interface OktaUser {
  id: string;
  status: string;
}

async function openOkta(config: OktaConfig, { clock }: ConnectorPorts): Promise<Connector> {
  const { lookup, timeout } = config;
  const site = openSite('url', config.url, config);
  const credentials = await credentialsOf(config, site, clock);
  const api = openApi({ site, credentials, clock, judge: judgeOkta(credentials.key) });
  const notOurs = (what: string, { single }: { single: boolean }): Trouble => ({
    cause: `Okta does not let us ${what} (status 403).`,
    fix: `Grant ${SCOPES.join(', ')} and, for readRoles, okta.roles.read, with a role that covers the account.`,
    key: credentials.key,
    ...(single ? { single } : {}),
  });

  async function candidates(link: string, deadline: Deadline): Promise<Reply & { users?: unknown[] }> {
    if (lookup !== 'login') {
      // In the language of SCIM: a value is written as JSON writes it.
      const query = { search: `profile.${lookup} eq ${JSON.stringify(link)}`, limit: '2' };
      const reply = await api.ask({ method: 'GET', path: '/api/v1/users', query }, deadline);
      return reply.is === 'answered' && reply.status === 200 ? { ...reply, users: [...asList(reply.body)] } : reply;
    }
    const reply = await api.ask({ method: 'GET', path: `/api/v1/users/${pathPart(link)}` }, deadline);
    return reply.is === 'answered' && reply.status === 200 ? { ...reply, users: [reply.body] } : reply;
  }

  async function administrator(id: string, deadline: Deadline): Promise<Located<OktaUser> | undefined> {
    if (!config.readRoles) return undefined;
    const reply = await api.ask({ method: 'GET', path: `/api/v1/users/${pathPart(id)}/roles` }, deadline);
    if (reply.is === 'trouble') return reply;
    if (reply.status === 200)
      return asList(reply.body).length > 0 ? { is: 'protected', cause: ADMINISTRATOR } : undefined;
    // Gone meanwhile: the write will find the same.
    if (reply.status === 404) return undefined;
    return { is: 'trouble', trouble: notOurs('read the roles of accounts', { single: false }) };
  }

  async function locate(link: string, deadline: Deadline): Promise<Located<OktaUser>> {
    // "Logins with a / can only be fetched by id": no address can hold them.
    if (lookup === 'login' && (pathPart(link) === undefined || link.includes('/'))) return { is: 'none' };
    const reply = await candidates(link, deadline);
    if (reply.is === 'trouble') return reply;
    if (reply.status === 404 || reply.status === 400) return { is: 'none' };
    if (reply.status === 403) return { is: 'trouble', trouble: notOurs('read accounts', { single: false }) };
    if (reply.users === undefined) {
      const cause = `What answers there is not the API of Okta (status ${reply.status}).`;
      return { is: 'trouble', trouble: { cause, fix: 'Correct the address.', key: 'url' } };
    }
    // `me` and short names find accounts as well: only the whole attribute counts.
    const [user, other] = asObjects(reply.users).filter(
      (one) => asText(asObject(one['profile'])?.[lookup])?.toLowerCase() === link.toLowerCase(),
    );
    const id = asText(user?.['id']);
    if (user === undefined || id === undefined || pathPart(id) === undefined) return { is: 'none' };
    if (other !== undefined) return { is: 'several' };
    const kind = asText(asObject(asObject(user['credentials'])?.['provider'])?.['type']);
    if (kind !== undefined && kind !== 'OKTA')
      return {
        is: 'protected',
        cause: `Okta does not keep the password of this account (provider ${/^[A-Z_]+$/.test(kind) ? kind : 'unknown'}).`,
        hint: 'Connect the system that keeps it.',
      };
    const admin = await administrator(id, deadline);
    if (admin) return admin;
    const name = asText(asObject(user['profile'])?.['login']) ?? link;
    return { is: 'located', account: { id, status: asText(user['status']) ?? '' }, name };
  }

  async function send(call: Call, deadline: Deadline, hidden: string[] = []): Promise<Delivered> {
    const reply = await api.ask(call, deadline);
    if (reply.is === 'trouble') return asRetry(reply.trouble);
    const { status } = reply;
    if (status >= 200 && status < 300) return { is: 'delivered' };
    const code = codeOf(reply);
    if (status === 404) return { is: 'no-account' };
    if (status === 403 && code === NOT_LOCKED) return { is: 'delivered' };
    if (status === 403 && (code === undefined || code === 'E0000006'))
      return asRetry(notOurs('write this account', { single: true }));
    if (status === 409)
      return asRetry({
        cause: 'Somebody else wrote the account at the same time (status 409).',
        fix: 'Nothing to do: it is tried again.',
        key: 'url',
        single: true,
      });
    return refused(status, [code, reasonOf(reply, hidden)].filter((text) => text !== undefined).join(' ') || undefined);
  }

  async function write({ id, status }: OktaUser, order: Order, deadline: Deadline): Promise<Delivered> {
    const path = `/api/v1/users/${pathPart(id)}`;
    const unlock: Call = { method: 'POST', path: `${path}/lifecycle/unlock` };
    const expire: Call = { method: 'POST', path: `${path}/lifecycle/expire_password` };
    if (order.is === 'unlock') return send(unlock, deadline);
    if (order.is === 'must-change') return send(expire, deadline);
    const value = order.password.reveal();
    const json = { credentials: { password: { value } } };
    const set = await send({ method: 'POST', path, json }, deadline, [value]);
    if (set.is !== 'delivered') return set;
    for (const then of [...(status === 'LOCKED_OUT' ? [unlock] : []), ...(order.mustChange ? [expire] : [])]) {
      const done = await send(then, deadline);
      if (done.is === 'retry') return done;
      if (done.is === 'rejected') return { is: 'delivered', warning: done.cause };
    }
    return { is: 'delivered' };
  }

  return accountConnector<OktaUser>({
    can: { unlock: true, mustChange: true },
    timeout,
    protected: config.protected,
    locate: ({ link }, deadline) => locate(link, deadline),
    write,
    async check() {
      const findings = await api.probe(timeout);
      if (findings.some(({ is }) => is === 'failed')) return findings;
      const what = 'read accounts';
      const reply = await api.ask({ method: 'GET', path: '/api/v1/users', query: { limit: '1' } }, deadlineIn(timeout));
      if (reply.is === 'trouble') return [...findings, asFinding(what, reply.trouble)];
      if (reply.status !== 200) return [...findings, asFinding(what, notOurs(what, { single: false }))];
      const id = asText(asObject(asList(reply.body)[0])?.['id']);
      const done = [...findings, { is: 'ok' as const, what }];
      if (id === undefined || !config.readRoles) return done;
      const roles = await administrator(id, deadlineIn(timeout));
      const seeing = 'read the roles of an account';
      return [...done, roles?.is === 'trouble' ? asFinding(seeing, roles.trouble) : { is: 'ok', what: seeing }];
    },
  });
}

export const okta = definePlugin({
  id: 'okta',
  summary: 'Okta, through its management API.',
  configSchema,
  open: openOkta,
});
