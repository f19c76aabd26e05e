/**
 * A small SMS gateway with an HTTP interface, as JSON, form or query, with sign-in, TLS and faults. It keeps what it accepted.
 * Every one that is started must be closed.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ServerCertificate, TestCa } from './test-ca.ts';

export type GatewayFault =
  | { does: 'hang' | 'drop' | 'drop-mid-answer' | 'nonsense' | 'flood' }
  | { does: 'answer'; status: number; body?: string; headers?: Record<string, string> };

export interface GatewayRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  /** Fields of the JSON object, form or query. */
  fields: Record<string, unknown>;
}

export interface TestHttpGateway {
  url: string;
  /** Messages that it said yes to. */
  accepted: GatewayRequest[];
  /** All requests, accepted or not. */
  requests: GatewayRequest[];
  /** Stays until it is set to undefined. */
  fault(fault: GatewayFault | undefined): void;
  close(): Promise<void>;
}

export interface GatewaySettings {
  ca?: TestCa;
  certificate?: 'good' | 'other-name' | 'expired';
  /** Header Authorization that is demanded. */
  authorization?: string;
}

const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

function fieldsOf(request: IncomingMessage, body: string): Record<string, unknown> {
  if (request.headers['content-type']?.startsWith('application/json'))
    return JSON.parse(body) as Record<string, unknown>;
  const text = body === '' ? ((request.url ?? '').split('?')[1] ?? '') : body;
  return Object.fromEntries(new URLSearchParams(text));
}

const issued = new WeakMap<TestCa, ServerCertificate>();

/** Good ones are made once for a test file. */
function certificateFor(ca: TestCa, kind: 'good' | 'other-name' | 'expired'): ServerCertificate {
  const known = kind === 'good' ? issued.get(ca) : undefined;
  if (known) return known;
  const name = kind === 'other-name' ? 'DNS:sms.elsewhere.example' : 'DNS:localhost';
  const made = ca.issue([name], { expired: kind === 'expired' });
  if (kind === 'good') issued.set(ca, made);
  return made;
}

export async function startHttpGateway(settings: GatewaySettings = {}): Promise<TestHttpGateway> {
  const accepted: GatewayRequest[] = [];
  const requests: GatewayRequest[] = [];
  const sockets = new Set<Socket>();
  let fault: GatewayFault | undefined;

  const misbehave = (how: GatewayFault, response: ServerResponse): void => {
    if (how.does === 'hang') return;
    if (how.does === 'drop') return void response.socket?.destroy();
    if (how.does === 'nonsense') return void response.socket?.end('220 mail.example ESMTP\r\n');
    if (how.does === 'flood') return void response.writeHead(200).end('x'.repeat(2_000_000));
    if (how.does === 'answer') return void response.writeHead(how.status, how.headers).end(how.body ?? '');
    response.writeHead(202, { 'Content-Length': '100' }).write('{"status":"que', () => response.socket?.destroy());
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const fields = fieldsOf(request, await read(request));
    const seen = {
      method: request.method ?? '',
      path: (request.url ?? '').split('?')[0] ?? '',
      headers: request.headers,
      fields,
    };
    requests.push(seen);
    if (fault) return misbehave(fault, response);
    if (settings.authorization !== undefined && request.headers.authorization !== settings.authorization) {
      return void response.writeHead(401).end('Who are you?');
    }
    accepted.push(seen);
    response.writeHead(202, { 'Content-Type': 'application/json' }).end('{"messages":[{"status":"queued"}]}');
  };
  const listener: RequestListener = (request, response) => {
    handle(request, response).catch(() => response.socket?.destroy());
  };
  const files = settings.ca && certificateFor(settings.ca, settings.certificate ?? 'good');
  const server = files
    ? createTlsServer({ key: readFileSync(files.keyFile), cert: readFileSync(files.certFile) }, listener)
    : createServer(listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${files ? 'https' : 'http'}://localhost:${port}/send`,
    accepted,
    requests,
    fault(next) {
      fault = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
