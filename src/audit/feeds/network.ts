/**
 * Bytes to a receiver over TLS, surely. A stream alone does not tell what arrived, so each delivery has a connection of its own:
 * we close it, and it counts when the receiver has closed it, too, in order (RFC 5425 §4.4). Whoever dies with bytes unread resets it.
 */
import { readFileSync } from 'node:fs';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { type Clock, days } from '../../kernel/clock.ts';
import type { Finding } from '../../kernel/plugin.ts';
import { addressGuard } from '../../outbound/addresses.ts';
import { explain } from '../../outbound/explain.ts';
import { readCa } from '../../outbound/read-ca.ts';
import type { Sent } from './feed.ts';

export interface Receiver {
  host: string;
  port: number;
  tls: boolean;
  caFile?: string | undefined;
  certFile?: string | undefined;
  keyFile?: string | undefined;
  /** ms */
  timeout: number;
}

const urlOf = ({ host, port, tls }: Receiver): URL =>
  new URL(`${tls ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`);

const own = (key: string, file: string | undefined): string | undefined => {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${key}: ${file} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown cause'}).`);
  }
};

/** What operators are told, with the keys of a feed. */
function told(error: unknown): Extract<Sent, { is: 'failed' }> {
  const code = String((error as { code?: unknown }).code ?? '');
  if (code === 'ENOTCONFIRMED')
    return {
      is: 'failed',
      cause: 'The receiver did not close the connection after us, so nobody knows what it has.',
      fix: 'Look at the log of the receiver; raise timeout if it is slow.',
      key: 'timeout',
    };
  if (code === 'ENOTLS')
    return {
      is: 'failed',
      cause: 'Something listens there, but it does not answer with TLS.',
      fix: 'Name the port on which the receiver takes syslog over TLS.',
      key: 'port',
    };
  if (/ALERT|HANDSHAKE|CERTIFICATE_REQUIRED/.test(code))
    return {
      is: 'failed',
      cause: `The receiver ended the TLS connection (${code}).`,
      fix: 'It may ask for a certificate of ours: set certFile and keyFile to one that it trusts.',
      key: 'certFile',
    };
  const { cause, fix, key } = explain(error);
  return { is: 'failed', cause, fix, key: key === 'url' ? 'host' : key };
}

export interface Line {
  to: string;
  /** Never throws. Nothing to send still tries the whole way. */
  send(bytes: Buffer): Promise<Sent>;
  check(): Promise<Finding[]>;
}

/** @throws Error that names the key when a file or the address can't be used. */
export function openLine(receiver: Receiver, clock: Clock): Line {
  const { port, tls, timeout } = receiver;
  const guard = addressGuard(urlOf(receiver), []);
  const where = { host: guard.host, port, lookup: guard.lookup };
  const ca = receiver.caFile === undefined ? undefined : readCa(receiver.caFile);
  const cert = own('certFile', receiver.certFile);
  const key = own('keyFile', receiver.keyFile);
  const to = `${receiver.host}:${port}`;
  const open = (): Socket =>
    tls
      ? connectTls({
          ...where,
          servername: isIP(guard.host) === 0 ? guard.host : '',
          minVersion: 'TLSv1.2',
          ...(ca ? { ca } : {}),
          ...(cert && key ? { cert, key } : {}),
        })
      : connectPlain(where);

  /** @throws Error with a code. */
  async function deliver(bytes: Buffer, look: (socket: Socket) => void): Promise<void> {
    const socket = open();
    let stop: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        let [reached, connected, sent, answered] = [false, false, false, false];
        const fail = (code: string) => reject(Object.assign(new Error(code), { code }));
        stop = setTimeout(() => fail(connected ? 'ENOTCONFIRMED' : reached ? 'ENOTLS' : 'ETIMEDOUT'), timeout);
        socket.on('error', reject);
        socket.once('connect', () => {
          reached = true;
        });
        socket.once(tls ? 'secureConnect' : 'connect', () => {
          connected = true;
          look(socket);
          socket.end(bytes, () => {
            sent = true;
          });
        });
        // An end before ours is no answer to it.
        socket.once('end', () => {
          answered = sent;
        });
        socket.once('close', () => (answered ? resolve() : fail('ECONNRESET')));
        socket.resume();
      });
    } finally {
      clearTimeout(stop);
      socket.destroy();
    }
  }

  return {
    to,
    async send(bytes) {
      try {
        await deliver(bytes, () => {});
        return { is: 'delivered' };
      } catch (error) {
        return told(error);
      }
    },
    async check() {
      const what = `connect to ${guard.host}, port ${port}`;
      const findings: Finding[] = [];
      try {
        await deliver(Buffer.alloc(0), (socket) => {
          if (!(socket instanceof TLSSocket)) return;
          const endsAt = Date.parse(socket.getPeerCertificate().valid_to);
          if (endsAt - clock.now() > days(14)) return;
          const cause = `It ends on ${new Date(endsAt).toISOString().slice(0, 10)}.`;
          const fix = 'Renew it on the receiver.';
          findings.push({ is: 'warning', what: 'TLS certificate of the receiver', cause, fix, key: 'host' });
        });
        return [{ is: 'ok', what }, ...findings];
      } catch (error) {
        const { cause, fix, key } = told(error);
        return [{ is: 'failed', what, cause, fix, key }];
      }
    },
  };
}
