/**
 * Syslog messages (RFC 5424): every field of a record as structured data, and a sentence behind them. Framed by octet counting
 * (RFC 5425 §4.3.1), so that nothing inside of a message can begin another one.
 */
import type { AuditRecord } from '../audit.ts';
import { cut, type FeedRecord, type Format, plain } from './feed.ts';

/** 13: log audit (RFC 5424 §6.2.1). */
const FACILITY = 13;
const SEVERITY: Record<AuditRecord['outcome'], number> = { success: 6, failure: 5, refused: 5, unknown: 4 };
/** The number that RFC 5612 sets aside for whoever has none of their own. */
const SD_ID = 'sparekey@32473';
/** A MSG in UTF-8 says so by beginning with it (RFC 5424 §6.4). */
const BOM = '\uFEFF';

/** PRINTUSASCII of a header field (§6). */
const header = (text: string, most: number): string => text.replace(/[^\x21-\x7E]/g, '?').slice(0, most) || '-';

const octal = (code: number): string => `#${code.toString(8).padStart(3, '0')}`;

/** PARAM-VALUE (§6.3.3). */
export const paramValue = (text: string): string => plain(cut(text), octal).replace(/["\\\]]/g, '\\$&');

const PARTS = ['event', 'outcome', 'actor', 'subject', 'ip', 'flow', 'method', 'reason'] as const;

function structured({ seq, entry, hash }: FeedRecord): string {
  const params = [
    `seq="${seq}"`,
    ...PARTS.flatMap((name) => (entry[name] === undefined ? [] : [`${name}="${paramValue(entry[name])}"`])),
    ...(entry.detail === undefined ? [] : [`detail="${paramValue(JSON.stringify(entry.detail))}"`]),
    `hash="${paramValue(hash)}"`,
  ];
  return `[${SD_ID} ${params.join(' ')}]`;
}

const sentence = ({ event, outcome, reason }: FeedRecord['entry']): string =>
  plain(cut(`${event} (${outcome})${reason === undefined ? '' : `: ${reason}`}`), octal);

const message = ({ entry }: FeedRecord, hostname: string, data: string, msg: string): string => {
  const pri = FACILITY * 8 + (SEVERITY[entry.outcome] ?? 5);
  return `<${pri}>1 ${header(entry.at, 32)} ${header(hostname, 255)} sparekey - ${header(entry.event, 32)} ${data} ${msg}`;
};

export const syslogFormat =
  (hostname: string): Format =>
  (record) =>
    message(record, hostname, structured(record), `${BOM}${sentence(record.entry)}`);

/** Another format as the MSG: without the mark of UTF-8, because its readers look for their own first. */
export const insideSyslog =
  (hostname: string, format: Format): Format =>
  (record) =>
    message(record, hostname, '-', format(record));

/** MSG-LEN SP SYSLOG-MSG, the length in octets. */
export const octetCounted = (text: string): string => `${Buffer.byteLength(text)} ${text}`;
