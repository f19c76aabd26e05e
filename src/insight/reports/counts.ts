/**
 * What a record of the audit adds to the reports. Pure, and of one record alone, so that records may be counted in bites of any
 * size and in any order. What says no rule is about nobody we know, and counts only as turned away.
 */
import type { AuditEntry } from '../../audit/read.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { Count } from '../../storage/repositories/reports.ts';
import { binOf } from './histogram.ts';

/** Journeys that open an account again: what funnel, failures and ways to verify are about. */
export const OPENING = ['recovery', 'unlock'] as const;
export const KINDS = ['recovery', 'unlock', 'change', 'practice', 'sign-in', 'lost-factor'] as const;
export const CHANNELS = ['mail', 'text', 'call'] as const;
export type Channel = (typeof CHANNELS)[number];

export type Measure =
  /** A journey of somebody we know. */
  | 'started'
  /** Nobody we know, or a limit; the reason says which. */
  | 'turned-away'
  /** A way to verify was chosen for the first time in its journey; the reason is the number of the gate. */
  | 'chosen'
  | 'passed'
  /** One more gate was asked for; the reason is its number. */
  | 'asked'
  /** All gates were passed. */
  | 'through'
  /** Something that went wrong on the way. */
  | 'hurdle'
  /** A rule that a new password broke. */
  | 'rule'
  | 'done'
  /** Ended without success by somebody's will; who just goes away ends nothing. */
  | 'ended'
  /** How long it took: a step of the histogram. */
  | 'time'
  /** Hour of the day at which it was done. */
  | 'hour'
  | 'rating'
  | 'message'
  | 'undelivered'
  | 'call';

/** Both are told by the same silence: the person went away. */
const LEFT = 'expired';
const LONGEST = 60;
const MOST_RULES = 20;
/** Of one step. */
const MOST_MESSAGES = 1_000;

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value.slice(0, LONGEST) : '');
const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
const gateOf = (detail: JsonObject): string => String(Math.min(numberOf(detail['gate']) ?? 1, 9));

type Add = (measure: Measure, more?: Partial<Omit<Count, 'measure'>>, n?: number) => void;

const HURDLES: Record<string, (why: string) => string> = {
  mismatched: () => 'mismatched',
  voided: (why) => `voided-${why}`,
  unanswered: (why) => why,
  held: () => 'held',
  'password-not-set': () => 'not-set',
  'password-unknown': () => 'unknown',
  failed: () => 'not-unlocked',
  waiting: () => 'waiting',
};

/** Of a journey of somebody we know. */
function ofJourney(step: string, { method = '' }: AuditEntry, detail: JsonObject, hour: number, add: Add): void {
  const gate = gateOf(detail);
  if (step === 'started') add('started');
  if (detail['first'] === true) add('chosen', { method, reason: gate });
  if (step === 'verified') {
    add('passed', { method, reason: gate });
    if (detail['to'] === 'gate') add('asked', { reason: String(Number(gate) + 1) });
    if (detail['to'] === 'goal') add('through');
  }
  const hurdle = Object.hasOwn(HURDLES, step) ? HURDLES[step] : undefined;
  const end = textOf(detail['end']);
  if (hurdle && end === '') add('hurdle', { method, reason: hurdle(textOf(detail['why'])) });
  const rules = step === 'password-refused' && Array.isArray(detail['rules']) ? detail['rules'] : [];
  for (const rule of rules.slice(0, MOST_RULES)) add('rule', { reason: textOf(rule) });
  if (end === 'done') {
    add('done', { reason: detail['assisted'] === true ? 'assisted' : '' });
    add('hour', { reason: String(hour).padStart(2, '0') });
    const ms = numberOf(detail['ms']);
    if (ms !== undefined) add('time', { reason: String(binOf(ms)) });
  } else if (end !== '' && end !== LEFT) add('ended', { reason: end });
}

function ofMessages(messages: Json | undefined, add: Add): void {
  if (messages === null || typeof messages !== 'object' || Array.isArray(messages)) return;
  for (const channel of CHANNELS) {
    const n = numberOf(messages?.[channel]);
    if (n) add('message', { method: channel }, Math.min(Math.floor(n), MOST_MESSAGES));
  }
}

const channelOf = ({ event }: AuditEntry, detail: JsonObject): Channel | undefined => {
  if (event === 'texts.lost') return 'text';
  if (event === 'calls.unspoken') return 'call';
  return event === 'notice.failed' ? CHANNELS.find((one) => one === detail['kind']) : undefined;
};

/** `hour`: of the organisation's day. */
export function countsOf(entry: AuditEntry, hour: number): (Count & { measure: Measure; n: number })[] {
  const counts: (Count & { measure: Measure; n: number })[] = [];
  const detail = entry.detail ?? {};
  const rule = textOf(detail['rule']);
  const dot = entry.event.indexOf('.');
  const [room, step] = [entry.event.slice(0, dot), entry.event.slice(dot + 1)];
  const rated = entry.event === 'journey.rated';
  const kind = rated ? textOf(detail['kind']) : room;
  const journey = (KINDS as readonly string[]).includes(kind) ? kind : '';
  const add: Add = (measure, more = {}, n = 1) =>
    counts.push({ measure, kind: journey, group: rule, method: '', reason: '', ...more, n });

  ofMessages(detail['messages'], add);
  if (rated) {
    const stars = numberOf(detail['stars']) ?? 0;
    if (Number.isInteger(stars) && stars >= 1 && stars <= 5) add('rating', { reason: String(stars) });
  } else if (journey !== '' && rule !== '') ofJourney(step, entry, detail, hour, add);
  else if (journey !== '' && step === 'started') add('turned-away', { reason: textOf(detail['why']) });
  else if (entry.event === 'desk.opened') add('call');
  const channel = channelOf(entry, detail);
  if (channel) add('undelivered', { method: channel });
  return counts;
}
