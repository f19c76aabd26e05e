/**
 * The journey as a table: which event leads from which state to which. `transition` is pure and refuses everything that
 * is not in the table, so no gate can be skipped. docs/flow.md is generated from it.
 */
import type { AuditRecord } from '../../audit/audit.ts';
import type { AuditEvent, JourneyStep } from '../../audit/events.ts';
import type { Effect } from '../../kernel/effect.ts';
import type { Gate } from '../../kernel/gate.ts';
import type { Plan } from '../../policy/plan.ts';
import type { EventName, JourneyEvent } from './events.ts';
import { isAnonymous, type Journey, type JourneyState } from './states.ts';

export interface TransitionContext {
  now: number;
  /** For the next state's forms. */
  step: string;
  /** What the policy asks for once these gates are passed. */
  next(passed: readonly Gate[]): Plan;
  /** ms; when something that was added lately opens enough, though nothing does now. */
  settles?(passed: readonly Gate[]): number | undefined;
  /** What this event brings, told to every confirmed address of the person; empty for decoys and where nothing is told. */
  notices: { effects: Effect[]; told: string[] };
}

export interface Outcome {
  journey: Journey;
  effects: Effect[];
  audit: Pick<AuditRecord, 'event' | 'outcome' | 'method' | 'reason'>[];
}

type At = JourneyState['at'];
type Event<Name extends EventName> = Extract<JourneyEvent, { is: Name }>;
type State<Name extends At> = Extract<JourneyState, { at: Name }>;

interface Change {
  state: JourneyState;
  passed?: Gate[];
  sent?: Journey['sent'];
  attempt?: Journey['attempt'];
  replacements?: string[];
  effects?: Effect[];
  audit?: Outcome['audit'];
}

interface Row<S extends JourneyState, E extends JourneyEvent> {
  to: readonly At[];
  /** For docs/flow.md. */
  says: string;
  run(state: S, event: E, journey: Journey, context: TransitionContext): Change;
}

type Table = { [From in At]?: { [On in EventName]?: Row<State<From>, Event<On>> } };

const noted = (journey: Journey, step: JourneyStep): AuditEvent => `${journey.kind}.${step}`;

const stop = (why: 'cancelled' | 'expired', says: string): Row<JourneyState, JourneyEvent> => ({
  to: ['stopped'],
  says,
  run: (_state, _event, journey) => ({
    state: { at: 'stopped', why },
    audit: [{ event: noted(journey, why), outcome: 'failure' }],
  }),
});

const cancelled = stop('cancelled', 'The person gives up.');
const expired = stop('expired', 'Idle or open for too long.');

const challenged: Row<State<'choosing' | 'answering'>, Event<'challenged'>> = {
  to: ['answering'],
  says: 'A method was chosen (or a new code asked for); its code is on the way. An older code is void from here on.',
  run: (_state, event, journey) => {
    const times = (journey.sent[event.method]?.times ?? 0) + 1;
    return {
      state: {
        at: 'answering',
        method: event.method,
        challenge: event.challenge,
        pending: event.pending,
        prompt: event.prompt,
        sends: times,
        resendAt: event.resendAt,
      },
      sent: { ...journey.sent, [event.method]: { times, againAt: event.resendAt } },
      effects: event.effects,
      audit: [{ event: noted(journey, 'challenged'), outcome: 'success', method: event.method }],
    };
  },
};

const held: Row<State<'choosing' | 'answering'>, Event<'held'>> = {
  to: ['choosing', 'answering'],
  says: 'Too many tries: nothing was looked at, the person has to wait.',
  run: (state, event, journey) => ({
    state: { ...state, problem: { is: 'wait', until: event.until } },
    audit: [
      {
        event: noted(journey, 'held'),
        outcome: 'refused',
        ...(state.at === 'answering' ? { method: state.method } : {}),
      },
    ],
  }),
};

