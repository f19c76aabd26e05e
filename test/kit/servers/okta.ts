/**
 * The part of Okta's management API that sets passwords, as its reference describes it: SSWS tokens or a service app with
 * private_key_jwt and scopes, the password policy, states, roles and error codes.
 */
import type { ModelError, Role, User } from '@okta/okta-sdk-nodejs';
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose';
import { type Asked, createTokens, type Said, type StandIn, startStandIn } from './stand-in.ts';

type OktaError = Required<Pick<ModelError, 'errorCode' | 'errorSummary' | 'errorLink' | 'errorId'>> & {
  errorCauses: { errorSummary: string }[];
};

export const TOKEN = '00okta-token_77';
export const CLIENT_ID = '0oaservice';
export const KEY_ID = 'kid-1';

export interface OktaAccount {
  id: string;
  login: string;
  email?: string;
  status: NonNullable<User['status']>;
  provider?: 'OKTA' | 'ACTIVE_DIRECTORY' | 'FEDERATION';
  password: string;
  roles?: NonNullable<Role['type']>[];
}

export interface OktaStandIn extends StandIn {
  users: OktaAccount[];
  tokens: ReturnType<typeof createTokens>;
  /** Of the service app. */
  privateKey: string;
  granted: string[];
  /** A token of less than a super administrator may not read roles. */
  mayReadRoles: boolean;
}

export const oktaError = (status: number, errorCode: string, errorSummary: string, causes: string[] = []): Said => ({
  status,
  body: {
    errorCode,
    errorSummary,
    errorLink: errorCode,
    errorId: 'oae-1',
    errorCauses: causes.map((cause) => ({ errorSummary: cause })),
  } satisfies OktaError,
});
const notFound = (what: string): Said => oktaError(404, 'E0000007', `Not found: Resource not found: ${what} (User)`);

const shown = ({ id, login, email, status, provider = 'OKTA' }: OktaAccount) => ({
  id,
  status,
  profile: { login, email: email ?? login },
  credentials: { password: {}, provider: { type: provider, name: provider } },
});

