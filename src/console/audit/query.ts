/** What the address asks of the audit. Nonsense counts as nothing asked for; it never fails and never costs more. */
import { type AuditFilter, instantOf } from '../../audit/filter.ts';
import type { Ask } from '../console.ts';

export const PATH = '/console/audit';
export const FEEDS = `${PATH}/feeds`;

/** As typed, to fill the form again. */
export interface Typed {
  since?: string | undefined;
  until?: string | undefined;
  event?: string | undefined;
  outcome?: string | undefined;
  who?: string | undefined;
  actor?: string | undefined;
  ip?: string | undefined;
  text?: string | undefined;
}

export const OUTCOMES = ['success', 'failure', 'refused', 'unknown'] as const;

const NAMES = ['since', 'until', 'event', 'outcome', 'who', 'actor', 'ip', 'text'] as const;

export const typedOf = ({ query }: Pick<Ask, 'query'>): Typed =>
  Object.fromEntries(NAMES.map((name) => [name, query(name, 256)]));

/** `subject`: what `who` was found to be. */
export function filterOf(typed: Typed, subject: string | undefined): AuditFilter {
  const since = typed.since === undefined ? undefined : instantOf(typed.since);
  const until = typed.until === undefined ? undefined : instantOf(typed.until, true);
  const { event, outcome, actor, ip, text } = typed;
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(event === undefined ? {} : { event }),
    ...(outcome !== undefined && (OUTCOMES as readonly string[]).includes(outcome) ? { outcome } : {}),
    ...(actor === undefined ? {} : { actor }),
    ...(ip === undefined ? {} : { ip }),
    ...(text === undefined ? {} : { text }),
    ...(subject === undefined ? {} : { subject }),
  };
}

export function address(path: string, typed: Typed, more: Record<string, string> = {}): string {
  const given = Object.entries(typed).filter(([, value]) => value !== undefined) as [string, string][];
  const query = new URLSearchParams([...given, ...Object.entries(more)]).toString();
  return query === '' ? path : `${path}?${query}`;
}

/** Digits only. */
export const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
