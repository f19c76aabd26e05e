/**
 * `fetch` as a browser of its own would do it: over TLS of an authority that only tests trust, from an address of its own,
 * keeping its connection. Every one that is made must be closed.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request } from 'node:https';

export interface TlsFetch {
  fetch(url: URL, init: RequestInit): Promise<Response>;
  close(): void;
}

export interface TlsFetchOptions {
  caFile: string;
  /** One of 127.0.0.0/8, all of which are this machine. */
  from: string;
  /** As browsers do today; without it as they did before. */
  http2: boolean;
}

export const createTlsFetch = ({ caFile, from, http2 }: TlsFetchOptions): TlsFetch =>
  http2 ? overHttp2(readFileSync(caFile), from) : overHttp1(readFileSync(caFile), from);

const textOf = (body: RequestInit['body']): string => (typeof body === 'string' ? body : '');

async function gather(stream: AsyncIterable<unknown>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function overHttp1(ca: Buffer, from: string): TlsFetch {
  const agent = new Agent({ ca, localAddress: from, keepAlive: true, maxSockets: 1 });
  return {
    async fetch(url, { method = 'GET', headers, body, signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      const text = textOf(body);
      const length = method === 'POST' ? { 'content-length': String(Buffer.byteLength(text)) } : {};
      const sent = { ...Object.fromEntries(new Headers(headers)), ...length };
      request(url, { method, agent, headers: sent, ...(signal ? { signal } : {}) }, resolve)
        .on('error', reject)
        .end(text);
      const answer = await promise;
      const answered = new Headers();
      for (const [name, values = []] of Object.entries(answer.headersDistinct))
        for (const value of values) answered.append(name, value);
      return new Response(await gather(answer), { status: answer.statusCode ?? 0, headers: answered });
    },
    close: () => agent.destroy(),
  };
}

function overHttp2(ca: Buffer, from: string): TlsFetch {
  let session: ClientHttp2Session | undefined;
  const open = (origin: string): ClientHttp2Session => {
    if (session && !session.closed && !session.destroyed) return session;
    session = connect(origin, { ca, localAddress: from } as Parameters<typeof connect>[1]);
    // Whoever waits for an answer is told by the stream.
    session.on('error', () => {});
    return session;
  };
  return {
    async fetch(url, { method = 'GET', headers, body, signal }) {
      const stream = open(url.origin).request(
        { ...Object.fromEntries(new Headers(headers)), ':method': method, ':path': url.pathname + url.search },
        { endStream: method === 'GET', ...(signal ? { signal } : {}) },
      );
      const { promise, resolve, reject } = Promise.withResolvers<Record<string, string | string[] | undefined>>();
      stream.on('response', (got) => resolve(got as never)).on('error', reject);
      if (method !== 'GET') stream.end(textOf(body));
      const got = await promise;
      const answered = new Headers();
      for (const [name, values = []] of Object.entries(got))
        if (!name.startsWith(':')) for (const value of [values].flat()) answered.append(name, value);
      return new Response(await gather(stream), { status: Number(got[':status']), headers: answered });
    },
    close: () => session?.destroy(),
  };
}
