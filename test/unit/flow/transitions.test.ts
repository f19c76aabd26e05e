/** The table is the whole truth: what is not in docs/flow.md does not happen, and no path skips a gate. */
import { describe, expect, test } from 'vitest';
import type { JourneyEvent } from '../../../src/flow/journey/events.ts';
import { isOver, type Journey, type JourneyKind, type JourneyState } from '../../../src/flow/journey/states.ts';
import { type TransitionContext, transition } from '../../../src/flow/journey/transitions.ts';
import type { Gate } from '../../../src/kernel/gate.ts';
import { isEnough, plan } from '../../../src/policy/plan.ts';
import type { RecoveryRule } from '../../../src/policy/rules.ts';
import { flowPage } from '../../../tools/docs/flow.ts';
import { gate, rule } from '../policy/gates.ts';

const prompt = { kind: 'enter-code', method: 'email', alphabet: 'digits', length: 8, resendable: true } as const;
const states: { [At in JourneyState['at']]: Extract<JourneyState, { at: At }> } = {
  choosing: { at: 'choosing' },
  answering: { at: 'answering', method: 'email', challenge: 'c', pending: {}, prompt, sends: 1, resendAt: 0 },
  'waiting-out': { at: 'waiting-out', until: 1, told: [] },
  'choosing-password': { at: 'choosing-password', since: 0 },
  'confirming-unlock': { at: 'confirming-unlock' },
  'choosing-lost': { at: 'choosing-lost' },
  applying: { at: 'applying', since: 0, marker: 'm' },
  unsettled: { at: 'unsettled', since: 0, marker: 'm' },
  done: { at: 'done', told: [] },
  practised: { at: 'practised' },
  'signed-in': { at: 'signed-in' },
  stopped: { at: 'stopped', why: 'cancelled' },
};
const challenged = (method: string): JourneyEvent => ({
  is: 'challenged',
  method,
  challenge: 'c',
  pending: {},
  prompt,
  resendAt: 60_000,
  effects: [],
});
const events: { [Name in JourneyEvent['is']]: Extract<JourneyEvent, { is: Name }> } = {
  challenged: challenged('email') as Extract<JourneyEvent, { is: 'challenged' }>,
  'went-back': { is: 'went-back' },
  verified: { is: 'verified', gate: gate('email'), effects: [], replacementCode: undefined },
  unanswered: { is: 'unanswered', method: 'email', because: 'declined' },
  mismatched: { is: 'mismatched', triesLeft: 4 },
  'still-waiting': { is: 'still-waiting' },
  voided: { is: 'voided', because: 'tries' },
  held: { is: 'held', until: 1 },
  waited: { is: 'waited' },
  unlocked: { is: 'unlocked' },
  'not-unlocked': { is: 'not-unlocked', cause: '', final: false },
  'factors-removed': { is: 'factors-removed', effects: [], methods: ['totp'] },
  'password-differs': { is: 'password-differs' },
  'password-broke-rules': { is: 'password-broke-rules', rules: [] },
  'write-started': { is: 'write-started', marker: 'm' },
  applied: { is: 'applied' },
  refused: { is: 'refused', rules: [], cause: '' },
  failed: { is: 'failed', cause: '' },
  unreached: { is: 'unreached', cause: '' },
  unknown: { is: 'unknown', cause: '' },
  settled: { is: 'settled', applied: true },
  cancelled: { is: 'cancelled' },
  expired: { is: 'expired' },
};
const allStates = Object.keys(states) as JourneyState['at'][];
const allEvents = Object.keys(events) as JourneyEvent['is'][];

const journey = (state: JourneyState, more: Partial<Journey> = {}): Journey => ({
  kind: 'recovery',
  account: {
    id: 'a',
    directory: 'd',
    key: 'k',
    username: 'amina',
    displayName: 'Amina',
    givenName: undefined,
    mail: [],
    attributes: {},
  },
  subject: 'a',
  identifierKey: 'i',
  language: 'en',
  blocked: undefined,
  rule: 'default',
  passed: [],
  sent: {},
  replacements: [],
  step: 's0',
  state,
  ...more,
});
/** What the service hands in: the policy's answer for whoever has these ways. */
const planned =
  (of: RecoveryRule, usable: readonly Gate[]): TransitionContext['next'] =>
  (passed) =>
    plan({ rules: [of], passed, usable, held: usable, mayBeFirst: () => true });