const unanswered: Row<State<'choosing' | 'answering'>, Event<'unanswered'>> = {
  to: ['choosing'],
  says: 'A way to verify could not be reached, or was broken off elsewhere. No try is counted; any way may be chosen next.',
  run: (_state, event, journey) => ({
    state: { at: 'choosing', problem: { is: 'unanswered', because: event.because } },
    audit: [
      {
        event: noted(journey, 'unanswered'),
        outcome: 'failure',
        method: event.method,
        ...(event.cause ? { reason: event.cause } : {}),
      },
    ],
  }),
};

/** Where a journey goes when nothing stands between it and its goal any more. */
function atGoal(journey: Journey, now: number): JourneyState {
  switch (journey.kind) {
    case 'practice':
      return { at: 'practised' };
    case 'sign-in':
      return { at: 'signed-in' };
    case 'unlock':
      return { at: 'confirming-unlock' };
    case 'lost-factor':
      return { at: 'choosing-lost' };
    default:
      return { at: 'choosing-password', since: now };
  }
}

/** Where a journey goes after a gate. */
function afterGate(
  journey: Journey,
  passed: readonly Gate[],
  { next, settles, now }: TransitionContext,
): { state: JourneyState; reason?: string } {
  if (journey.kind !== 'sign-in' && journey.blocked) {
    const { why, cause, until } = journey.blocked;
    if (why === 'frozen') return { state: { at: 'stopped', why: 'frozen' }, reason: cause };
    return {
      state: { at: 'stopped', why: 'blocked', block: why, ...(until === undefined ? {} : { until }) },
      reason: cause,
    };
  }
  if (journey.risk?.is === 'stop') return { state: { at: 'stopped', why: 'risk' }, reason: journey.risk.says };
  const plan = next(passed);
  const until = plan.is === 'stuck' ? settles?.(passed) : undefined;
  if (plan.is === 'stuck')
    return {
      state: { at: 'stopped', why: 'not-enough-ways', ...(until === undefined ? {} : { until }) },
      reason: `Nothing left to verify with after ${passed.map(({ method }) => method).join(' + ')}.`,
    };
  if (plan.is === 'gate') return { state: { at: 'choosing' } };
  if (journey.risk?.is === 'wait')
    return { state: { at: 'waiting-out', until: now + (journey.risk.wait ?? 0), told: [] }, reason: journey.risk.says };
  return { state: atGoal(journey, now) };
}

