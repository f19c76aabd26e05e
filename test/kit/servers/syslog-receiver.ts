/**
 * A receiver of syslog over TLS that reads octet-counted frames as RFC 5425 says, and nothing else. It can go away, hang up in the
 * middle, swallow without answering, and ask for a certificate. Every one that is started must be closed.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createPlain } from 'node:net';
import { createServer as createTls } from 'node:tls';

export interface SyslogReceiver {
  readonly port: number;
  /** Whole messages, in order. */
  messages: string[];
  /** What arrived, as it arrived. */
  raw(): string;
  connections(): number;
  /** The next connections: hung up on while bytes are unread, or read and never closed. */
  next(fault: 'resets' | 'never-closes' | undefined): void;
  disappear(): Promise<void>;
  heal(): Promise<void>;
  close(): Promise<void>;
}

export interface SyslogReceiverOptions {
  /** Absent: no TLS. */
  certificate?: { certFile: string; keyFile: string };
  /** PEM of the authority whose certificates it asks for. */
  clientCaFile?: string;
  /** `lines`: one message a line, as JSON lines come. */
  framing?: 'octets' | 'lines';
}

/** MSG-LEN SP SYSLOG-MSG, until the bytes end. @throws where they are no frames. */
export function framesOf(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = /^([1-9]\d{0,9}) /.exec(bytes.subarray(at, at + 12).toString('latin1'));
    if (!head) throw new Error(`No frame at ${at}: ${bytes.subarray(at, at + 40).toString('latin1')}`);
    const from = at + head[0].length;
    const to = from + Number(head[1]);
    if (to > bytes.length) throw new Error('The last frame is cut off.');
    found.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(from, to)));
    at = to;
  }
  return found;
}

export async function startSyslogReceiver(options: SyslogReceiverOptions = {}): Promise<SyslogReceiver> {
  const { certificate, clientCaFile, framing = 'octets' } = options;
  const messages: string[] = [];
  const got: Buffer[] = [];
  const open = new Set<Socket>();
  let fault: 'resets' | 'never-closes' | undefined;
  let count = 0;

  const serve = (socket: Socket): void => {
    const chunks: Buffer[] = [];
    const present = fault;
    count += 1;
    socket.on('error', () => {});
    if (present === 'resets') {
      // TLS sits on a socket of its own: that one can be reset.
      const below = [...open].find(({ remotePort }) => remotePort === socket.remotePort);
      socket.once('data', () => below?.resetAndDestroy());
      return;
    }
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('end', () => {
      const bytes = Buffer.concat(chunks);
      got.push(bytes);
      const read = framing === 'octets' ? framesOf(bytes) : bytes.toString('utf8').split('\n').slice(0, -1);
      messages.push(...read);
      if (present !== 'never-closes') socket.end();
    });
  };
  const make = (): Server => {
    const server = certificate
      ? createTls(
          {
            cert: readFileSync(certificate.certFile),
            key: readFileSync(certificate.keyFile),
            allowHalfOpen: true,
            ...(clientCaFile ? { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: true } : {}),
          },
          serve,
        )
      : createPlain({ allowHalfOpen: true }, serve);
    return server.on('connection', (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => {}).once('close', () => open.delete(socket));
    });
  };
  const listen = (server: Server, at: number): Promise<number> =>
    new Promise((ready, failed) => {
      server.once('error', failed).listen(at, '127.0.0.1', () => ready((server.address() as AddressInfo).port));
    });
  let server: Server | undefined = make();
  const port = await listen(server, 0);
  const disappear = async () => {
    const going = server;
    server = undefined;
    for (const socket of open) socket.destroy();
    await new Promise<void>((done) => (going ? going.close(() => done()) : done()));
  };
  return {
    port,
    messages,
    raw: () => Buffer.concat(got).toString('utf8'),
    connections: () => count,
    next: (given) => {
      fault = given;
    },
    disappear,
    async heal() {
      server = make();
      await listen(server, port);
    },
    close: disappear,
  };
}
