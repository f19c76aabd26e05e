/** Speaks ctrl_tcp with one baresip: commands with their answers, and its events. JSON in netstrings (`length:json,`). */
import { connect } from 'node:net';

export interface BaresipEvent {
  type: string;
  /** Reason, digit or address, whatever the type says. */
  param: string;
}

export interface Control {
  command(command: string, params?: string): Promise<{ ok: boolean; data: string }>;
  close(): void;
}

const LONGEST_MESSAGE = 1_000_000;
const ANSWER_WITHIN = 5_000;

export const netstring = (text: string): string => `${Buffer.byteLength(text)}:${text},`;

/** Whole netstrings in `bytes`, and what is left. @throws Error when the peer does not speak netstrings. */
export function readNetstrings(bytes: Buffer): { texts: string[]; rest: Buffer } {
  const texts: string[] = [];
  let rest = bytes;
  for (;;) {
    const colon = rest.indexOf(0x3a);
    if (colon < 0 && rest.length < 10) return { texts, rest };
    const head = rest.subarray(0, Math.max(colon, 0)).toString('latin1');
    const length = Number(head);
    if (!/^\d{1,7}$/.test(head) || length > LONGEST_MESSAGE) throw new Error('Not a netstring.');
    if (rest.length < colon + length + 2) return { texts, rest };
    texts.push(rest.subarray(colon + 1, colon + 1 + length).toString('utf8'));
    rest = rest.subarray(colon + length + 2);
  }
}

interface Incoming {
  event?: boolean;
  response?: boolean;
  ok?: boolean;
  token?: string;
  type?: string;
  param?: string;
  data?: string;
}

export async function openControl(
  port: number,
  onEvent: (event: BaresipEvent) => void,
  onLost: () => void,
): Promise<Control> {
  const socket = connect({ host: '127.0.0.1', port });
  await new Promise<void>((resolve, reject) => socket.once('connect', () => resolve()).once('error', reject));
  const waiting = new Map<string, (answer: { ok: boolean; data: string }) => void>();
  let rest: Buffer = Buffer.alloc(0);
  let sent = 0;
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const answer of waiting.values()) answer({ ok: false, data: 'closed' });
    waiting.clear();
    onLost();
  });
  const take = ({ event, response, ok, token, type, param, data }: Incoming): void => {
    if (event) onEvent({ type: type ?? '', param: param ?? '' });
    if (!response) return;
    waiting.get(token ?? '')?.({ ok: ok === true, data: data ?? '' });
    waiting.delete(token ?? '');
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      const read = readNetstrings(Buffer.concat([rest, chunk]));
      rest = read.rest;
      for (const text of read.texts) take(JSON.parse(text) as Incoming);
    } catch {
      socket.destroy();
    }
  });
  return {
    command(command, params = '') {
      sent += 1;
      const token = String(sent);
      return new Promise((resolve) => {
        if (socket.destroyed) return resolve({ ok: false, data: 'closed' });
        const timer = setTimeout(() => resolve({ ok: false, data: 'no answer' }), ANSWER_WITHIN);
        waiting.set(token, (answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
        socket.write(netstring(JSON.stringify({ command, params, token })));
      });
    },
    close: () => socket.destroy(),
  };
}
