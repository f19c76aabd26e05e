/** A local server that answers as the range API is documented to, or as badly as a test says. Keeps what it was sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { linesOf } from './kit.ts';

export interface RangeServer {
  url: string;
  /** Request line, headers and body of each request. */
  seen: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[];
  /** Replaces the answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  stop(): Promise<void>;
}

/** The rows of a range, with 800 rows of padding, CRLF and without a newline at the end, as the service sends them. */
export function rangeOf(passwords: readonly string[], prefix: string): string {
  const own = linesOf(passwords).filter((line) => line.startsWith(prefix));
  const padding = Array.from({ length: 800 }, (_, nth) => `${nth.toString(16).toUpperCase().padStart(35, 'F')}:0`);
  return [...own.map((line) => line.slice(5)), ...padding].join('\r\n');
}

export async function startRangeServer(passwords: readonly string[]): Promise<RangeServer> {
  const state: RangeServer = {
    url: '',
    seen: [],
    stop: () =>
      new Promise((stopped) => {
        server.closeAllConnections();
        server.close(() => stopped());
      }),
    answer(request, response) {
      const { 'user-agent': agent } = request.headers;
      const prefix = /^\/range\/([0-9A-F]{5})$/.exec(request.url ?? '')?.[1];
      if (!agent || !prefix) response.writeHead(agent ? 400 : 403).end();
      else response.writeHead(200, { 'content-type': 'text/plain' }).end(rangeOf(passwords, prefix));
    },
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      state.seen.push({ method, path: url, headers, body });
      state.answer(request, response);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => state.stop());
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`;
  return state;
}
