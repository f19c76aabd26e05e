/**
 * Matches delivery receipts with messages. A receipt may overtake the answer to its message, and some message centres write
 * the id once in decimal and once in hexadecimal. Bounded: what nobody asks for is forgotten.
 */
import type { Pdu } from 'smpp';
import type { TextReceipt } from '../text-notifier.ts';

const KEPT = 2_000;
const EARLY = 200;
const IS_RECEIPT = 0x04;
/** message_state (§5.2.28) of what is final. */
const STATES: Record<number, string> = { 2: 'DELIVRD', 3: 'EXPIRED', 4: 'DELETED', 5: 'UNDELIV', 8: 'REJECTD' };
const FINAL = new Set(Object.values(STATES));

export interface Receipts {
  /** The message centre gave this id to the message. */
  expect(messageId: string, idempotencyKey: string): void;
  /** A deliver_sm came. */
  take(pdu: Pdu): void;
}

interface Read {
  id: string;
  state: string;
  error: string;
}

function readReceipt(pdu: Pdu): Read | undefined {
  if (((pdu.esm_class ?? 0) & 0x3c) !== IS_RECEIPT) return undefined;
  const body = pdu.short_message?.message ?? '';
  const text = typeof body === 'string' ? body : body.toString('latin1');
  const field = (name: string): string => new RegExp(`\\b${name}:\\s*([A-Za-z0-9-]{1,65})`, 'i').exec(text)?.[1] ?? '';
  const id = pdu.receipted_message_id ?? field('id');
  const state = STATES[pdu.message_state ?? 0] ?? field('stat').toUpperCase();
  return id === '' || !FINAL.has(state) ? undefined : { id, state, error: field('err') };
}

const spellings = (id: string): string[] => {
  const plain = id
    .trim()
    .toLowerCase()
    .replace(/^0+(?=.)/, '');
  const decimal = /^\d+$/.test(plain) ? [BigInt(plain).toString(16)] : [];
  const hexadecimal = /^[0-9a-f]{1,32}$/.test(plain) ? [BigInt(`0x${plain}`).toString()] : [];
  return [plain, ...decimal, ...hexadecimal];
};

function trim(map: Map<string, unknown>, limit: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= limit) return;
    map.delete(oldest);
  }
}

export function createReceipts(onReceipt: (receipt: TextReceipt) => void): Receipts {
  const expected = new Map<string, string>();
  const early = new Map<string, Read>();
  const report = (idempotencyKey: string, { state, error }: Read): void => {
    if (state === 'DELIVRD') onReceipt({ is: 'received', idempotencyKey });
    else onReceipt({ is: 'lost', idempotencyKey, cause: `${state} ${error}`.trim() });
  };
  return {
    expect(messageId, idempotencyKey) {
      const [plain = ''] = spellings(messageId);
      const found = spellings(messageId).find((id) => early.has(id));
      const read = found === undefined ? undefined : early.get(found);
      if (found === undefined || read === undefined) {
        expected.set(plain, idempotencyKey);
        trim(expected, KEPT);
        return;
      }
      early.delete(found);
      report(idempotencyKey, read);
    },
    take(pdu) {
      const read = readReceipt(pdu);
      if (!read) return;
      const id = spellings(read.id).find((spelling) => expected.has(spelling));
      const key = id === undefined ? undefined : expected.get(id);
      if (id === undefined || key === undefined) {
        early.set(spellings(read.id)[0] ?? '', read);
        trim(early, EARLY);
        return;
      }
      expected.delete(id);
      report(key, read);
    },
  };
}