export const journeyTable: Table = {
  choosing: { challenged, unanswered, held, cancelled, expired },
  answering: {
    challenged,
    unanswered,
    held,
    cancelled,
    expired,
    'went-back': {
      to: ['choosing'],
      says: 'Another way, please. The code under way is void.',
      run: () => ({ state: { at: 'choosing' } }),
    },
    verified: {
      to: [
        'choosing',
        'waiting-out',
        'choosing-password',
        'confirming-unlock',
        'choosing-lost',
        'practised',
        'signed-in',
        'stopped',
      ],
      says: 'The answer was right. The policy says whether another gate follows; a reason that was found beforehand is told now.',
      run: (state, event, journey, context) => {
        const { now, notices } = context;
        const passed = [...journey.passed, event.gate];
        const next = afterGate(journey, passed, context);
        return {
          state: next.state,
          passed,
          ...(isAnonymous(journey) || (journey.kind === 'lost-factor' && journey.passed.length === 0)
            ? { attempt: { method: state.method, at: now, ...(event.ip ? { ip: event.ip } : {}) } }
            : {}),
          replacements: event.replacementCode ? [...journey.replacements, event.replacementCode] : journey.replacements,
          effects: [...event.effects, ...notices.effects],
          audit: [
            { event: noted(journey, 'verified'), outcome: 'success', method: state.method },
            ...(next.state.at === 'stopped'
              ? [
                  {
                    event: noted(journey, 'stopped'),
                    outcome: 'refused' as const,
                    ...(next.reason ? { reason: next.reason } : {}),
                  },
                ]
              : []),
            ...(next.state.at === 'waiting-out'
              ? [{ event: noted(journey, 'waiting'), outcome: 'refused' as const, reason: next.reason ?? '' }]
              : []),
            ...(next.state.at === 'practised' || next.state.at === 'signed-in'
              ? [{ event: noted(journey, 'completed'), outcome: 'success' as const }]
              : []),
          ],
        };
      },
    },
    mismatched: {
      to: ['answering'],
      says: 'The answer was wrong; tries are left.',
      run: (state, event, journey) => ({
        state: { ...state, problem: { is: 'mismatch', triesLeft: event.triesLeft } },
        audit: [
          {
            event: noted(journey, 'mismatched'),
            outcome: 'failure',
            method: state.method,
            ...(event.cause ? { reason: event.cause } : {}),
          },
        ],
      }),
    },
    'still-waiting': {
      to: ['answering'],
      says: 'Nobody has confirmed yet. Looking costs nothing.',
      run: (state) => ({ state: { ...state, problem: { is: 'waiting' } } }),
    },
    voided: {
      to: ['choosing'],
      says: 'The code was wrong too often or came too late. It is void; a new one can be asked for.',
      run: (state, event, journey) => ({
        state: { at: 'choosing', problem: { is: 'void', method: state.method } },
        audit: [
          {
            event: noted(journey, 'voided'),
            outcome: 'failure',
            method: state.method,
            reason: event.cause ? `${event.because}: ${event.cause}` : event.because,
          },
        ],
      }),
    },
  },
  'waiting-out': {
    cancelled,
    expired,
    waited: {
      to: ['choosing-password', 'confirming-unlock', 'choosing-lost', 'practised'],
      says: 'The time that risk asked for is over, and nobody stopped it.',
      run: (_state, _event, journey, { now }) => ({ state: atGoal(journey, now) }),
    },
  },
  'confirming-unlock': {
    cancelled,
    expired,
    unlocked: {
      to: ['done'],
      says: 'The directory has unlocked the account. Everyone who must know is told.',
      run: (_state, _event, journey, { notices }) => ({
        state: { at: 'done', what: 'unlocked', told: notices.told },
        effects: notices.effects,
        audit: [{ event: noted(journey, 'completed'), outcome: 'success' }],
      }),
    },
    'not-unlocked': {
      to: ['confirming-unlock', 'stopped'],
      says: 'The directory did not unlock the account: it was not reached, or it refused.',
      run: (_state, event, journey) => ({
        state: event.final
          ? { at: 'stopped', why: 'failed' }
          : { at: 'confirming-unlock', problem: { is: 'not-applied' } },
        audit: [{ event: noted(journey, 'failed'), outcome: 'failure', reason: event.cause }],
      }),
    },
  },
  'choosing-lost': {
    cancelled,
    expired,
    'factors-removed': {
      to: ['signed-in'],
      says: 'What was lost opens nothing any more. Everyone who must know is told; the person is signed in to add something new.',
      run: (_state, event, journey, { notices }) => ({
        state: { at: 'signed-in' },
        effects: [...event.effects, ...notices.effects],
        audit: [
          ...event.methods.map((method) => ({
            event: 'enrolment.removed' as const,
            outcome: 'success' as const,
            method,
          })),
          { event: noted(journey, 'completed'), outcome: 'success' },
        ],
      }),
    },
  },
  'choosing-password': {
    cancelled,
    expired,
    'password-differs': {
      to: ['choosing-password'],
      says: 'The two fields were not the same. Nothing is used up.',
      run: (state) => ({ state: { ...state, problem: { is: 'differs' } } }),
    },
    'password-broke-rules': {
      to: ['choosing-password'],
      says: 'Our own rules refused the password before the directory saw it. Nothing is used up.',
      run: (state, event, journey) => ({
        state: { ...state, problem: { is: 'refused', rules: event.rules } },
        audit: [
          {
            event: noted(journey, 'password-refused'),
            outcome: 'refused',
            reason: event.rules.map(({ id }) => id).join(', '),
          },
        ],
      }),
    },
    'write-started': {
      to: ['applying'],
      says: 'Saved before the directory is asked, together with the job that settles it should this node die.',
      run: (_state, event, _journey, { now }) => ({ state: { at: 'applying', since: now, marker: event.marker } }),
    },
  },
  applying: {
    applied: {
      to: ['done'],
      says: 'The directory has the new password. Everyone who must know is told; every other journey of the account ends.',
      run: (_state, event, journey, { notices }) => ({
        state: { at: 'done', told: notices.told },
        effects: notices.effects,
        audit: [
          {
            event: noted(journey, 'password-set'),
            outcome: 'success',
            ...(event.warning ? { reason: event.warning } : {}),
          },
        ],
      }),
    },
    refused: {
      to: ['choosing-password'],
      says: 'The directory refused the password and named a rule. Nothing is used up.',
      run: (state, event, journey) => ({
        state: { at: 'choosing-password', since: state.since, problem: { is: 'refused', rules: event.rules } },
        audit: [{ event: noted(journey, 'password-refused'), outcome: 'refused', reason: event.cause }],
      }),
    },
    failed: {
      to: ['stopped'],
      says: 'The directory refused for a reason that no other password mends (a missing right, for example). Nothing changed.',
      run: (_state, event, journey) => ({
        state: { at: 'stopped', why: 'failed' },
        audit: [{ event: noted(journey, 'password-failed'), outcome: 'failure', reason: event.cause }],
      }),
    },
    unreached: {
      to: ['choosing-password'],
      says: 'The directory was not reached, so nothing was sent and nothing changed. The same password may be tried again.',
      run: (_state, event, journey, { now }) => ({
        state: { at: 'choosing-password', since: now, problem: { is: 'not-applied' } },
        audit: [{ event: noted(journey, 'password-not-set'), outcome: 'failure', reason: event.cause }],
      }),
    },
    unknown: {
      to: ['unsettled'],
      says: 'No answer: the password may or may not be in force. The person is told so; the reconciler finds out.',
      run: (state, event, journey) => ({
        state: { at: 'unsettled', since: state.since, marker: state.marker },
        audit: [{ event: noted(journey, 'password-unknown'), outcome: 'unknown', reason: event.cause }],
      }),
    },
    settled: settled(),
  },
  unsettled: { settled: settled() },
};

