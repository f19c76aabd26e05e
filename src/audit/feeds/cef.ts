/** Common Event Format, version 0: a header between pipes, then keys and values. */
import { isIPv6 } from 'node:net';
import type { AuditRecord } from '../audit.ts';
import { auditEvents } from '../events.ts';
import { cut, type Format, plain } from './feed.ts';

const SEVERITY: Record<AuditRecord['outcome'], number> = { success: 3, failure: 5, refused: 6, unknown: 7 };

const number = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;

/** A header field: pipes and backslashes are escaped, a line can't end. */
export const cefHeader = (text: string): string => plain(cut(text), () => ' ').replace(/[\\|]/g, '\\$&');

/** A value: backslashes and equals signs are escaped, line breaks are written as \n and \r. */
export const cefValue = (text: string): string => {
  const escaped = cut(text).replace(/[\\=]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return plain(escaped, number);
};

export const cefFormat =
  (version: string, hostname: string): Format =>
  ({ seq, entry, hash }) => {
    const { event, outcome, actor, subject, ip, flow, method, reason, detail, at } = entry;
    const named = (n: number, label: string, value: string | undefined): [string, string | undefined][] => [
      [`cs${n}Label`, value === undefined ? undefined : label],
      [`cs${n}`, value],
    ];
    const source: [string, string | undefined][] =
      ip !== undefined && isIPv6(ip)
        ? [
            ['c6a2Label', 'Source IPv6 Address'],
            ['c6a2', ip],
          ]
        : [['src', ip]];
    const pairs: [string, string | undefined][] = [
      ['rt', String(Date.parse(at))],
      ['dvchost', hostname],
      ['externalId', String(seq)],
      ['outcome', outcome],
      ['suser', actor],
      ['duid', subject],
      ...source,
      ['reason', reason],
      ...named(1, 'flow', flow),
      ...named(2, 'method', method),
      ...named(3, 'detail', detail === undefined ? undefined : JSON.stringify(detail)),
      ...named(4, 'hash', hash),
    ];
    const extension = pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${cefValue(value)}`]));
    const name = auditEvents[event] ?? event;
    const head = ['Sparekey', 'Sparekey', version, event, name, String(SEVERITY[outcome] ?? 5)].map(cefHeader);
    return `CEF:0|${head.join('|')}|${extension.join(' ')}`;
  };
