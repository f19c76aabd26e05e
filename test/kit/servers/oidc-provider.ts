/**
 * A real identity provider (oidc-provider) on a loopback port that the kernel chooses, with a sign-in page of one button, and
 * switches for everything that such a provider can do wrong. `signIn` is the person's browser over there.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import Provider, { type Configuration, errors } from 'oidc-provider';

export const CLIENT = { clientId: 'sparekey', clientSecret: 'a secret of at least 32 characters!' };

const KEY = 'first';
/** s */
const HOUR = 3_600;

export interface SignInThere {
  /** Subject. */
  sub: string;
  acr?: string;
  amr?: string[];
  /** ms; when the person signed in there. */
  at?: number;
}

/** What a request is answered with instead: a status and a body, or nothing for ever. */
export type Trouble = { status: number; body?: string; type?: string; location?: string } | 'hangs';

export interface OidcProvider {
  issuer: string;
  /** Who signs in when the button is pressed; `undefined`: the person refuses. */
  person: SignInThere | undefined;
  /** By path: `/token`, `/jwks`, `/.well-known/openid-configuration`. */
  readonly trouble: Map<string, Trouble>;
  /** Rewrites ID tokens before they leave. */
  tamper: ((idToken: string) => string | Promise<string>) | undefined;
  /** A token with these claims, signed with the provider's real key. */
  sign(claims: JWTPayload): Promise<string>;
  /** Requests so far, by path. */
  count(path: string): number;
  /** Follows the way of a browser from `url` to our own address and gives that. */
  signIn(url: string): Promise<URL>;
  close(): Promise<void>;
}

export interface OidcProviderOptions {
  redirectUri: string;
  /** Without a secret: a public client. */
  secret?: string | undefined;
  acrValues?: string[];
  configuration?: Configuration;
}

export async function startOidcProvider(options: OidcProviderOptions): Promise<OidcProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined;
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, await configurationFor(options, privateKey));
  const counts = new Map<string, number>();
  const made: OidcProvider = {
    issuer,
    person: { sub: 'amina-there' },
    trouble: new Map(),
    tamper: undefined,
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: KEY }).sign(privateKey),
    count: (path) => counts.get(path) ?? 0,
    signIn: (url) => walk(url, options.redirectUri),
    close: () => stop(server),
  };
  provider.use(async (context, next) => {
    await next();
    const body = context.body as { id_token?: string } | undefined;
    if (made.tamper && context.path === '/token' && body?.id_token) body.id_token = await made.tamper(body.id_token);
  });
  const serve = provider.callback();
  handle = async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    counts.set(path, (counts.get(path) ?? 0) + 1);
    const trouble = made.trouble.get(path);
    if (trouble === 'hangs') return;
    if (trouble) {
      const { status, body = '', type = 'application/json', location } = trouble;
      response.writeHead(status, { 'content-type': type, ...(location ? { location } : {}) }).end(body);
    } else if (path.startsWith('/interaction/')) await interaction(provider, made, request, response);
    else await serve(request, response);
  };
  return made;
}

async function configurationFor(
  { redirectUri, secret, acrValues, configuration }: OidcProviderOptions,
  privateKey: CryptoKey,
) {
  const made: Configuration = {
    clients: [
      {
        client_id: CLIENT.clientId,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: secret === undefined ? 'none' : 'client_secret_basic',
        ...(secret === undefined ? {} : { client_secret: secret }),
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: KEY }] },
    cookies: { keys: ['only for tests'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    claims: { openid: ['sub', 'acr', 'amr'], email: ['email'] },
    conformIdTokenClaims: false,
    ttl: { AccessToken: HOUR, AuthorizationCode: 60, Grant: HOUR, IdToken: HOUR, Interaction: HOUR, Session: HOUR },
    ...(acrValues ? { acrValues } : {}),
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, email: `${sub}@elsewhere.example` }),
    }),
    // Nobody is asked what may be told about them: one question less.
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({
        clientId: client?.clientId ?? '',
        accountId: session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
    renderError: (context, out) => {
      context.body = JSON.stringify(out);
    },
    ...configuration,
  };
  return made;
}

/** The sign-in page: one button. */
async function interaction(
  provider: Provider,
  { person }: OidcProvider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') {
    const page = `<!doctype html><link rel="icon" href="data:,"><title>Sign in</title><form method="post"><button>Sign in</button></form>`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    return;
  }
  const { sub, acr, amr, at } = person ?? {};
  const login = {
    accountId: sub ?? '',
    ...(acr ? { acr } : {}),
    ...(amr ? { amr } : {}),
    ...(at === undefined ? {} : { ts: Math.floor(at / 1_000) }),
  };
  const refused = { error: new errors.AccessDenied().error, error_description: 'The person said no.' };
  await provider.interactionFinished(request, response, person ? { login } : refused, {
    mergeWithLastSubmission: false,
  });
}

/** A browser: cookies, redirects, and a press on the button of every page. */
async function walk(from: string, until: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let [url, method] = [new URL(from), 'GET'];
  for (let steps = 0; steps < 12; steps += 1) {
    if (url.href.startsWith(until)) return url;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { method, redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const body = await answer.text();
    const next = answer.headers.get('location');
    if (next === null && !body.includes('<form')) throw new Error(`The provider answered ${answer.status}: ${body}`);
    method = next === null ? 'POST' : 'GET';
    url = next === null ? url : new URL(next, url);
  }
  throw new Error(`The provider never came back: ${url.href}`);
}

const stop = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.closeAllConnections();
    server.close(() => done());
  });
