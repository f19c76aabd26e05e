/**
 * Microsoft's token endpoint and the part of Graph v1.0 that sets passwords, as the reference describes them: it refuses a wrong
 * audience or scope, unknown properties, weak passwords, accounts that are synchronised, and administrators.
 */

import { X509Certificate } from 'node:crypto';
import type { PublicErrorResponse, User } from '@microsoft/microsoft-graph-types';
import { jwtVerify } from 'jose';
import { type Asked, createTokens, type Said, type StandIn, startStandIn } from './stand-in.ts';

export const TENANT = 'contoso.onmicrosoft.com';
export const CLIENT = { clientId: '11111111-2222-3333-4444-555555555555', clientSecret: 'entra~secret~77' };
export const SCOPE = 'https://graph.microsoft.com/.default';
export const USER_ADMINISTRATOR = 'fe930be7-5e62-47db-91af-98c3a49a38b1';

export interface EntraAccount extends User {
  id: string;
  userPrincipalName: string;
  password: string;
  isAdministrator?: boolean;
}

export interface EntraStandIn extends StandIn {
  users: EntraAccount[];
  tokens: ReturnType<typeof createTokens>;
  /** Of the application: application permissions and directory roles. */
  rights: { roles: string[]; wids: string[] };
}

const PROPERTIES = new Set(['id', 'userPrincipalName', 'mail', 'mailNickname', 'employeeId', 'onPremisesSyncEnabled']);

const failed = (status: number, code: string, message: string): Said => {
  const body: PublicErrorResponse = {
    error: { code, message, innerError: { code: code.toLowerCase(), message } },
  };
  return { status, body };
};

/** Three of four kinds, 8 to 256 characters, nothing beyond ASCII. */
const isStrong = (password: string): boolean =>
  /^[\x20-\x7e]{8,256}$/.test(password) &&
  [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length >= 3;

/** `certificate`: PEM that was uploaded to the app registration. */
export async function startEntra(users: EntraAccount[], certificate?: string): Promise<EntraStandIn> {
  const tokens = createTokens(3_599);
  const rights = { roles: ['User-PasswordProfile.ReadWrite.All', 'User.Read.All'], wids: [USER_ADMINISTRATOR] };

  async function isSigned({ client_assertion: assertion = '' }: Record<string, string>): Promise<boolean> {
    if (certificate === undefined) return false;
    try {
      const known = new X509Certificate(certificate);
      const { protectedHeader } = await jwtVerify(assertion, known.publicKey, {
        audience: `${server.url}/${TENANT}/oauth2/v2.0/token`,
        issuer: CLIENT.clientId,
        subject: CLIENT.clientId,
        requiredClaims: ['jti', 'nbf', 'exp'],
        algorithms: ['RS256', 'PS256'],
        currentDate: new Date(Date.UTC(2026, 10, 23, 8, 0, 5)),
      });
      const print = Buffer.from(known.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
      return protectedHeader['x5t#S256'] === print;
    } catch {
      return false;
    }
  }

  async function token({ header, form }: Asked): Promise<Said> {
    const fields = form();
    const error = (status: number, name: string, description: string): Said => ({
      status,
      body: { error: name, error_description: description, error_codes: [], correlation_id: 'c' },
    });
    if (!header('content-type').startsWith('application/x-www-form-urlencoded'))
      return error(400, 'invalid_request', 'AADSTS900144: The request body must contain grant_type.');
    if (fields['grant_type'] !== 'client_credentials')
      return error(400, 'unsupported_grant_type', 'AADSTS70003: not supported');
    if (fields['client_id'] !== CLIENT.clientId)
      return error(400, 'unauthorized_client', 'AADSTS700016: Application was not found in the directory');
    const proven =
      'client_assertion' in fields ? await isSigned(fields) : fields['client_secret'] === CLIENT.clientSecret;
    if (!proven) return error(401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.');
    if (fields['scope'] !== SCOPE) return error(400, 'invalid_scope', 'AADSTS70011: The provided scope is not valid.');
    return { status: 200, body: tokens.issue(SCOPE, { aud: 'https://graph.microsoft.com', ...rights }) };
  }

  function list({ query }: Asked): Said {
    const [, name = '', literal = ''] = /^(\w+) eq '((?:[^']|'')*)'$/.exec(query.get('$filter') ?? '') ?? [];
    if (!PROPERTIES.has(name)) return failed(400, 'Request_BadRequest', 'Invalid filter clause');
    const select = (query.get('$select') ?? '').split(',');
    if (!select.every((one) => PROPERTIES.has(one)))
      return failed(400, 'Request_BadRequest', `Could not find a property named '${select.join()}'`);
    const wanted = literal.replaceAll("''", "'").toLowerCase();
    const found = users.filter((user) => String(user[name as keyof User] ?? '').toLowerCase() === wanted);
    const value = found
      .slice(0, Number(query.get('$top')))
      .map((user) => Object.fromEntries(select.map((one) => [one, user[one as keyof User] ?? null])));
    return { status: 200, body: { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users', value } };
  }

  function update(user: EntraAccount, asked: Asked): Said {
    if (asked.header('content-type') !== 'application/json')
      return failed(415, 'Request_BadRequest', 'Unsupported media type');
    const { passwordProfile: profile, ...others } = asked.json() as Pick<User, 'passwordProfile'>;
    if (Object.keys(others).length > 0 || !profile) return failed(400, 'Request_BadRequest', 'Invalid property');
    const permitted = rights.roles.some((role) => /^User(-PasswordProfile)?\.ReadWrite\.All$/.test(role));
    if (!permitted || rights.wids.length === 0 || user.isAdministrator)
      return failed(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
    if (user.onPremisesSyncEnabled)
      return failed(
        400,
        'Request_BadRequest',
        'Unable to update the specified properties for on-premises mastered objects.',
      );
    if (typeof profile.password === 'string') {
      if (!isStrong(profile.password))
        return failed(
          400,
          'Request_BadRequest',
          'The specified password does not comply with password complexity requirements. Please provide a different password.',
        );
      user.password = profile.password;
    }
    user.passwordProfile = { forceChangePasswordNextSignIn: profile.forceChangePasswordNextSignIn ?? true };
    return { status: 204 };
  }

  const server = await startStandIn((asked) => {
    if (asked.method === 'POST' && asked.path === `/${TENANT}/oauth2/v2.0/token`) return token(asked);
    if (tokens.scopeOf(asked.header('authorization')) !== SCOPE)
      return failed(401, 'InvalidAuthenticationToken', 'Access token has expired or is not yet valid.');
    if (asked.method === 'GET' && asked.path === '/v1.0/users') return list(asked);
    const [, id, rest] = /^\/v1\.0\/users\/([^/]+)(\/.*)?$/.exec(asked.path) ?? [];
    const user = users.find((one) => one.id === id);
    if (!user) return failed(404, 'Request_ResourceNotFound', `Resource '${id}' does not exist.`);
    if (asked.method === 'PATCH' && rest === undefined) return update(user, asked);
    if (asked.method === 'GET' && rest === '/transitiveMemberOf/microsoft.graph.directoryRole') {
      if (!rights.roles.includes('RoleManagement.Read.Directory'))
        return failed(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
      if (asked.header('consistencylevel') !== 'eventual' || asked.query.get('$count') !== 'true')
        return failed(400, 'Request_UnsupportedQuery', 'The cast needs advanced query capabilities.');
      return { status: 200, body: { value: user.isAdministrator ? [{ id: 'role' }] : [] } };
    }
    return failed(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
  });
  return { ...server, users, tokens, rights };
}
