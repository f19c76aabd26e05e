/**
 * A telephone system that speaks just enough SIP over UDP (RFC 3261) to register a caller by digest and to answer every call
 * with a chosen status. Every one that is started must be closed.
 */
import { createHash } from 'node:crypto';
import { createSocket, type RemoteInfo } from 'node:dgram';

export interface SipExchange {
  server: string;
  /** Requests so far, by method. */
  count(method: string): number;
  /** Request lines of all calls. */
  called: string[];
  close(): Promise<void>;
}

export interface ExchangeSettings {
  /** `ring`: rings until it is cancelled; `silent`: never answers anything. */
  calls: number | 'ring' | 'silent';
  login?: { user: string; password: string };
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const NONCE = 'n-0815';

function header(message: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(message)?.[1]?.trim() ?? '';
}

function signedBy(message: string, method: string, { user, password }: { user: string; password: string }): boolean {
  const given = header(message, 'Authorization');
  const field = (name: string): string => new RegExp(`\\b${name}="?([^",]+)`).exec(given)?.[1] ?? '';
  const secret = md5(`${user}:test:${password}`);
  const qop = field('qop');
  const middle = qop === '' ? NONCE : `${NONCE}:${field('nc')}:${field('cnonce')}:${qop}`;
  return (
    field('username') === user && field('response') === md5(`${secret}:${middle}:${md5(`${method}:${field('uri')}`)}`)
  );
}

export async function startSipExchange({ calls, login }: ExchangeSettings): Promise<SipExchange> {
  const socket = createSocket('udp4');
  const counts = new Map<string, number>();
  const called: string[] = [];
  let invite: string | undefined;

  const reply = (request: string, status: number, to: RemoteInfo, more: string[] = []): void => {
    const vias = request.match(/^Via:.*$/gim) ?? [];
    const toHeader = header(request, 'To');
    const lines = [
      `SIP/2.0 ${status} Test`,
      ...vias,
      `From: ${header(request, 'From')}`,
      `To: ${toHeader}${status > 100 && !toHeader.includes('tag=') ? ';tag=x1' : ''}`,
      `Call-ID: ${header(request, 'Call-ID')}`,
      `CSeq: ${header(request, 'CSeq')}`,
      ...more,
      'Content-Length: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, to.port, to.address);
  };
  const challenge = [`WWW-Authenticate: Digest realm="test", nonce="${NONCE}", algorithm=MD5, qop="auth"`];

  socket.on('message', (bytes, from) => {
    const message = bytes.toString('utf8');
    const method = message.slice(0, message.indexOf(' '));
    counts.set(method, (counts.get(method) ?? 0) + 1);
    if (calls === 'silent' || method === 'ACK') return;
    if (method === 'CANCEL') {
      reply(message, 200, from);
      if (invite) reply(invite, 487, from);
      return;
    }
    if (login && (method === 'REGISTER' || method === 'INVITE')) {
      if (header(message, 'Authorization') === '') return reply(message, 401, from, challenge);
      if (!signedBy(message, method, login)) return reply(message, 403, from);
    }
    if (method !== 'INVITE') {
      return reply(message, 200, from, [`Contact: ${header(message, 'Contact')}`, 'Expires: 60']);
    }
    if (invite === undefined) called.push(message.slice(0, message.indexOf('\r\n')));
    invite = message;
    reply(message, calls === 'ring' ? 180 : calls, from);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    server: `127.0.0.1:${socket.address().port}`,
    count: (method) => counts.get(method) ?? 0,
    called,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
