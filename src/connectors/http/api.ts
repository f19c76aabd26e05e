/**
 * Calls to one HTTP interface: signed in, within the deadline of the attempt, no redirect followed. What is wrong with the
 * system as a whole comes back as trouble; a refused sign-in is renewed once first.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { Finding } from '../../kernel/plugin.ts';
import { type Answer, exchange } from '../../outbound/exchange.ts';
import { probe } from '../../outbound/probe.ts';
import type { Authorized, Credentials } from './credentials.ts';
import type { Deadline } from './deadline.ts';
import { parse } from './json.ts';
import { judgeWhole } from './judge.ts';
import type { Site } from './site.ts';
import type { Trouble } from './trouble.ts';

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind the address of the system; its parts went through `pathPart`. */
  path: string;
  /** Names are sent as they are, values are encoded. */
  query?: Readonly<Record<string, string>>;
  json?: unknown;
  /** JSON that is already written, because it was signed. */
  body?: string;
  /** Default: application/json. */
  contentType?: string;
  headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  is: 'answered';
  /** None of those that speak for the whole system. */
  status: number;
  /** Parsed; undefined when it is no JSON. */
  body: unknown;
  header(name: string): string | undefined;
}

export type Reply = Answered | { is: 'trouble'; trouble: Trouble };

export interface Api {
  site: Site;
  ask(call: Call, deadline: Deadline): Promise<Reply>;
  /** Connection and certificate, without asking for anything. */
  probe(timeout: number): Promise<Finding[]>;
}

export interface ApiParts {
  site: Site;
  credentials: Credentials;
  clock: Clock;
  /** What this system says in its own way about itself as a whole, before the usual meaning of a status. */
  judge?: (answer: Answered, now: number) => Trouble | undefined;
}

/** Bytes. Lists of roles get long. */
const LONGEST = 1024 * 1024;

/** One part of a path; undefined when no address can hold it, because it would name a folder above. */
export const pathPart = (text: string): string | undefined =>
  text === '' || text === '.' || text === '..' ? undefined : encodeURIComponent(text.toWellFormed());

const queryOf = (query: Call['query'] = {}): string =>
  Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&');

const answered = ({ status, body, headers = {} }: Answer): Answered => ({
  is: 'answered',
  status,
  body: body === '' ? undefined : parse(body),
  header(name) {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  },
});

export function openApi({ site, credentials, clock, judge }: ApiParts): Api {
  const keys = { credentials: credentials.key, url: site.key };

  async function once(call: Call, authorized: Authorized, deadline: Deadline): Promise<Reply> {
    const { method, path, query, json, contentType = 'application/json' } = call;
    const body = call.body ?? (json === undefined ? '' : JSON.stringify(json));
    const signedIn: Record<string, string> = authorized.is === 'header' ? { Authorization: authorized.value } : {};
    const url = path === '' ? site.target.url : new URL(`${site.base}${path}`);
    const headers = { Accept: 'application/json', ...call.headers, ...signedIn };
    const filled = {
      contentType: body === '' ? undefined : contentType,
      body,
      query: queryOf(query),
    };
    try {
      return answered(
        await exchange({ ...site.target, url, headers, longest: LONGEST }, method, deadline.left(), filled),
      );
    } catch (error) {
      return { is: 'trouble', trouble: site.explain(error) };
    }
  }

  return {
    site,
    async ask(call, deadline) {
      const first = await credentials.header(deadline);
      if (first.is === 'trouble') return first;
      let reply = await once(call, first, deadline);
      if (reply.is === 'answered' && reply.status === 401 && first.is === 'header' && credentials.drop(first.value)) {
        const second = await credentials.header(deadline);
        if (second.is === 'trouble') return second;
        reply = await once(call, second, deadline);
      }
      if (reply.is === 'trouble') return reply;
      const now = clock.now();
      const trouble = judge?.(reply, now) ?? judgeWhole(reply, now, keys);
      return trouble ? { is: 'trouble', trouble } : reply;
    },
    probe: (timeout) => probe(site.target, timeout, clock.now(), 'the system'),
  };
}
