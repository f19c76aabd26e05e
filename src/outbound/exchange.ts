/** One request and its whole answer within one deadline: no redirect is followed, and a long answer is cut. */
import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { AddressGuard } from './addresses.ts';

export interface Target {
  url: URL;
  guard: Pick<AddressGuard, 'host' | 'lookup'>;
  headers: Readonly<Record<string, string>>;
  /** PEM of the only authorities to trust. */
  ca: string | undefined;
  /** Bytes of an answer. Default: 64 KiB. */
  longest?: number;
}

export interface Filled {
  contentType: string | undefined;
  body: string;
  /** Goes behind the `?` of the address. */
  query: string;
}

export interface Answer {
  status: number;
  retryAfter: string | undefined;
  body: string;
  /** By lower-case name. */
  headers?: IncomingHttpHeaders;
}

const LONGEST_ANSWER = 64 * 1024;

/** What has no name of its own. */
const failure = (code: string): Error => Object.assign(new Error(code), { code });

async function readBody(answer: IncomingMessage, longest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > longest) throw failure('ETOOLONG');
  }
  if (!answer.complete) throw failure('ECONNRESET');
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws Error with a `code` when there was no whole answer. */
export async function exchange(target: Target, method: string, timeout: number, filled: Filled): Promise<Answer> {
  const { url, guard, headers, ca } = target;
  const secure = url.protocol === 'https:';
  const address = new URL(url);
  if (filled.query !== '') address.search = address.search === '' ? filled.query : `${address.search}&${filled.query}`;
  const stop = AbortSignal.timeout(timeout);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const asked = (secure ? tlsRequest : plainRequest)(
      {
        method,
        host: guard.host,
        port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
        path: `${address.pathname}${address.search}`,
        headers: {
          Accept: '*/*',
          ...headers,
          Host: url.host,
          ...(filled.contentType === undefined ? {} : { 'Content-Type': filled.contentType }),
          ...(method === 'GET' ? {} : { 'Content-Length': Buffer.byteLength(filled.body) }),
        },
        lookup: guard.lookup,
        agent: false,
        signal: stop,
        ...(secure ? { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) } : {}),
      },
      resolve,
    );
    asked.on('error', reject);
    asked.end(filled.body);
  });
  try {
    const answer = await answered;
    const body = await readBody(answer, target.longest ?? LONGEST_ANSWER);
    const retryAfter = answer.headers['retry-after'];
    return { status: answer.statusCode ?? 0, retryAfter, body, headers: answer.headers };
  } catch (error) {
    throw stop.aborted ? failure('ETIMEDOUT') : error;
  }
}
