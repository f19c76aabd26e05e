/**
 * What reports count by, in the detail of a journey's records: nothing that says who somebody is. Of stand-ins for unknown
 * accounts there is none, so they never count as people.
 */
import type { AuditRecord } from '../../audit/audit.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { JourneyEvent } from './events.ts';
import { isOver, type Journey, type JourneyState } from './states.ts';

export interface Step {
  /** As it was before the event. */
  journey: Journey;
  event: JourneyEvent;
  /** As it is afterwards. */
  next: Journey;
  /** ms since the journey began. */
  took: number;
}

/** Which rule holds for whoever is on the journey: what reports call a group. */
export const ruleDetail = ({ account, rule }: Pick<Journey, 'account' | 'rule'>): JsonObject =>
  account ? { rule } : {};

/** How a journey ended, as reports name it; the steps before its end have none. */
function endOf(state: JourneyState): string {
  if (state.at !== 'stopped') return 'done';
  return state.why === 'blocked' ? `blocked:${state.block ?? ''}` : state.why;
}

function leadsTo({ state }: Journey): 'gate' | 'stop' | 'goal' {
  if (state.at === 'choosing') return 'gate';
  return state.at === 'stopped' ? 'stop' : 'goal';
}

const chosen = (journey: Journey, method: string): JsonObject =>
  Object.hasOwn(journey.sent, method) ? {} : { first: true };

function ofEvent({ journey, event, next }: Step): JsonObject {
  const gate = journey.passed.length + 1;
  switch (event.is) {
    case 'challenged':
      return { gate, ...chosen(journey, event.method) };
    case 'verified':
      return { gate, to: leadsTo(next), ...chosen(journey, event.gate.method) };
    case 'voided':
    case 'unanswered':
      return { gate, why: event.because };
    case 'mismatched':
    case 'held':
      return { gate };
    case 'password-broke-rules':
    case 'refused':
      return { rules: event.rules.map(({ id }) => id) };
    default:
      return {};
  }
}

/** The records of one step, each with what reports need of it. The last one tells of the end. */
export function withReportDetail<Told extends Pick<AuditRecord, 'event'>>(
  step: Step,
  records: readonly Told[],
): (Told & { detail?: JsonObject })[] {
  const { journey, next, took } = step;
  if (!journey.account) return [...records];
  const assisted = next.passed.some(({ method }) => method === 'helper-pass');
  const end = isOver(next.state) && { end: endOf(next.state), ms: took, ...(assisted ? { assisted } : {}) };
  const [of, rule] = [ofEvent(step), ruleDetail(journey)];
  return records.map((record, n) => ({
    ...record,
    detail: { ...rule, ...(n === 0 ? of : {}), ...(n === records.length - 1 && end ? end : {}) },
  }));
}
