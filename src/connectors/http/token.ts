/**
 * An OAuth 2.0 access token (RFC 6749 §4.4, or §4.5 with an assertion): fetched once for everybody who waits for it, kept in
 * memory only, and renewed before it ends. No secret, assertion or token is ever in a cause.
 */
import type { Clock } from '../../kernel/clock.ts';
import { seconds } from '../../kernel/clock.ts';
import { exchange } from '../../outbound/exchange.ts';
import type { Authorized, Credentials } from './credentials.ts';
import type { Deadline } from './deadline.ts';
import { asObject, asText, parse } from './json.ts';
import { judgeWhole } from './judge.ts';
import type { Site } from './site.ts';
import type { Trouble } from './trouble.ts';

/** What proves who we are, made anew for each request. */
export interface ClientProof {
  headers?: Readonly<Record<string, string>>;
  form: Readonly<Record<string, string>>;
}

export interface TokenParts {
  site: Site;
  /** Behind the address of the site. */
  path: string;
  form: Readonly<Record<string, string>>;
  prove(): Promise<ClientProof>;
  /** Key of the secret or private key. */
  key: string;
  clock: Clock;
  /** Better words for the error codes of this server: cause, fix and key. */
  explain?: (error: string, description: string) => Partial<Trouble> | undefined;
}

export interface TokenCredentials extends Credentials {
  /** The token itself, for what it says about our rights. */
  token(deadline: Deadline): Promise<{ is: 'token'; token: string } | { is: 'trouble'; trouble: Trouble }>;
}

/** Renewed this long before its end, or after nine tenths of a short life. */
const MARGIN = seconds(60);
const WITHOUT_END = seconds(300);

interface Kept {
  value: string;
  until: number;
}

export function tokenCredentials(parts: TokenParts): TokenCredentials {
  const { site, clock, key } = parts;
  let kept: Kept | undefined;
  let fetching: Promise<Kept | { trouble: Trouble }> | undefined;

  async function fetchToken(deadline: Deadline): Promise<Kept | { trouble: Trouble }> {
    const { headers = {}, form } = await parts.prove();
    const asked = clock.now();
    const target = {
      ...site.target,
      url: parts.path === '' ? site.target.url : new URL(`${site.base}${parts.path}`),
      headers: { Accept: 'application/json', ...headers },
    };
    const body = new URLSearchParams({ ...parts.form, ...form }).toString();
    const filled = { contentType: 'application/x-www-form-urlencoded', body, query: '' };
    try {
      const answer = await exchange(target, 'POST', deadline.left(), filled);
      const read = asObject(parse(answer.body));
      const value = asText(read?.['access_token']);
      if (answer.status === 200 && value !== undefined && /^[\x21-\x7e]+$/.test(value)) {
        const lifetime = Number(read?.['expires_in']);
        const lasts = Number.isFinite(lifetime) && lifetime > 0 ? seconds(lifetime) : WITHOUT_END;
        return { value, until: asked + lasts - Math.min(MARGIN, lasts / 10) };
      }
      const seen = {
        status: answer.status,
        header: (name: string) => (name === 'retry-after' ? answer.retryAfter : ''),
      };
      return { trouble: refusal(seen, asText(read?.['error']), asText(read?.['error_description']) ?? '') };
    } catch (error) {
      return { trouble: site.explain(error) };
    }
  }

  function refusal(
    seen: { status: number; header(name: string): string | undefined },
    error: string | undefined,
    description: string,
  ): Trouble {
    const whole = judgeWhole(seen, clock.now(), { credentials: key, url: site.key });
    if (error === undefined && whole) return whole;
    if (error === undefined || !/^[A-Za-z0-9_.-]{1,60}$/.test(error)) {
      const cause = `What answers there gives no tokens (status ${seen.status}).`;
      return { cause, fix: 'Check the address.', key: site.key };
    }
    if (whole && seen.status !== 401) return whole;
    const usual: Trouble = {
      cause: `The system gives us no token (${error}).`,
      fix: 'Check it, and that it is still valid there.',
      key: error === 'invalid_scope' ? 'scope' : key,
    };
    return { ...usual, ...parts.explain?.(error, description) };
  }

  const token: TokenCredentials['token'] = async (deadline) => {
    if (kept && clock.now() < kept.until) return { is: 'token', token: kept.value };
    fetching ??= fetchToken(deadline).finally(() => {
      fetching = undefined;
    });
    const got = await fetching;
    if ('trouble' in got) return { is: 'trouble', trouble: got.trouble };
    kept = got;
    return { is: 'token', token: got.value };
  };

  return {
    key,
    token,
    async header(deadline): Promise<Authorized> {
      const got = await token(deadline);
      return got.is === 'trouble' ? got : { is: 'header', value: `Bearer ${got.token}` };
    },
    drop(value) {
      if (value === `Bearer ${kept?.value}`) kept = undefined;
      return true;
    },
  };
}
