/**
 * An SMPP message centre from the npm package `smpp`: decodes what it takes, puts long messages together as a phone does,
 * sends receipts, and fails on demand. Every one that is started must be closed.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import smpp, { type Pdu, type Session } from 'smpp';
import type { ServerCertificate, TestCa } from './test-ca.ts';

export type SmscFault =
  | { at: 'connect' | 'bind'; does: 'hang' }
  | { at: 'bind'; status: number }
  /** From the n-th submit_sm on, counted from now; 1 when left out. */
  | { at: 'submit'; from?: number; status: number }
  | { at: 'submit'; from?: number; does: 'hang' | 'drop' }
  /** Answers after the next enquire_link. */
  | { at: 'submit'; does: 'answer-late' }
  | { at: 'bound'; does: 'drop' };

export interface SmscMessage {
  id: string;
  to: string;
  from: string;
  text: string;
  parts: number;
  coding: number;
  validity: unknown;
}

export interface TestSmsc {
  host: string;
  port: number;
  /** Whole messages, as the phone shows them. */
  messages: SmscMessage[];
  /** Every submit_sm, also refused ones. */
  submits: Pdu[];
  binds: { systemId: string; password: string; at: number }[];
  /** Requests by command, for example `enquire_link`. */
  count(command: string): number;
  /** Most submit_sm that waited for an answer at one time. Only grows while answers are held. */
  mostWaiting(): number;
  fault(fault: SmscFault | undefined): void;
  /** Sends a deliver_sm to everybody who is bound; resolves with the status of the answer. */
  deliver(fields: Record<string, unknown>): Promise<number>;
  /** When true, each registered message is followed by a receipt, before its own answer. */
  receipts: { early: boolean };
  dropAll(): void;
  close(): Promise<void>;
}

export interface SmscSettings {
  ca?: TestCa;
  certificate?: 'good' | 'other-name' | 'expired';
  login?: { systemId: string; password: string };
}

export const receiptText = (id: string, state: string): string =>
  `id:${id} sub:001 dlvrd:001 submit date:2611231200 done date:2611231201 stat:${state} err:000 text:`;

const issued = new WeakMap<TestCa, ServerCertificate>();

/** Good ones are made once for a test file. */
function certificateFor(ca: TestCa, kind: 'good' | 'other-name' | 'expired'): ServerCertificate {
  const known = kind === 'good' ? issued.get(ca) : undefined;
  if (known) return known;
  const name = kind === 'other-name' ? 'DNS:smsc.elsewhere.example' : 'DNS:localhost';
  const made = ca.issue([name], { expired: kind === 'expired' });
  if (kind === 'good') issued.set(ca, made);
  return made;
}

export async function startSmsc(settings: SmscSettings = {}): Promise<TestSmsc> {
  const sessions = new Set<Session>();
  const messages: SmscMessage[] = [];
  const submits: Pdu[] = [];
  const binds: TestSmsc['binds'] = [];
  const counts = new Map<string, number>();
  const receipts = { early: false };
  const waiting = new Map<string, Map<number, string>>();
  let fault: SmscFault | undefined;
  let sinceFault = 0;
  let nextId = 0;
  let unanswered = 0;
  let mostWaiting = 0;
  let held: (() => void)[] = [];

  function take(pdu: Pdu, id: string): void {
    const [udh] = pdu.short_message?.udh ?? [];
    // Element 0, length 3: reference, total, number (GSM 03.40 §9.2.3.24.1); or the sar parameters.
    const reference = udh?.[2] ?? pdu.sar_msg_ref_num ?? 0;
    const total = udh?.[3] ?? pdu.sar_total_segments ?? 1;
    const number = udh?.[4] ?? pdu.sar_segment_seqnum ?? 1;
    const key = `${pdu.destination_addr}/${reference}/${total}`;
    const parts = waiting.get(key) ?? new Map<number, string>();
    waiting.set(key, parts.set(number, String(pdu.short_message?.message ?? '')));
    if (parts.size < total) return;
    waiting.delete(key);
    const text = [...parts]
      .sort(([a], [b]) => a - b)
      .map(([, part]) => part)
      .join('');
    const {
      destination_addr: to = '',
      source_addr: from = '',
      data_coding: coding = 0,
      validity_period: validity,
    } = pdu;
    messages.push({ id, to, from, text, parts: total, coding, validity });
  }

  function onSubmit(session: Session, pdu: Pdu): void {
    submits.push(pdu);
    sinceFault += 1;
    if (fault?.at === 'submit' && sinceFault >= ('from' in fault ? (fault.from ?? 1) : 1)) {
      if ('status' in fault) return void session.send(pdu.response({ command_status: fault.status }));
      if (fault.does === 'drop') return void session.destroy();
      if (fault.does === 'hang') {
        unanswered += 1;
        mostWaiting = Math.max(mostWaiting, unanswered);
        return;
      }
    }
    nextId += 1;
    const id = (0x1a00 + nextId).toString(16);
    take(pdu, id);
    const answer = (): void => void session.send(pdu.response({ message_id: id }));
    if (fault?.at === 'submit' && 'does' in fault && fault.does === 'answer-late') return void held.push(answer);
    if (receipts.early && pdu.registered_delivery === 1) {
      session.send(new smpp.PDU('deliver_sm', { esm_class: 4, short_message: receiptText(id, 'DELIVRD') }), answer);
    } else answer();
  }

  function onBind(session: Session, pdu: Pdu): void {
    const { system_id: systemId = '', password = '' } = pdu;
    binds.push({ systemId, password, at: Date.now() });
    if (fault?.at === 'bind') {
      if ('status' in fault) session.send(pdu.response({ command_status: fault.status }));
      return;
    }
    const { login } = settings;
    const known = !login || (login.systemId === systemId && login.password === password);
    session.send(pdu.response(known ? { system_id: 'smsc' } : { command_status: smpp.errors['ESME_RINVPASWD'] }));
    if (fault?.at === 'bound') session.close();
  }

  const files = settings.ca && certificateFor(settings.ca, settings.certificate ?? 'good');
  const tls = files ? { key: readFileSync(files.keyFile), cert: readFileSync(files.certFile) } : {};
  const server = smpp.createServer(tls, (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
    session.on('pdu', (pdu: Pdu) => {
      counts.set(pdu.command, (counts.get(pdu.command) ?? 0) + 1);
      if (pdu.isResponse() || fault?.at === 'connect') return;
      if (pdu.command.startsWith('bind_')) return onBind(session, pdu);
      if (pdu.command === 'submit_sm') return onSubmit(session, pdu);
      session.send(pdu.response());
      if (pdu.command === 'enquire_link') {
        for (const answer of held) answer();
        held = [];
      }
      if (pdu.command === 'unbind') session.close();
    });
  });
  server.on('error', () => {});
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dropAll = (): void => {
    for (const session of sessions) session.destroy();
  };
  return {
    host: 'localhost',
    port: (server.address() as AddressInfo).port,
    messages,
    submits,
    binds,
    receipts,
    count: (command) => counts.get(command) ?? 0,
    mostWaiting: () => mostWaiting,
    fault(next) {
      fault = next;
      sinceFault = 0;
    },
    deliver: (fields) =>
      new Promise((resolve, reject) => {
        const [session] = sessions;
        const sent = session?.send(new smpp.PDU('deliver_sm', fields), (answer) => resolve(answer.command_status));
        if (!sent) reject(new Error('Nobody is bound.'));
      }),
    dropAll,
    async close() {
      dropAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
