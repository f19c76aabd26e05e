/**
 * Twilio's REST API as its reference describes it, on a loopback port that the kernel chooses, with faults. It keeps what it
 * accepted; what it calls back is signed by Twilio's own package. Every one that is started must be closed.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import twilio from 'twilio';

export const ACCOUNT = {
  accountSid: `AC${'0'.repeat(31)}1`,
  authToken: 'token-of-the-account-77',
  apiKey: `SK${'0'.repeat(31)}2`,
  apiKeySecret: 'secret-of-the-key-88',
};

export type TwilioFault =
  | { does: 'hang' | 'drop' | 'drop-mid-answer' | 'nonsense' }
  /** `error`: code and words of an error answer. */
  | { does: 'answer'; status: number; error?: [number, string]; headers?: Record<string, string>; body?: string };

export interface TwilioRequest {
  method: string;
  path: string;
  authorization: string;
  form: Readonly<Record<string, string>>;
}

export interface TestTwilio {
  url: string;
  /** Whole requests, accepted or not. */
  requests: TwilioRequest[];
  /** Those that made a text or call. */
  accepted: TwilioRequest[];
  /** Fields of the account, as `GET …/Accounts/{Sid}.json` shows them. */
  account: { status: string; type: string };
  fault(fault: TwilioFault | undefined): void;
  close(): Promise<void>;
}

const basic = (name: string, secret: string): string => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

let made = 0;
const newSid = (kind: string): string => {
  made += 1;
  return `${kind}${made.toString(16).padStart(32, '0')}`;
};

const errorBody = (status: number, [code, message]: [number, string]): string =>
  JSON.stringify({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });

/** `onCall`: somebody picks the call up. */
export async function startTwilio(
  onCall: (sid: string, form: Readonly<Record<string, string>>) => void = () => {},
): Promise<TestTwilio> {
  const requests: TwilioRequest[] = [];
  const accepted: TwilioRequest[] = [];
  const sockets = new Set<Socket>();
  const account = { status: 'active', type: 'Full' };
  let fault: TwilioFault | undefined;

  const misbehave = (how: TwilioFault, response: ServerResponse): void => {
    if (how.does === 'hang') return;
    if (how.does === 'drop') return void response.socket?.destroy();
    if (how.does === 'nonsense') return void response.writeHead(201).end('<html>Welcome to the hotel</html>');
    if (how.does === 'answer') {
      const body = how.error ? errorBody(how.status, how.error) : (how.body ?? '');
      return void response.writeHead(how.status, how.headers).end(body);
    }
    response.writeHead(201, { 'Content-Length': '400' }).write('{"sid":"SM', () => response.socket?.destroy());
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = Object.fromEntries(new URLSearchParams(await read(request)));
    const [path = ''] = (request.url ?? '').split('?');
    const seen = { method: request.method ?? '', path, authorization: request.headers.authorization ?? '', form };
    requests.push(seen);
    if (fault) return misbehave(fault, response);
    const answer = (status: number, body: object | string): void =>
      void response
        .writeHead(status, { 'Content-Type': 'application/json' })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    const fail = (status: number, code: number, message: string): void =>
      answer(status, errorBody(status, [code, message]));
    const own = basic(ACCOUNT.accountSid, ACCOUNT.authToken);
    const key = basic(ACCOUNT.apiKey, ACCOUNT.apiKeySecret);
    const root = `/2010-04-01/Accounts/${ACCOUNT.accountSid}`;
    if (![own, key].includes(seen.authorization)) return fail(401, 20003, 'Authenticate');
    if (path === `${root}.json` && seen.method === 'GET') {
      // Standard keys may do everything but this.
      if (seen.authorization !== own) return fail(401, 20003, 'Authenticate');
      return answer(200, { sid: ACCOUNT.accountSid, ...account });
    }
    if (path === `${root}/IncomingPhoneNumbers.json` && seen.method === 'GET')
      return answer(200, { incoming_phone_numbers: [] });
    if (path === `${root}/Messages.json` && seen.method === 'POST') {
      if (!form['To']) return fail(400, 21604, "A 'To' phone number is required.");
      if (!form['From'] && !form['MessagingServiceSid']) return fail(400, 21603, "A 'From' phone number is required.");
      if (!form['Body']) return fail(400, 21602, 'Message body is required.');
      accepted.push(seen);
      const sid = newSid('SM');
      return answer(201, { sid, status: 'queued', error_code: null, error_message: null, to: form['To'] });
    }
    if (path === `${root}/Calls.json` && seen.method === 'POST') {
      if (!form['To'] || !form['From'] || !form['Url']) return fail(400, 21201, "No 'To' number is specified");
      accepted.push(seen);
      const sid = newSid('CA');
      answer(201, { sid, status: 'queued', to: form['To'], from: form['From'] });
      return onCall(sid, form);
    }
    fail(404, 20404, `The requested resource ${path} was not found`);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.socket?.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    accepted,
    account,
    fault(next) {
      fault = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** As Twilio signs what it calls back. */
export const signed = (url: string, form: Record<string, string>, token = ACCOUNT.authToken): string =>
  twilio.getExpectedTwilioSignature(token, url, form);
