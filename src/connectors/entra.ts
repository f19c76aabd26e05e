/**
 * Microsoft Entra ID through Microsoft Graph v1.0, as an application: PATCH of passwordProfile, the one way that is open without
 * a signed-in user (the action resetPassword is delegated only). Accounts that an own Active Directory masters are left alone,
 * administrators by Graph and, where their roles can be read, by us.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import type { Clock } from '../kernel/clock.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { FilePath, SecretText } from '../kernel/setting.ts';
import type { Connector, ConnectorPorts, Delivered, Order } from './connector.ts';
import { checkEntra } from './entra/check.ts';
import { hasRole, mayReadRoles, mayWrite, rightsOf } from './entra/rights.ts';
import { accountConnector, type Located } from './http/account-connector.ts';
import { type Answered, openApi, pathPart } from './http/api.ts';
import { privateKeyJwt, readSigningKey, secretPost } from './http/client-proof.ts';
import type { Deadline } from './http/deadline.ts';
import { asObject, asObjects, asText } from './http/json.ts';
import { quote } from './http/quote.ts';
import { refused } from './http/refused.ts';
import { Address, connectionSettings, protectedSetting } from './http/settings.ts';
import { openSite, type Site } from './http/site.ts';
import { type TokenCredentials, tokenCredentials } from './http/token.ts';
import { asRetry, type Trouble } from './http/trouble.ts';

const configSchema = Type.Object(
  {
    tenant: Type.String({
      pattern: '^[A-Za-z0-9.-]+$',
      description: 'Directory (tenant) id, or a domain of the tenant.',
      examples: ['contoso.onmicrosoft.com'],
    }),
    clientId: Type.String({ minLength: 1, description: 'Application (client) id of the app registration.' }),
    clientSecret: Type.Optional(SecretText({ description: 'Client secret. A certificate is the better choice.' })),
    privateKey: Type.Optional(
      SecretText({ description: 'Private key (PEM, PKCS #8) of the certificate, instead of a secret.' }),
    ),
    certificateFile: Type.Optional(
      FilePath({ description: 'The certificate itself (PEM), as uploaded to the app registration.' }),
    ),
    lookup: Type.Union(
      [
        Type.Literal('userPrincipalName'),
        Type.Literal('mail'),
        Type.Literal('mailNickname'),
        Type.Literal('employeeId'),
        Type.Literal('id'),
      ],
      { default: 'userPrincipalName', description: 'Property of a user that the link is compared with.' },
    ),
    url: Address({
      default: 'https://graph.microsoft.com/v1.0',
      description: 'Address of Microsoft Graph with its version; another one in national clouds.',
      examples: ['https://graph.microsoft.us/v1.0'],
    }),
    loginUrl: Address({
      default: 'https://login.microsoftonline.com',
      description: 'Where tokens come from; another one in national clouds.',
      examples: ['https://login.microsoftonline.us'],
    }),
    scope: Type.String({
      default: 'https://graph.microsoft.com/.default',
      description: 'Scope of the token; another one in national clouds.',
      examples: ['https://graph.microsoft.us/.default'],
    }),
    ...protectedSetting,
    ...connectionSettings,
  },
  { additionalProperties: false },
);
export type EntraConfig = Static<typeof configSchema>;

const HINTS: Record<string, Partial<Trouble>> = {
  AADSTS7000215: { cause: 'Microsoft does not know this client secret (AADSTS7000215).' },
  AADSTS7000222: { cause: 'The client secret has expired (AADSTS7000222).', fix: 'Make a new one and put it here.' },
  AADSTS700016: { cause: 'The tenant does not know the application (AADSTS700016).', key: 'clientId' },
  AADSTS90002: { cause: 'There is no such tenant (AADSTS90002).', key: 'tenant' },
  AADSTS700027: { cause: 'Microsoft does not know the certificate (AADSTS700027).', key: 'certificateFile' },
};

async function credentialsOf(config: EntraConfig, site: Site, clock: Clock): Promise<TokenCredentials> {
  const { clientId, clientSecret, privateKey, certificateFile, tenant } = config;
  if ((clientSecret === undefined) === (privateKey === undefined))
    throw new Error('clientSecret: give either clientSecret or privateKey.');
  if ((privateKey === undefined) !== (certificateFile === undefined))
    throw new Error('certificateFile: privateKey and certificateFile belong together; give both or neither.');
  const path = `/${tenant}/oauth2/v2.0/token`;
  const assertion = async (key: string, file: string) =>
    privateKeyJwt({
      clientId,
      key: await readSigningKey('privateKey', key),
      audience: `${site.base}${path}`,
      clock,
      header: { 'x5t#S256': thumbprint(file) },
    });
  return tokenCredentials({
    site,
    path,
    form: { grant_type: 'client_credentials', scope: config.scope },
    prove:
      privateKey === undefined
        ? secretPost(clientId, clientSecret ?? '')
        : await assertion(privateKey, certificateFile ?? ''),
    key: privateKey === undefined ? 'clientSecret' : 'privateKey',
    clock,
    explain: (_, description) => HINTS[/^AADSTS\d+/.exec(description)?.[0] ?? ''],
  });
}

function thumbprint(file: string): string {
  try {
    return Buffer.from(new X509Certificate(readFileSync(file)).fingerprint256.replaceAll(':', ''), 'hex').toString(
      'base64url',
    );
  } catch {
    throw new Error(`certificateFile: ${file} holds no certificate in PEM.`);
  }
}

interface EntraUser {
  id: string;
}

const SYNCED = 'An on-premises Active Directory is the master of this account (onPremisesSyncEnabled).';
const WRITE_THERE = 'Its password comes from there: connect that directory, or leave it to password hash sync.';

const profileOf = (order: Order): object | undefined => {
  if (order.is === 'password')
    return { password: order.password.reveal(), forceChangePasswordNextSignIn: order.mustChange };
  return order.is === 'must-change' ? { forceChangePasswordNextSignIn: true } : undefined;
};

async function openEntra(config: EntraConfig, { clock }: ConnectorPorts): Promise<Connector> {
  const { lookup } = config;
  const credentials = await credentialsOf(config, openSite('loginUrl', config.loginUrl, config), clock);
  const api = openApi({ site: openSite('url', config.url, config), credentials, clock });
  /** Graph says the same word to who lacks a right and to who may not touch one account. */
  let hasWritten = false;

  async function isAdministrator(id: string, deadline: Deadline): Promise<boolean | { trouble: Trouble }> {
    const got = await credentials.token(deadline);
    if (got.is === 'trouble') return { trouble: got.trouble };
    const rights = rightsOf(got.token);
    if (rights === undefined || !mayReadRoles(rights)) return false;
    const reply = await api.ask(
      {
        method: 'GET',
        path: `/users/${pathPart(id)}/transitiveMemberOf/microsoft.graph.directoryRole`,
        query: { $count: 'true', $select: 'id' },
        headers: { ConsistencyLevel: 'eventual' },
      },
      deadline,
    );
    if (reply.is === 'trouble') return { trouble: reply.trouble };
    if (reply.status === 200) return asObjects(asObject(reply.body)?.['value']).length > 0;
    const cause = `Graph does not show the roles of an account (status ${reply.status}).`;
    return { trouble: { cause, fix: 'Grant RoleManagement.Read.Directory.', key: 'clientId', single: true } };
  }

  async function denied(reply: Answered, hidden: string, deadline: Deadline): Promise<Delivered> {
    const error = asObject(asObject(reply.body)?.['error']);
    const got = await credentials.token(deadline);
    const rights = got.is === 'token' ? rightsOf(got.token) : undefined;
    const fix = 'Grant User-PasswordProfile.ReadWrite.All and the role User Administrator to the application.';
    if (rights !== undefined && !mayWrite(rights))
      return asRetry({ cause: 'The application may not set passwords (status 403).', fix, key: 'clientId' });
    if (hasWritten || (rights !== undefined && hasRole(rights)))
      return refused(
        403,
        quote(error?.['message'], [hidden]),
        'Graph protects administrators from this application; such a password is set in the Entra admin center.',
      );
    const cause = 'Graph refused this account: it is an administrator, or the application lacks a right (status 403).';
    return asRetry({ cause, fix, key: 'clientId', single: true });
  }

  return accountConnector<EntraUser>({
    can: { unlock: false, mustChange: true },
    timeout: config.timeout,
    protected: config.protected,
    async locate({ link }, deadline): Promise<Located<EntraUser>> {
      const fields = ['id', 'userPrincipalName', 'onPremisesSyncEnabled', lookup];
      const query = {
        $filter: `${lookup} eq '${link.replaceAll("'", "''")}'`,
        $select: [...new Set(fields)].join(','),
        $top: '2',
      };
      const reply = await api.ask({ method: 'GET', path: '/users', query }, deadline);
      if (reply.is === 'trouble') return reply;
      const list = asObject(reply.body)?.['value'];
      if (reply.status === 400 && asObject(asObject(reply.body)?.['error']) !== undefined) return { is: 'none' };
      if (reply.status !== 200 || !Array.isArray(list)) {
        const cause = `Graph refused the search for a user (status ${reply.status}).`;
        const fix = 'Grant the application permission User.Read.All, with admin consent.';
        return { is: 'trouble', trouble: { cause, fix, key: reply.status === 403 ? 'clientId' : 'url' } };
      }
      const [user, other] = asObjects(list).filter((one) => asText(one[lookup])?.toLowerCase() === link.toLowerCase());
      const id = asText(user?.['id']);
      if (user === undefined || id === undefined || pathPart(id) === undefined) return { is: 'none' };
      if (other !== undefined) return { is: 'several' };
      if (user['onPremisesSyncEnabled'] === true) return { is: 'protected', cause: SYNCED, hint: WRITE_THERE };
      const admin = await isAdministrator(id, deadline);
      if (typeof admin === 'object') return { is: 'trouble', trouble: admin.trouble };
      if (admin) return { is: 'protected', cause: 'The account has an administrator role in Entra.' };
      return { is: 'located', account: { id }, name: asText(user['userPrincipalName']) ?? link };
    },
    async write({ id }, order, deadline) {
      const passwordProfile = profileOf(order);
      // Excluded by `can`.
      if (passwordProfile === undefined) return { is: 'rejected', cause: 'Entra opens its locks by itself.' };
      const path = `/users/${pathPart(id)}`;
      const reply = await api.ask({ method: 'PATCH', path, json: { passwordProfile } }, deadline);
      if (reply.is === 'trouble') return asRetry(reply.trouble);
      const { status } = reply;
      if (status === 204 || status === 200) {
        hasWritten = true;
        return { is: 'delivered' };
      }
      const hidden = order.is === 'password' ? order.password.reveal() : '';
      if (status === 404) return { is: 'no-account' };
      if (status === 403) return denied(reply, hidden, deadline);
      return refused(status, quote(asObject(asObject(reply.body)?.['error'])?.['message'], [hidden]));
    },
    async check() {
      const findings = await api.probe(config.timeout);
      if (findings.some(({ is }) => is === 'failed')) return findings;
      return [...findings, ...(await checkEntra(api, credentials, config.timeout, lookup))];
    },
  });
}

export const entra = definePlugin({
  id: 'entra',
  summary: 'Microsoft Entra ID (Azure AD), through Microsoft Graph.',
  configSchema,
  open: openEntra,
});
