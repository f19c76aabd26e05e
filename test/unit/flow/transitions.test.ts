/** The table is the whole truth: what is not in docs/flow.md does not happen, and no path skips a gate. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { JourneyEvent } from '../../../src/flow/journey/events.ts';
import { isOver, type Journey, type JourneyKind, type JourneyState } from '../../../src/flow/journey/states.ts';
import { type TransitionContext, transition } from '../../../src/flow/journey/transitions.ts';

const prompt = { kind: 'enter-code', method: 'email', alphabet: 'digits', length: 8, resendable: true } as const;
const states: { [At in JourneyState['at']]: Extract<JourneyState, { at: At }> } = {
  choosing: { at: 'choosing' },
  answering: { at: 'answering', method: 'email', challenge: 'c', pending: {}, prompt, sends: 1, resendAt: 0 },
  'choosing-password': { at: 'choosing-password', since: 0 },
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
  verified: { is: 'verified', effects: [], replacementCode: undefined },
  mismatched: { is: 'mismatched', triesLeft: 4 },
  voided: { is: 'voided', because: 'tries' },
  held: { is: 'held', until: 1 },
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
  account: { id: 'a', directory: 'd', key: 'k', username: 'amina', displayName: 'Amina', givenName: undefined },
  subject: 'a',
  identifierKey: 'i',
  language: 'en',
  blocked: undefined,
  passed: [],
  sent: {},
  replacements: [],
  step: 's0',
  state,
  ...more,
});
const context: TransitionContext = {
  now: 1_000,
  step: 's1',
  policy: {
    anyOf: [
      ['email', 'totp'],
      ['email', 'recovery-code'],
    ],
  },
  usable: ['email', 'totp', 'recovery-code'],
  notices: { effects: [], told: [] },
};

/** `from + event` → where it may lead, as the generated page says it. */
const documented = new Map(
  readFileSync('docs/flow.md', 'utf8')
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
  const kinds: JourneyKind[] = ['recovery', 'practice', 'sign-in'];
  const methods = ['email', 'totp', 'recovery-code', 'sms'];

  test.each(kinds)('no path of a %s reaches a password, or its goal, without passing a whole combination', (kind) => {
    const policy = kind === 'sign-in' ? { anyOf: [['totp'], ['recovery-code']] } : context.policy;
    let goals = 0;
    for (let seed = 1; seed <= 3_000; seed += 1) {
      const next = random(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
      let now = journey(states.choosing, {
        kind,
        ...(next() < 0.1 ? { blocked: { why: 'disabled', cause: '' } } : {}),
      });
      const usable = methods.filter(() => next() < 0.8);
      const reallyPassed: string[] = [];
      for (let n = 0; n < 14; n += 1) {
        // Like the service, choose only what the plan offers; like an attacker, send whatever event.
        const event = next() < 0.5 ? pick([challenged(pick(methods)), events.verified]) : events[pick(allEvents)];
        const before = now.state;
        const outcome = transition(now, event, { ...context, policy, usable });
        if (!outcome) continue;
        if (event.is === 'verified' && before.at === 'answering') reallyPassed.push(before.method);
        now = outcome.journey;
        expect(now.passed).toEqual(reallyPassed);
        const whole = policy.anyOf.some((combination) => combination.every((method) => reallyPassed.includes(method)));
        if (['choosing-password', 'applying', 'unsettled', 'done', 'practised', 'signed-in'].includes(now.state.at)) {
          goals += 1;
          expect(whole).toBe(true);
        }
        if (kind !== 'recovery')
          expect(['choosing-password', 'applying', 'unsettled', 'done']).not.toContain(now.state.at);
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

  test('the first gate of a stranger is an attempt; that of a practice run or a sign-in is none', () => {
    const passed = (kind: JourneyKind) =>
      transition(journey(states.answering, { kind }), { ...events.verified, ip: '192.0.2.1' }, context);
    expect(passed('recovery')?.journey.attempt).toEqual({ method: 'email', at: 1_000, ip: '192.0.2.1' });
    expect(passed('practice')?.journey.attempt).toBeUndefined();
    expect(passed('sign-in')?.journey.attempt).toBeUndefined();
    const second = transition(journey(states.answering, { passed: ['totp'] }), events.verified, context);
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