const everyday = ['email', 'totp', 'recovery-code'].map((method) => gate(method));
const context: TransitionContext = {
  now: 1_000,
  step: 's1',
  next: planned(rule(), everyday),
  notices: { effects: [], told: [] },
};

/** `from + event` → where it may lead, as the generated page says it. */
const documented = new Map(
  flowPage()
    .split('\n')
    .map((line) => /^\| `([\w-]+)` \| `([\w-]+)` \| (.+?) \|/.exec(line))
    .filter((found) => found !== null)
    .map(([, from, on, to = '']) => [`${from} + ${on}`, [...to.matchAll(/`([\w-]+)`/g)].map(([, state]) => state)]),
);

describe('the table', () => {
  test('is the one in docs/flow.md', () => expect(documented.size).toBeGreaterThan(20));

  test.each(allStates.flatMap((at) => allEvents.map((is) => [at, is] as const)))('%s + %s', (at, is) => {
    const outcome = transition(journey(states[at]), events[is], context);
    const allowed = documented.get(`${at} + ${is}`);
    expect(outcome !== undefined).toBe(allowed !== undefined);
    if (!outcome) return;
    expect(allowed).toContain(outcome.journey.state.at);
    expect(outcome.journey.step).toBe('s1');
  });

  test('nothing follows the end', () => {
    for (const at of allStates.filter((one) => isOver(states[one])))
      for (const is of allEvents) expect(transition(journey(states[at]), events[is], context)).toBeUndefined();
  });

  test('never changes the journey that it was given', () => {
    for (const at of allStates)
      for (const is of allEvents) {
        const before = journey(structuredClone(states[at]));
        const copy = structuredClone(before);
        transition(before, events[is], context);
        expect(before).toEqual(copy);
      }
  });
});

