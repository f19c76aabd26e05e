/**
 * A real SMTP server on a port of the kernel's choice, with TLS, sign-in and faults. What it accepts is kept parsed.
 * Every one that is started must be closed.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { TestCa } from './test-ca.ts';

export type SmtpFault =
  | { at: 'connect'; does: 'hang' | 'drop' }
  | { at: 'auth' | 'mail' | 'rcpt' | 'data'; code: number; text: string }
  | { at: 'data'; does: 'hang' | 'drop' };

export interface SmtpServerSettings {
  security?: 'starttls' | 'tls' | 'none';
  auth?: { user: string; pass: string };
  certificate?: 'good' | 'other-name' | 'expired';
  /** Default: one of the kernel's choice. */
  port?: number;
}

export interface ReceivedMail {
  envelope: { from: string; to: string[] };
  /** As it came over the wire. */
  raw: string;
  parsed: ParsedMail;
  secure: boolean;
}

export interface TestSmtpServer {
  host: string;
  port: number;
  caFile: string;
  received: ReceivedMail[];
  /** Accepted TCP connections since the start. */
  connections(): number;
  /** Stays until it is set to undefined. */
  fault(fault: SmtpFault | undefined): void;
  close(): Promise<void>;
}

export async function startSmtpServer(ca: TestCa, settings: SmtpServerSettings = {}): Promise<TestSmtpServer> {
  const { security = 'starttls', auth, certificate: kind = 'good' } = settings;
  const names = kind === 'other-name' ? ['DNS:mail.elsewhere.example'] : ['DNS:localhost', 'IP:127.0.0.1'];
  const { keyFile, certFile } = ca.issue(names, { expired: kind === 'expired' });
  const received: ReceivedMail[] = [];
  let fault: SmtpFault | undefined;
  let connections = 0;

  const refusalAt = (at: SmtpFault['at']): Error | undefined =>
    fault?.at === at && 'code' in fault
      ? Object.assign(new Error(fault.text), { responseCode: fault.code })
      : undefined;
  const dropAll = (): void => {
    for (const { _socket } of server.connections as Set<{ _socket: { destroy(): void } }>) _socket.destroy();
  };

  const options: SMTPServerOptions = {
    secure: security === 'tls',
    key: readFileSync(keyFile),
    cert: readFileSync(certFile),
    disabledCommands: [...(security === 'starttls' ? [] : ['STARTTLS']), ...(auth ? [] : ['AUTH'])],
    authOptional: auth === undefined,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onConnect(_session, done) {
      connections += 1;
      if (fault?.at !== 'connect') return done();
      if (fault.does === 'drop') dropAll();
    },
    onAuth({ username, password }, _session, done) {
      const refusal = refusalAt('auth');
      if (refusal) return done(refusal);
      if (username === auth?.user && password === auth?.pass) return done(null, { user: username });
      done(Object.assign(new Error('5.7.8 Authentication credentials invalid'), { responseCode: 535 }));
    },
    onMailFrom: (_address, _session, done) => done(refusalAt('mail')),
    onRcptTo: (_address, _session, done) => done(refusalAt('rcpt')),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      if (fault?.at === 'data' && 'does' in fault && fault.does === 'drop') return dropAll();
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (fault?.at === 'data' && 'does' in fault) return;
        const refusal = refusalAt('data');
        if (refusal) return done(refusal);
        const raw = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        const envelope = { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address) };
        simpleParser(raw).then((parsed) => {
          received.push({ envelope, raw: raw.toString('utf8'), parsed, secure: session.secure });
          done();
        }, done);
      });
    },
  };
  const server = new SMTPServer(options);
  // A client that hangs up or distrusts our certificate is part of the tests.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(settings.port ?? 0, '127.0.0.1', resolve));

  return {
    host: 'localhost',
    port: (server.server.address() as AddressInfo).port,
    caFile: ca.caFile,
    received,
    connections: () => connections,
    fault(next) {
      fault = next;
    },
    async close() {
      dropAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
