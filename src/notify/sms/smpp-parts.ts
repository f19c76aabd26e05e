/**
 * A text as submit_sm fields, one set per segment. The reference number comes from the idempotency key, so that a phone can
 * put parts of two attempts together.
 */
import { createHash } from 'node:crypto';
import type { TextMessage } from '../text-notifier.ts';
import { segment } from '../texts/gsm.ts';
import { addressOf, relativeTime, type SmppConfig } from './smpp-settings.ts';

const UDH = 0x40;
const UCS2 = 8;

const referenceOf = (idempotencyKey: string): number => createHash('sha256').update(idempotencyKey).digest()[0] ?? 0;

export function submitsOf(
  { idempotencyKey, to, text }: TextMessage,
  config: Pick<SmppConfig, 'sender' | 'concatenation' | 'receipts' | 'validity'>,
): Record<string, unknown>[] {
  const { alphabet, parts } = segment(text);
  const source = addressOf(config.sender);
  const reference = referenceOf(idempotencyKey);
  const long = parts.length > 1;
  return parts.map((part, index) => {
    const last = index === parts.length - 1;
    const header = Buffer.from([5, 0, 3, reference, parts.length, index + 1]);
    const udh = long && config.concatenation === 'udh';
    const sar = { sar_msg_ref_num: reference, sar_total_segments: parts.length, sar_segment_seqnum: index + 1 };
    return {
      source_addr: source.addr,
      source_addr_ton: source.ton,
      source_addr_npi: source.npi,
      destination_addr: to.slice(1),
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      esm_class: udh ? UDH : 0,
      validity_period: relativeTime(config.validity),
      // One receipt says enough: a phone shows the text when it has all parts.
      registered_delivery: config.receipts && last ? 1 : 0,
      data_coding: alphabet === 'gsm' ? 0 : UCS2,
      short_message: udh ? Buffer.concat([header, part]) : part,
      ...(long && !udh ? sar : {}),
    };
  });
}
