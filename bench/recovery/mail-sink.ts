/** A mail server that takes everything over STARTTLS and hands codes and notices to whoever waits for them. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { ServerCertificate } from '../../test/kit/servers/test-ca.ts';

export interface MailSink {
  port: number;
  /** The next mail to that address; ask before it can come. */
  next(address: string): Promise<string>;
  received(): number;
  close(): Promise<void>;
}

export const codeIn = (mail: string): string => {
  const code = /^ {4}(\d{8})\r?$/m.exec(mail)?.[1];
  if (!code) throw new Error(`No code in this mail:\n${mail.slice(0, 3_000)}`);
  return code;
};

export async function openMailSink({ certFile, keyFile }: ServerCertificate): Promise<MailSink> {
  const waiting = new Map<string, (mail: string) => void>();
  let received = 0;
  const server = new SMTPServer({
    key: readFileSync(keyFile),
    cert: readFileSync(certFile),
    disabledCommands: ['AUTH'],
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received += 1;
        done();
        for (const { address } of envelope.rcptTo) {
          const take = waiting.get(address);
          waiting.delete(address);
          take?.(Buffer.concat(chunks).toString('utf8'));
        }
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    next: (address) => new Promise((resolve) => waiting.set(address, resolve)),
    received: () => received,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
