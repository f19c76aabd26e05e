/**
 * The demo's identity provider (OpenID Connect Core 1.0, authorization code with PKCE): who signs in is chosen on its page, so
 * it proves nothing. Keys and codes live in memory; a code works once, within a minute.
 */
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Clock, minutes } from '../kernel/clock.ts';
import { sameText } from '../kernel/keyring.ts';
import { newToken } from '../kernel/random.ts';

export const IDP = '/demo/idp';
export const issuerOf = (origin: string): string => `${origin}${IDP}`;

/** Known to everybody who reads this file. */
export const DEMO_CLIENT = { id: 'sparekey-demo', secret: 'a demo keeps no secrets, so this is none' };

const CODE_LIFETIME = minutes(1);
const TOKEN_SECONDS = 300;

/** What a relying party may ask; more is ignored (Core §3.1.2.1). */
export const REQUEST = [
  'client_id',
  'redirect_uri',
  'response_type',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
] as const;
export type AuthorizationRequest = Readonly<Partial<Record<(typeof REQUEST)[number], string>>>;

export interface DemoIdentity {
  sub: string;
  email: string;
}

interface Granted {
  identity: DemoIdentity;
  request: AuthorizationRequest;
  at: number;
}

type TokenAnswer = { is: 'tokens'; body: object } | { is: 'error'; error: string };

export async function createDemoIdp(issuer: string, redirectUri: string, clock: Clock) {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig' };
  const kid = await calculateJwkThumbprint(jwk);
  const codes = new Map<string, Granted>();

  const isKnown = (request: AuthorizationRequest): boolean =>
    request.client_id === DEMO_CLIENT.id &&
    request.redirect_uri === redirectUri &&
    request.response_type === 'code' &&
    request.code_challenge_method === 'S256' &&
    request.code_challenge !== undefined;

  const back = (request: AuthorizationRequest, answer: Record<string, string>): string => {
    const url = new URL(redirectUri);
    const state = request.state === undefined ? {} : { state: request.state };
    url.search = new URLSearchParams({ ...answer, ...state, iss: issuer }).toString();
    return url.href;
  };

  return {
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic'],
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid', 'email'],
      authorization_response_iss_parameter_supported: true,
    },
    jwks: { keys: [{ ...jwk, kid }] },
    /** Whether somebody may be asked to sign in for it. */
    isKnown,
    /** Where the person goes who said no. */
    refused: (request: AuthorizationRequest): string => back(request, { error: 'access_denied' }),
    /** Where the person goes who signed in. */
    granted(request: AuthorizationRequest, identity: DemoIdentity): string {
      const now = clock.now();
      for (const [code, { at }] of codes) if (at + CODE_LIFETIME < now) codes.delete(code);
      const code = newToken();
      codes.set(code, { identity, request, at: now });
      return back(request, { code });
    },
    async tokens(
      authorization: string | undefined,
      form: Readonly<Record<string, string | undefined>>,
    ): Promise<TokenAnswer> {
      const basic = Buffer.from(/^Basic (\S+)$/i.exec(authorization ?? '')?.[1] ?? '', 'base64').toString();
      const [id = '', secret = ''] = basic.split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
      if (id !== DEMO_CLIENT.id || !sameText(secret, DEMO_CLIENT.secret))
        return { is: 'error', error: 'invalid_client' };
      const code = form['code'] ?? '';
      const granted = codes.get(code);
      codes.delete(code);
      const challenge = createHash('sha256')
        .update(form['code_verifier'] ?? '')
        .digest('base64url');
      const isGood =
        granted !== undefined &&
        form['grant_type'] === 'authorization_code' &&
        form['redirect_uri'] === redirectUri &&
        granted.at + CODE_LIFETIME >= clock.now() &&
        sameText(challenge, granted.request.code_challenge ?? '');
      if (!isGood) return { is: 'error', error: 'invalid_grant' };
      const at = Math.floor(clock.now() / 1_000);
      const { sub, email } = granted.identity;
      const idToken = await new SignJWT({
        auth_time: Math.floor(granted.at / 1_000),
        ...(granted.request.nonce === undefined ? {} : { nonce: granted.request.nonce }),
        ...(granted.request.scope?.split(' ').includes('email') ? { email } : {}),
      })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setIssuer(issuer)
        .setSubject(sub)
        .setAudience(DEMO_CLIENT.id)
        .setIssuedAt(at)
        .setExpirationTime(at + TOKEN_SECONDS)
        .sign(privateKey);
      const body = { access_token: newToken(), token_type: 'Bearer', expires_in: TOKEN_SECONDS, id_token: idToken };
      return { is: 'tokens', body };
    },
  };
}
export type DemoIdp = Awaited<ReturnType<typeof createDemoIdp>>;