export async function startOkta(users: OktaAccount[]): Promise<OktaStandIn> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  const tokens = createTokens();
  let made: OktaStandIn;

  async function token({ header, form }: Asked): Promise<Said> {
    const fields = form();
    const error = (status: number, name: string): Said => ({ status, body: { error: name, error_description: name } });
    if (header('content-type') !== 'application/x-www-form-urlencoded') return error(400, 'invalid_request');
    if (fields['client_assertion_type'] !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      return error(401, 'invalid_client');
    try {
      const { payload, protectedHeader } = await jwtVerify(fields['client_assertion'] ?? '', pair.publicKey, {
        audience: `${made.url}/oauth2/v1/token`,
        issuer: CLIENT_ID,
        subject: CLIENT_ID,
        requiredClaims: ['jti', 'exp'],
        currentDate: new Date(Date.UTC(2026, 10, 23, 8, 0, 5)),
      });
      if (protectedHeader.kid !== KEY_ID || Number(payload.exp) - Number(payload.iat) > 3_600)
        return error(401, 'invalid_client');
    } catch {
      return error(401, 'invalid_client');
    }
    const scopes = (fields['scope'] ?? '').split(' ');
    if (!scopes.every((scope) => made.granted.includes(scope))) return error(400, 'invalid_scope');
    return { status: 200, body: tokens.issue(scopes.join(' ')) };
  }

  function update(user: OktaAccount, asked: Asked): Said {
    if (!asked.header('content-type').startsWith('application/json'))
      return oktaError(
        415,
        'E0000021',
        'Bad request. Accept and/or Content-Type headers likely do not match supported values.',
      );
    const body = asked.json() as Pick<User, 'credentials' | 'profile'>;
    const unknown = Object.keys(body).find((name) => !['credentials', 'profile', 'type', 'realmId'].includes(name));
    const value = body.credentials?.password?.value;
    if (unknown !== undefined || typeof value !== 'string')
      return oktaError(400, 'E0000003', 'The request body was not well-formed.');
    if (user.status === 'DEPROVISIONED')
      return oktaError(403, 'E0000038', 'This operation is not allowed in the current status of the user.');
    if (user.provider !== undefined && user.provider !== 'OKTA')
      return oktaError(403, 'E0000014', 'Update of credentials failed');
    if (value.length < 8 || value.length > 72)
      return oktaError(400, 'E0000001', 'Api validation failed: password', [
        'password: Password requirements were not met. Password requirements: at least 8 characters.',
      ]);
    user.password = value;
    if (user.status === 'PASSWORD_EXPIRED' || user.status === 'RECOVERY') user.status = 'ACTIVE';
    return { status: 200, body: shown(user) };
  }

  function lifeCycle(user: OktaAccount, step: string): Said {
    if (step === 'unlock') {
      if (user.status !== 'LOCKED_OUT') return oktaError(403, 'E0000032', 'Unlock is not allowed for this user.');
      user.status = 'ACTIVE';
      return { status: 200, body: {} };
    }
    if (step !== 'expire_password') return { status: 405 };
    if (user.status !== 'ACTIVE' && user.status !== 'PASSWORD_EXPIRED')
      return oktaError(403, 'E0000038', 'This operation is not allowed in the current status of the user.');
    user.status = 'PASSWORD_EXPIRED';
    return { status: 200, body: shown(user) };
  }

  const server = await startStandIn((asked) => {
    const { method, path, query } = asked;
    if (method === 'POST' && path === '/oauth2/v1/token') return token(asked);
    const authorization = asked.header('authorization');
    const scopes = authorization === `SSWS ${TOKEN}` ? made.granted : tokens.scopeOf(authorization)?.split(' ');
    if (!scopes) return oktaError(401, 'E0000011', 'Invalid token provided');
    const needed = path.endsWith('/roles')
      ? 'okta.roles.read'
      : method === 'GET'
        ? 'okta.users.read'
        : 'okta.users.manage';
    const denied = oktaError(403, 'E0000006', 'You do not have permission to perform the requested action');
    if (!scopes.includes(needed) || (needed === 'okta.roles.read' && !made.mayReadRoles)) return denied;
    if (method === 'GET' && path === '/api/v1/users') {
      const [, name, value = '""'] = /^profile\.(\w+) eq ("(?:[^"\\]|\\.)*")$/.exec(query.get('search') ?? '') ?? [];
      if (query.has('search') && name === undefined) return oktaError(400, 'E0000031', 'Invalid search criteria.');
      const found =
        name === undefined
          ? users
          : users.filter((user) => (name === 'email' ? (user.email ?? user.login) : undefined) === JSON.parse(value));
      return { status: 200, body: found.slice(0, Number(query.get('limit'))).map(shown) };
    }
    const [, raw, rest] = /^\/api\/v1\/users\/([^/]+)(?:\/(roles|lifecycle\/\w+))?$/.exec(path) ?? [];
    if (raw === undefined) return { status: 404 };
    const key = decodeURIComponent(raw);
    const user = users.find(
      ({ id, login }) => id === key || login.toLowerCase() === key.toLowerCase() || login.split('@')[0] === key,
    );
    const found = key === 'me' ? users[0] : user;
    if (!found) return notFound(key);
    if (method === 'GET' && rest === undefined) return { status: 200, body: shown(found) };
    if (method === 'GET' && rest === 'roles')
      return { status: 200, body: (found.roles ?? []).map((type) => ({ id: 'role-1', type, status: 'ACTIVE' })) };
    if (method === 'POST' && rest === undefined) return update(found, asked);
    if (method === 'POST' && rest?.startsWith('lifecycle/')) return lifeCycle(found, rest.slice('lifecycle/'.length));
    return oktaError(405, 'E0000022', 'The endpoint does not support the provided HTTP method');
  });
  made = {
    ...server,
    users,
    tokens,
    privateKey: await exportPKCS8(pair.privateKey),
    granted: ['okta.users.read', 'okta.users.manage', 'okta.roles.read'],
    mayReadRoles: true,
  };
  return made;
}
