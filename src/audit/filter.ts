/** What to look for in the audit. Everything given must hold. */
import type { AuditEntry } from './read.ts';

export interface AuditFilter {
  /** ms, both included. */
  since?: number;
  until?: number;
  /** Name of an event, or how it begins: `recovery.` */
  event?: string;
  outcome?: string;
  actor?: string;
  /** Account id. */
  subject?: string;
  ip?: string;
  flow?: string;
  method?: string;
  /** Somewhere in the reason, whatever its case. */
  text?: string;
}

const SAME = ['outcome', 'actor', 'subject', 'ip', 'flow', 'method'] as const;

export function matches(entry: AuditEntry, filter: AuditFilter): boolean {
  const at = Date.parse(entry.at);
  return (
    at >= (filter.since ?? -Infinity) &&
    at <= (filter.until ?? Infinity) &&
    entry.event.startsWith(filter.event ?? '') &&
    SAME.every((key) => filter[key] === undefined || entry[key] === filter[key]) &&
    (entry.reason ?? '').toLowerCase().includes((filter.text ?? '').toLowerCase())
  );
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** A day or a moment (ISO 8601; UTC unless it says another zone) in ms. A day as `end` means its last moment. */
export function instantOf(text: string, end = false): number | undefined {
  if (DAY.test(text)) {
    const at = Date.parse(`${text}T${end ? '23:59:59.999' : '00:00:00.000'}Z`);
    return Number.isNaN(at) ? undefined : at;
  }
  if (!MOMENT.test(text)) return undefined;
  const at = Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}
