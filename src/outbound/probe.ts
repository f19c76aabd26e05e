/** Tries the way to a server as far as it goes without asking for anything: name, connection, certificate. Never throws. */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { days } from '../kernel/clock.ts';
import type { Finding } from '../kernel/plugin.ts';
import type { Target } from './exchange.ts';
import { explain } from './explain.ts';

function certificate(socket: Socket, now: number, server: string): Finding[] {
  if (!(socket instanceof TLSSocket)) return [];
  const endsAt = Date.parse(socket.getPeerCertificate().valid_to);
  const what = `TLS certificate of ${server}`;
  if (endsAt - now > days(14)) return [{ is: 'ok', what }];
  const cause = `It ends on ${new Date(endsAt).toISOString().slice(0, 10)}.`;
  return [{ is: 'warning', what, cause, fix: `Renew it on ${server}.`, key: 'url' }];
}

/** `server`: what operators call it, as in "the gateway". */
export async function probe(
  { url, guard, ca }: Pick<Target, 'url' | 'guard' | 'ca'>,
  timeout: number,
  now: number,
  server: string,
): Promise<Finding[]> {
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const what = `connect to ${guard.host}, port ${port}`;
  const where = { host: guard.host, port, lookup: guard.lookup };
  const socket: Socket = secure
    ? connectTls({
        ...where,
        servername: isIP(guard.host) === 0 ? guard.host : '',
        minVersion: 'TLSv1.2',
        ...(ca ? { ca } : {}),
      })
    : connectPlain(where);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => resolve()).on('error', reject);
      socket.setTimeout(timeout, () => reject(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    });
    return [{ is: 'ok', what }, ...certificate(socket, now, server)];
  } catch (error) {
    return [{ is: 'failed', what, ...explain(error) }];
  } finally {
    socket.destroy();
  }
}
