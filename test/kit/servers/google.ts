/**
 * Google's token endpoint and users of the Directory API as the reference describes them: assertions are verified with the public
 * key of the service account, unknown fields, weak passwords and strangers' domains are refused as there.
 */
import type { admin_directory_v1 } from '@googleapis/admin';
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose';
import { type Asked, createTokens, type Said, type StandIn, startStandIn } from './stand-in.ts';

type User = admin_directory_v1.Schema$User;

export const SUBJECT = 'sparekey@example.org';
const EMAIL = 'sparekey@project.iam.gserviceaccount.com';
const SCOPE = 'https://www.googleapis.com/auth/admin.directory.user';

export interface GoogleAccount extends User {
  id: string;
  primaryEmail: string;
  password: string;
}

export interface GoogleStandIn extends StandIn {
  users: GoogleAccount[];
  tokens: ReturnType<typeof createTokens>;
  /** Content of the key file. */
  serviceAccount: string;
  /** False: nobody allowed the scope to the service account. */
  delegated: boolean;
  /** Privileges of the subject. */
  privileges: { read: boolean; update: boolean };
}

const WRITABLE = new Set(['password', 'changePasswordAtNextLogin', 'hashFunction', 'suspended', 'name', 'orgUnitPath']);

export const googleError = (code: number, reason: string, message: string): Said => ({
  status: code,
  body: { error: { code, message, errors: [{ message, domain: 'global', reason }] } },
});

export async function startGoogle(users: GoogleAccount[]): Promise<GoogleStandIn> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  const tokens = createTokens();
  let made: GoogleStandIn;

  async function token({ header, form }: Asked): Promise<Said> {
    const { grant_type: grant, assertion = '' } = form();
    const error = (status: number, name: string): Said => ({
      status,
      body: { error: name, error_description: `${name}.` },
    });
    if (header('content-type') !== 'application/x-www-form-urlencoded') return error(400, 'invalid_request');
    if (grant !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return error(400, 'unsupported_grant_type');
    try {
      // Signature, audience and end are those of the real thing; the clock of the tests is their own.
      const { payload } = await jwtVerify(assertion, pair.publicKey, {
        audience: `${made.url}/token`,
        issuer: EMAIL,
        algorithms: ['RS256'],
        currentDate: new Date(Date.UTC(2026, 10, 23, 8, 0, 5)),
      });
      if (Number(payload.exp) - Number(payload.iat) > 3_600) return error(400, 'invalid_grant');
      if (payload.sub !== SUBJECT) return error(400, 'invalid_grant');
      if (!made.delegated || payload['scope'] !== SCOPE) return error(401, 'unauthorized_client');
    } catch {
      return error(400, 'invalid_grant');
    }
    return { status: 200, body: tokens.issue(SCOPE) };
  }

  function update(user: GoogleAccount, asked: Asked): Said {
    if (!made.privileges.update) return googleError(403, 'forbidden', 'Not Authorized to access this resource/api');
    if (!asked.header('content-type').startsWith('application/json'))
      return googleError(415, 'badContent', 'Unsupported content');
    const body = asked.json() as User;
    const unknown = Object.keys(body).find((name) => !WRITABLE.has(name));
    if (unknown !== undefined)
      return googleError(
        400,
        'badRequest',
        `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`,
      );
    if (typeof body.password === 'string') {
      if (body.hashFunction === undefined && !/^[\x20-\x7e]{8,100}$/.test(body.password))
        return googleError(400, 'invalid', 'Invalid Password');
      user.password = body.password;
    }
    if (typeof body.changePasswordAtNextLogin === 'boolean')
      user.changePasswordAtNextLogin = body.changePasswordAtNextLogin;
    return { status: 200, body: { id: user.id } };
  }

  const server = await startStandIn((asked) => {
    if (asked.method === 'POST' && asked.path === '/token') return token(asked);
    if (tokens.scopeOf(asked.header('authorization')) !== SCOPE)
      return googleError(401, 'authError', 'Request had invalid authentication credentials.');
    const [, raw] = /^\/admin\/directory\/v1\/users\/([^/]+)$/.exec(asked.path) ?? [];
    if (raw === undefined) return { status: 404 };
    const userKey = decodeURIComponent(raw).toLowerCase();
    const forbidden = googleError(403, 'forbidden', 'Not Authorized to access this resource/api');
    if (!made.privileges.read) return forbidden;
    if (!/^[\w.+'-]+(@[\w.-]+)?$/.test(userKey)) return googleError(400, 'invalid', 'Type not supported: userKey');
    if (userKey.includes('@') && !userKey.endsWith('@example.org')) return forbidden;
    const user = users.find((one) =>
      [one.id, one.primaryEmail, ...(one.aliases ?? [])].some((name) => name.toLowerCase() === userKey),
    );
    if (!user) return googleError(404, 'notFound', 'Resource Not Found: userKey');
    if (asked.method === 'PUT' || asked.method === 'PATCH') return update(user, asked);
    if (asked.method !== 'GET') return { status: 405 };
    const fields = (asked.query.get('fields') ?? '').split(',');
    return {
      status: 200,
      body: Object.fromEntries(
        fields.filter((name) => name !== 'password').map((name) => [name, user[name as keyof User]]),
      ),
    };
  });
  const serviceAccount = JSON.stringify({
    type: 'service_account',
    client_email: EMAIL,
    private_key_id: 'key-1',
    private_key: await exportPKCS8(pair.privateKey),
  });
  made = {
    ...server,
    users,
    tokens,
    serviceAccount,
    delegated: true,
    privileges: { read: true, update: true },
  };
  return made;
}