describe('walking at random', () => {
  /** A small generator, so that a failure comes again (mulberry32). */
  const random = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const kinds: JourneyKind[] = ['recovery', 'practice', 'sign-in', 'unlock', 'lost-factor'];
  const goalsOf: Record<JourneyKind, JourneyState['at'][]> = {
    recovery: ['choosing-password', 'applying', 'unsettled', 'done'],
    change: ['choosing-password', 'applying', 'unsettled', 'done'],
    practice: ['practised'],
    'sign-in': ['signed-in'],
    unlock: ['confirming-unlock', 'done'],
    'lost-factor': ['choosing-lost', 'signed-in'],
  };
  const allGoals = [...new Set(Object.values(goalsOf).flat())];
  const methods = ['email', 'totp', 'recovery-code', 'sms'];
  const anyFactor = rule({ methods: ['totp', 'recovery-code'], gates: 1, pair: false, showFactor: false });
  const risks: (Journey['risk'] | undefined)[] = [
    undefined,
    undefined,
    { is: 'wait', says: 'A new network.', wait: 60_000 },
    { is: 'stop', says: 'Many accounts from one source.' },
  ];

  test.each(kinds)('no path of a %s reaches its goal, or that of another, without gates that are enough', (kind) => {
    const asked = kind === 'sign-in' ? anyFactor : rule({ methods });
    let goals = 0;
    for (let seed = 1; seed <= 3_000; seed += 1) {
      const next = random(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
      // Nobody who signs in is made to wait by these signs.
      const risk = kind === 'sign-in' ? undefined : pick(risks);
      let now = journey(states.choosing, {
        kind,
        ...(next() < 0.1 ? { blocked: { why: 'disabled', cause: '' } } : {}),
        ...(risk ? { risk } : {}),
      });
      const usable = methods.filter(() => next() < 0.8).map((method) => gate(method));
      const reallyPassed: Gate[] = [];
      for (let n = 0; n < 14; n += 1) {
        // Like the service, choose only what the plan offers; like an attacker, send whatever event.
        const event =
          next() < 0.5 ? pick([challenged(pick(methods)), events.verified, events.waited]) : events[pick(allEvents)];
        const before = now.state;
        const given =
          event.is === 'verified' && before.at === 'answering' ? { ...event, gate: gate(before.method) } : event;
        const outcome = transition(now, given, { ...context, next: planned(asked, usable) });
        if (!outcome) continue;
        if (given.is === 'verified') reallyPassed.push(given.gate);
        now = outcome.journey;
        expect(now.passed).toEqual(reallyPassed);
        if (allGoals.includes(now.state.at) || now.state.at === 'waiting-out')
          expect(isEnough(asked, reallyPassed, usable)).toBe(true);
        if (allGoals.includes(now.state.at)) {
          goals += 1;
          expect(goalsOf[kind]).toContain(now.state.at);
          // What risk asked for was not passed by on the way.
          expect(now.risk?.is).not.toBe('stop');
          if (now.risk?.is === 'wait' && goalsOf[kind][0] === now.state.at && before.at !== now.state.at)
            expect([events.waited.is, events.refused.is, events.unreached.is, events.settled.is]).toContain(given.is);
        }
        if (now.blocked && kind !== 'sign-in' && reallyPassed.length > 0) expect(now.state.at).toBe('stopped');
      }
    }
    expect(goals).toBeGreaterThan(50);
  });
});

describe('what is remembered', () => {
  test('codes that were sent count on, whatever way is tried in between', () => {
    let now = journey(states.choosing);
    for (const event of [
      challenged('email'),
      events['went-back'],
      challenged('totp'),
      events['went-back'],
      challenged('email'),
    ])
      now = transition(now, event, context)?.journey as Journey;
    expect(now.sent).toEqual({ email: { times: 2, againAt: 60_000 }, totp: { times: 1, againAt: 60_000 } });
    expect(now.state).toMatchObject({ sends: 2 });
  });

  test('the first gate of a stranger is an attempt, and so is that of who knows the password; that of a practice run or a sign-in is none', () => {
    const passed = (kind: JourneyKind) =>
      transition(journey(states.answering, { kind }), { ...events.verified, ip: '192.0.2.1' }, context);
    expect(passed('recovery')?.journey.attempt).toEqual({ method: 'email', at: 1_000, ip: '192.0.2.1' });
    expect(passed('practice')?.journey.attempt).toBeUndefined();
    expect(passed('sign-in')?.journey.attempt).toBeUndefined();
    expect(passed('unlock')?.journey.attempt).toMatchObject({ method: 'email' });
    expect(passed('lost-factor')?.journey.attempt).toMatchObject({ method: 'email' });
    const second = transition(journey(states.answering, { passed: [gate('totp')] }), events.verified, context);
    expect(second?.journey.attempt).toBeUndefined();
  });

  test('a reason found beforehand ends a recovery at its first gate with the cause for the audit', () => {
    const blocked = { why: 'disabled', cause: 'userAccountControl', until: 5 };
    const outcome = transition(journey(states.answering, { blocked }), events.verified, context);
    expect(outcome?.journey.state).toEqual({ at: 'stopped', why: 'blocked', block: 'disabled', until: 5 });
    expect(outcome?.audit).toContainEqual({
      event: 'recovery.stopped',
      outcome: 'refused',
      reason: 'userAccountControl',
    });
  });

  test('a replacement is kept for the end, and the notice of its use leaves with the gate', () => {
    const effect = { kind: 'remove-authenticator', id: 'n' } as const;
    const outcome = transition(
      journey(states.answering),
      { ...events.verified, replacementCode: 'R' },
      { ...context, notices: { effects: [effect], told: [] } },
    );
    expect(outcome?.journey.replacements).toEqual(['R']);
    expect(outcome?.effects).toEqual([effect]);
  });
});
