/**
 * One bound SMPP connection. Every request ends: with its answer, as late, or as lost with the connection. A peer that falls
 * silent is found by enquire_link, and what it asks of us is answered.
 */
import type { Pdu, Session } from 'smpp';
import smpp from 'smpp';

export type Answer = { is: 'answer'; pdu: Pdu } | { is: 'late' } | { is: 'lost' };

export interface LinkOptions {
  connection: Record<string, unknown>;
  bind: Record<string, unknown>;
  connectTimeout: number;
  replyTimeout: number;
  enquireEvery: number;
  /** True: taken, and the message centre may forget it. */
  onDeliver: (pdu: Pdu) => void;
  onLost: () => void;
}

export interface Link {
  /** `late`: called when the answer comes after all. */
  request(command: string, fields: Record<string, unknown>, late?: (pdu: Pdu) => void): Promise<Answer>;
  alive(): boolean;
  /** Says goodbye (unbind) and waits for the answer. */
  close(): Promise<void>;
}

/** What went wrong before the link was bound; `status` is the answer to the bind. */
export class BindError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status = 0) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

const ROK = 0;
const INVALID_COMMAND = 0x03;

export async function openLink(options: LinkOptions): Promise<Link> {
  const { connection, replyTimeout } = options;
  const session: Session = smpp.connect({ ...connection });
  let alive = true;
  let bound = false;
  let failure: unknown;
  const lost = Promise.withResolvers<{ is: 'lost' }>();
  const drop = (): void => {
    if (!alive) return;
    alive = false;
    clearInterval(heartbeat);
    session.destroy();
    lost.resolve({ is: 'lost' });
    if (bound) options.onLost();
  };
  session.on('error', (error: unknown) => {
    failure ??= error;
    drop();
  });
  session.on('close', drop);

  const request: Link['request'] = async (command, fields, late) => {
    if (!alive) return { is: 'lost' };
    const reply = Promise.withResolvers<Answer>();
    let waiting = true;
    const sent = session.send(new smpp.PDU(command, fields), (pdu) => {
      if (waiting) reply.resolve({ is: 'answer', pdu });
      else late?.(pdu);
    });
    if (!sent) return { is: 'lost' };
    const timer = setTimeout(() => {
      reply.resolve({ is: 'late' });
      // Slow with one answer, or gone altogether?
      if (command !== 'enquire_link') void enquire();
    }, replyTimeout);
    try {
      return await Promise.race([reply.promise, lost.promise]);
    } finally {
      waiting = false;
      clearTimeout(timer);
    }
  };

  const enquire = async (): Promise<void> => {
    if ((await request('enquire_link', {})).is !== 'answer') drop();
  };
  const heartbeat = setInterval(() => void enquire(), options.enquireEvery);
  heartbeat.unref();

  session.on('pdu', (pdu: Pdu) => {
    if (pdu.isResponse()) return;
    if (pdu.command === 'deliver_sm') options.onDeliver(pdu);
    const known = ['deliver_sm', 'enquire_link', 'unbind'].includes(pdu.command);
    if (pdu.command !== 'alert_notification')
      session.send(pdu.response(known ? { command_status: ROK } : { command_status: INVALID_COMMAND }));
    if (pdu.command === 'unbind') session.close();
  });

  const ready = new Promise<'ready'>((resolve) =>
    session.once(connection['tls'] === true ? 'secureConnect' : 'connect', () => resolve('ready')),
  );
  const deadline = setTimeout(() => {
    failure ??= new BindError('ETIMEDOUT');
    drop();
  }, options.connectTimeout);
  try {
    const connected = await Promise.race([ready, lost.promise]);
    const answer = connected === 'ready' ? await request('bind_transceiver', options.bind) : connected;
    if (answer.is !== 'answer') throw failure ?? new BindError(connected === 'ready' ? 'ENOBIND' : 'ECONNRESET');
    if (answer.pdu.command_status !== ROK) throw new BindError('EBIND', answer.pdu.command_status);
    bound = true;
  } catch (error) {
    drop();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
  return {
    request,
    alive: () => alive,
    async close() {
      bound = false;
      await request('unbind', {});
      drop();
    },
  };
}
