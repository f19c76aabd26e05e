/**
 * What every stand-in of a vendor shares: JSON over HTTP on a loopback port that the kernel chooses, a request log without bodies,
 * counts, faults, and tokens that end. Every one that is started must be closed.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  header(name: string): string;
  /** As it arrived. */
  text: string;
  json(): Record<string, unknown>;
  form(): Record<string, string>;
}

export interface Said {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** ms; a slow server. */
  after?: number;
}

export interface StandIn {
  url: string;
  /** Method, path, query, headers but the sign-in, status: what such a service writes down. */
  log(): string;
  /** Whole requests by `METHOD /path`. */
  count(request: string): number;
  /** The next requests whose `METHOD /path` begins like this get that answer instead. */
  answerNext(request: string, said: Said | 'hangs' | 'drops', times?: number): void;
  disappear(): Promise<void>;
  heal(): Promise<void>;
  close(): Promise<void>;
}

const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((ready, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port));
  });

const stop = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });

export async function startStandIn(answer: (asked: Asked) => Said | Promise<Said>): Promise<StandIn> {
  const lines: string[] = [];
  const counts = new Map<string, number>();
  let faults: { request: string; said: Said | 'hangs' | 'drops'; times: number }[] = [];

  const serve = (): Server =>
    createServer(async (request, response) => {
      const url = new URL(request.url ?? '', 'http://stand-in');
      const text = await read(request);
      const method = request.method ?? '';
      const name = `${method} ${url.pathname}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      const asked: Asked = {
        method,
        path: url.pathname,
        query: url.searchParams,
        header: (header) => String(request.headers[header] ?? ''),
        text,
        json: () => (text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)),
        form: () => Object.fromEntries(new URLSearchParams(text)),
      };
      const fault = faults.find((one) => name.startsWith(one.request));
      if (fault) {
        fault.times -= 1;
        faults = faults.filter(({ times }) => times > 0);
      }
      const said = fault?.said ?? (await answer(asked));
      const { authorization: _, ...headers } = request.headers;
      lines.push(
        `${method} ${request.url} ${JSON.stringify(headers)} ${typeof said === 'string' ? said : said.status}`,
      );
      if (said === 'hangs') return;
      if (said !== 'drops' && said.after !== undefined) await new Promise((next) => setTimeout(next, said.after));
      if (said === 'drops') return void response.socket?.destroy();
      const body = said.body === undefined ? '' : typeof said.body === 'string' ? said.body : JSON.stringify(said.body);
      const type: Record<string, string> = body === '' ? {} : { 'Content-Type': 'application/json; charset=utf-8' };
      response.writeHead(said.status, { ...type, ...said.headers }).end(body);
    });

  let server = serve();
  const port = await listen(server, 0);
  let running = true;
  const disappear = async (): Promise<void> => {
    if (running) await stop(server);
    running = false;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => lines.join('\n'),
    count: (request) => counts.get(request) ?? 0,
    answerNext: (request, said, times = 1) => {
      faults.push({ request, said, times });
    },
    disappear,
    async heal() {
      server = serve();
      await listen(server, port);
      running = true;
    },
    close: disappear,
  };
}

/** Access tokens of a stand-in: each with an end, and revocable all at once. */
export function createTokens(lifetime = 3_600) {
  const good = new Map<string, string>();
  let made = 0;
  return {
    /** `scope`: what it is good for. */
    issue(
      scope: string,
      claims?: Record<string, unknown>,
    ): { access_token: string; expires_in: number; token_type: string } {
      made += 1;
      const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const token = `${part({ alg: 'none' })}.${part({ jti: made, ...claims })}.signature-${made}`;
      good.set(`Bearer ${token}`, scope);
      return { access_token: token, expires_in: lifetime, token_type: 'Bearer' };
    },
    /** Scope of a token that is good; undefined otherwise. */
    scopeOf: (authorization: string): string | undefined => good.get(authorization),
    revokeAll: () => good.clear(),
    issued: () => made,
  };
}