function settled(): Row<JourneyState, Event<'settled'>> {
  return {
    to: ['done', 'choosing-password'],
    says: 'The reconciler compared the directory before and after: the password is in force, or nothing happened.',
    run: (_state, event, journey, { notices, now }) =>
      event.applied
        ? {
            state: { at: 'done', told: notices.told },
            effects: notices.effects,
            audit: [{ event: noted(journey, 'password-set'), outcome: 'success', reason: 'Settled afterwards.' }],
          }
        : {
            state: { at: 'choosing-password', since: now, problem: { is: 'not-applied' } },
            audit: [{ event: noted(journey, 'password-not-set'), outcome: 'failure', reason: 'Settled afterwards.' }],
          },
  };
}

/** `undefined`: the event does not belong to this state (a stale form, a skipped step, a late answer). */
export function transition(journey: Journey, event: JourneyEvent, context: TransitionContext): Outcome | undefined {
  const rows = journeyTable[journey.state.at] as
    | Record<string, Row<JourneyState, JourneyEvent> | undefined>
    | undefined;
  const row = rows?.[event.is];
  if (!row) return undefined;
  const change = row.run(journey.state, event, journey, context);
  if (!row.to.includes(change.state.at))
    throw new Error(`${journey.state.at} + ${event.is} led to ${change.state.at}.`);
  return {
    journey: {
      ...journey,
      state: change.state,
      passed: change.passed ?? journey.passed,
      sent: change.sent ?? journey.sent,
      ...(change.attempt ? { attempt: change.attempt } : {}),
      replacements: change.replacements ?? journey.replacements,
      step: context.step,
    },
    effects: change.effects ?? [],
    audit: change.audit ?? [],
  };
}
