/**
 * The conversation with one identity provider: metadata that is read once and kept for an hour, the address to send people
 * to, and the exchange of the code that they bring back. Answers are data; nothing of a token is ever logged.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  clockSkew,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  getJwksCache,
  type IDToken,
  None,
  type ServerMetadata,
  setJwksCache,
} from 'openid-client';
import { hours, seconds } from '../../kernel/clock.ts';
import type { Unavailable } from '../../kernel/verdict.ts';
import { TOLERANCE } from './claims.ts';
import { exchangeWith, mayAsk } from './exchange.ts';
import { type Fault, faultOf } from './fault.ts';

export interface ProviderSettings {
  issuer: string;
  clientId: string;
  clientSecret?: string | undefined;
  scopes: readonly string[];
  acr: readonly string[];
  /** ms */
  maxAge: number;
  /** ms, for each request. */
  timeout: number;
  /** Where the provider sends people back to. */
  returnUrl: string;
}

/** What binds an answer to its question. */
export interface Asked {
  state: string;
  nonce: string;
  /** RFC 7636 */
  verifier: string;
}

const KEEP = hours(1);
/** A provider that failed is left alone for a moment, so that nobody can make us hammer it. */
const REST = seconds(5);

interface Known {
  metadata: ServerMetadata;
  keys?: Parameters<typeof setJwksCache>[1];
  until: number;
}

export type Provider = ReturnType<typeof createProvider>;

export function createProvider(settings: ProviderSettings) {
  const issuer = new URL(settings.issuer);
  const fetching = exchangeWith(issuer);
  const open = issuer.protocol === 'http:' ? [allowInsecureRequests] : [];
  const timeout = settings.timeout / 1_000;
  let known: Known | undefined;
  let rest: { until: number; cause: string } | undefined;
  let asking: Promise<Known> | undefined;

  async function discover(now: number): Promise<Known> {
    const found = await discovery(issuer, settings.clientId, undefined, undefined, {
      execute: open,
      timeout,
      [customFetch]: fetching,
    });
    const metadata = found.serverMetadata();
    for (const endpoint of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
      const url = URL.parse(metadata[endpoint] ?? '');
      if (!url || !mayAsk(url, issuer)) throw new TypeError(`${endpoint} of the metadata is not an https address`);
    }
    return { metadata: { ...metadata }, until: now + KEEP };
  }

  /** @throws what the library throws. */
  async function knowledge(now: number): Promise<Known> {
    if (known && now < known.until) return known;
    asking ??= discover(now).finally(() => {
      asking = undefined;
    });
    known = await asking;
    return known;
  }

  function configuration({ metadata, keys }: Known, now: number): Configuration {
    const config = new Configuration(
      metadata,
      settings.clientId,
      { [clockSkew]: Math.round((now - Date.now()) / 1_000), [clockTolerance]: TOLERANCE / 1_000 },
      clientAuth(metadata, settings.clientSecret),
    );
    for (const change of [...open, enableNonRepudiationChecks]) change(config);
    config[customFetch] = fetching;
    config.timeout = timeout;
    if (keys) setJwksCache(config, keys);
    return config;
  }

  /** Runs `work`, and gives the provider a rest when it did not answer. */
  async function answering<T>(now: number, work: () => Promise<T>): Promise<T | Fault> {
    if (rest && now < rest.until) return { is: 'unavailable', cause: rest.cause };
    try {
      const done = await work();
      rest = undefined;
      return done;
    } catch (error) {
      const fault = faultOf(error);
      if (fault.is === 'unavailable' && !said(error)) rest = { until: now + REST, cause: fault.cause };
      return fault;
    }
  }

  return {
    /** Asks anew, for `sparekey check`. */
    metadata: (now: number): Promise<ServerMetadata> => discover(now).then(({ metadata }) => metadata),

    /** Where the person goes. */
    async address(asked: Asked, now: number): Promise<{ is: 'address'; url: string } | Unavailable> {
      const made = await answering(now, async () => {
        const url = buildAuthorizationUrl(configuration(await knowledge(now), now), {
          redirect_uri: settings.returnUrl,
          scope: [...new Set(['openid', ...settings.scopes])].join(' '),
          state: asked.state,
          nonce: asked.nonce,
          code_challenge: await calculatePKCECodeChallenge(asked.verifier),
          code_challenge_method: 'S256',
          // A fresh sign-in: a session that somebody left open there proves nothing.
          prompt: 'login',
          max_age: String(Math.floor(settings.maxAge / 1_000)),
          ...(settings.acr.length > 0 ? { acr_values: settings.acr.join(' ') } : {}),
        });
        return { is: 'address', url: url.href } as const;
      });
      return made.is === 'address' ? made : { is: 'unavailable', cause: made.cause };
    },

    /** `returned`: the query that the person came back with. */
    async exchange(
      returned: URLSearchParams,
      asked: Asked,
      now: number,
    ): Promise<{ is: 'claims'; claims: IDToken } | Fault> {
      return answering(now, async () => {
        const present = await knowledge(now);
        const config = configuration(present, now);
        const url = new URL(settings.returnUrl);
        url.search = returned.toString();
        const tokens = await authorizationCodeGrant(config, url, {
          expectedState: asked.state,
          expectedNonce: asked.nonce,
          pkceCodeVerifier: asked.verifier,
          maxAge: Math.floor(settings.maxAge / 1_000),
          idTokenExpected: true,
        });
        const keys = getJwksCache(config);
        if (keys) present.keys = keys;
        const claims = tokens.claims();
        return claims ? { is: 'claims', claims } : { is: 'mismatch', cause: 'No ID token came back.' };
      });
    },
  };
}

/** The person brought the trouble back in the address, which anybody can write: no reason to leave the provider alone. */
const said = (error: unknown): boolean => error instanceof Error && error.name === 'AuthorizationResponseError';

function clientAuth(metadata: ServerMetadata, secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  // RFC 8414: basic, unless the provider says otherwise.
  const supported = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return supported.includes('client_secret_basic') ? ClientSecretBasic(secret) : ClientSecretPost(secret);
}
