/**
 * SCIM 2.0 (RFC 7643, RFC 7644): an account is looked up by filter and compared again on our side; its password is replaced
 * by PATCH and nothing else of it is touched. A server that hands a password out again is told on.
 */
import { type Static, Type } from 'typebox';
import type { Clock } from '../kernel/clock.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { SecretText } from '../kernel/setting.ts';
import type { Connector, ConnectorPorts } from './connector.ts';
import { accountConnector, type Located } from './http/account-connector.ts';
import { openApi, pathPart } from './http/api.ts';
import { privateKeyJwt, readSigningKey, secretBasic, secretPost } from './http/client-proof.ts';
import { type Credentials, fixedCredentials } from './http/credentials.ts';
import { asObject, asObjects, asText } from './http/json.ts';
import { Address, connectionSettings, protectedSetting } from './http/settings.ts';
import { openSite } from './http/site.ts';
import { tokenCredentials } from './http/token.ts';
import { asRetry } from './http/trouble.ts';
import { checkScim } from './scim/check.ts';
import { judgeWrite } from './scim/judge.ts';

const configSchema = Type.Object(
  {
    url: Address({
      description: 'Address of the SCIM service, to which /Users is added. `http:` works only on this machine.',
      examples: ['https://app.example.org/scim/v2'],
    }),
    lookup: Type.String({
      pattern: '^[A-Za-z][A-Za-z0-9]*(\\.[A-Za-z][A-Za-z0-9]*)?$',
      default: 'userName',
      description: 'Attribute there that the link is compared with.',
      examples: ['externalId', 'emails.value'],
    }),
    token: Type.Optional(SecretText({ description: 'Bearer token, where there is no OAuth.' })),
    tokenUrl: Type.Optional(
      Address({
        description: 'Token endpoint, for the OAuth 2.0 client credentials grant.',
        examples: ['https://login.example.org/oauth2/token'],
      }),
    ),
    clientId: Type.Optional(Type.String({ minLength: 1, description: 'OAuth client.' })),
    clientSecret: Type.Optional(SecretText({ description: 'Secret of the OAuth client.' })),
    privateKey: Type.Optional(
      SecretText({ description: 'PEM (PKCS #8) that signs for the OAuth client instead (private_key_jwt).' }),
    ),
    clientAuthentication: Type.Union([Type.Literal('basic'), Type.Literal('post')], {
      default: 'basic',
      description: 'How clientSecret is sent: in a header (client_secret_basic) or as a field (client_secret_post).',
    }),
    scope: Type.Optional(Type.String({ minLength: 1, description: 'Scopes to ask for, with blanks in between.' })),
    ...protectedSetting,
    ...connectionSettings,
  },
  { additionalProperties: false },
);
export type ScimConfig = Static<typeof configSchema>;

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
/** RFC 7643 §2.2: strings are compared without case unless their schema says otherwise; these say so. */
const CASE_EXACT = new Set(['id', 'externalId']);

async function credentialsOf(config: ScimConfig, clock: Clock): Promise<Credentials> {
  const { token, tokenUrl, clientId, clientSecret, privateKey, scope } = config;
  if (token !== undefined) {
    if (tokenUrl !== undefined) throw new Error('token: give either token or tokenUrl.');
    return fixedCredentials('token', 'Bearer', token);
  }
  if (tokenUrl === undefined) throw new Error('token: give it, or tokenUrl with clientId.');
  if (clientId === undefined) throw new Error('clientId: tokenUrl needs it.');
  if ((clientSecret === undefined) === (privateKey === undefined))
    throw new Error('clientSecret: give either clientSecret or privateKey.');
  const secret = config.clientAuthentication === 'basic' ? secretBasic : secretPost;
  return tokenCredentials({
    site: openSite('tokenUrl', tokenUrl, config),
    path: '',
    form: { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) },
    prove:
      privateKey === undefined
        ? secret(clientId, clientSecret ?? '')
        : privateKeyJwt({ clientId, key: await readSigningKey('privateKey', privateKey), audience: tokenUrl, clock }),
    key: privateKey === undefined ? 'clientSecret' : 'privateKey',
    clock,
  });
}

/** Values at a path of one or two steps; a list on the way counts with each of its members. */
function valuesAt(resource: unknown, path: string): string[] {
  const [step = '', rest] = path.split('.');
  const found = asObject(resource)?.[step];
  const values = Array.isArray(found) ? found : [found];
  return values.flatMap((value) => asText(rest === undefined ? value : asObject(value)?.[rest]) ?? []);
}

async function openScim(config: ScimConfig, { clock }: ConnectorPorts): Promise<Connector> {
  const { lookup } = config;
  const credentials = await credentialsOf(config, clock);
  const api = openApi({ site: openSite('url', config.url, config), credentials, clock });
  const alike = (value: string, link: string): boolean =>
    CASE_EXACT.has(lookup) ? value === link : value.toLowerCase() === link.toLowerCase();

  return accountConnector<string>({
    can: { unlock: false, mustChange: false },
    timeout: config.timeout,
    protected: config.protected,
    async locate({ link }, deadline): Promise<Located<string>> {
      // RFC 7644 §3.4.2.2: a compared value is written as JSON writes it.
      const filter = `${lookup} eq ${JSON.stringify(link)}`;
      const [shown] = lookup.split('.');
      const query = { filter, attributes: [...new Set(['userName', shown])].join(','), count: '10' };
      const reply = await api.ask(
        { method: 'GET', path: '/Users', query, headers: { Accept: 'application/scim+json' } },
        deadline,
      );
      if (reply.is === 'trouble') return reply;
      const list = asObject(reply.body);
      // Not every server reads an escaped quote; one that does not has nobody by such a name.
      if (reply.status === 400 && /["\\]/.test(link)) return { is: 'none' };
      if (reply.status !== 200 || list === undefined) {
        const key = reply.status === 403 ? credentials.key : reply.status === 400 ? 'lookup' : 'url';
        const cause = `The search for an account was not answered as SCIM says (status ${reply.status}).`;
        return { is: 'trouble', trouble: { cause, fix: 'Check address, rights and lookup.', key } };
      }
      const matches = asObjects(list['Resources']).filter((user) =>
        valuesAt(user, lookup).some((value) => alike(value, link)),
      );
      const [match, other] = matches;
      const id = asText(match?.['id']);
      if (match === undefined || id === undefined || pathPart(id) === undefined) return { is: 'none' };
      if (other !== undefined) return { is: 'several' };
      return { is: 'located', account: id, name: asText(match['userName']) ?? link };
    },
    async write(id, order, deadline) {
      // Others are excluded by `can`.
      if (order.is !== 'password') return { is: 'rejected', cause: `SCIM has no ${order.is}.` };
      const value = order.password.reveal();
      const reply = await api.ask(
        {
          method: 'PATCH',
          path: `/Users/${pathPart(id)}`,
          json: { schemas: [PATCH_OP], Operations: [{ op: 'replace', path: 'password', value }] },
          contentType: 'application/scim+json',
          headers: { Accept: 'application/scim+json' },
        },
        deadline,
      );
      if (reply.is === 'trouble') return asRetry(reply.trouble);
      return judgeWrite(reply, value, order.mustChange, credentials.key);
    },
    async check() {
      const findings = await api.probe(config.timeout);
      if (findings.some(({ is }) => is === 'failed')) return findings;
      return [...findings, ...(await checkScim(api, config.timeout, lookup, credentials.key))];
    },
  });
}

export const scim = definePlugin({
  id: 'scim',
  summary: 'An application that keeps its accounts behind SCIM 2.0.',
  configSchema,
  open: openScim,
});
