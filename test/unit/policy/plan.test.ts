/** What is enough: the table of NIST SP 800-63B-4 §4.2.2 (N-36, N-37), our own rules on top, and that plans always lead somewhere. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Channel, Evidence, Gate } from '../../../src/kernel/gate.ts';
import { isEnough, isPair, missing, type Plan, type PlanInput, plan, weightOf } from '../../../src/policy/plan.ts';
import type { RecoveryRule } from '../../../src/policy/rules.ts';
import { allMethods, gate, gates, rule } from './gates.ts';

const LATER = ['questions', 'directory-facts', 'contact-approval'];
const mayBeFirst = (method: string): boolean => !LATER.includes(method);

/** For somebody who has exactly these, and is known. */
const decide = (of: RecoveryRule, passed: Gate[], usable: Gate[], held = usable): Plan =>
  plan({ rules: [of], passed, usable, held, mayBeFirst });
const methodsOf = (decided: Plan): string[] => (decided.is === 'gate' ? decided.methods : []);

const bound = gate('sms', { evidence: 'bound' });
const unverified = gate('passkey', { weight: 1 });
const pass = gate('helper-pass');

describe('two gates', () => {
  test.each<[string, Gate[], boolean]>([
    // (a) two codes obtained by different methods
    ['mailed and texted code, the number from the directory: both are issued', gates('email', 'sms'), false],
    ['mailed and spoken code, the number from the directory', gates('email', 'voice'), false],
    ['mailed and saved code', gates('email', 'recovery-code'), true],
    ['texted and saved code', gates('sms', 'recovery-code'), true],
    ['a contact and a mailed code', gates('contact-approval', 'email'), true],
    ['a contact and a saved code', gates('contact-approval', 'recovery-code'), true],
    // (b) one code and one bound authenticator
    ['mailed code and app', gates('email', 'totp'), true],
    ['saved code and app', gates('recovery-code', 'totp'), true],
    ['a contact and the app', gates('contact-approval', 'totp'), true],
    ['mailed code and a phone that the person bound', [gate('email'), bound], true],
    ['mailed code and a passkey that did not check the person', [gate('email'), unverified], true],
    ['mailed code and the account at another provider', gates('email', 'oidc'), true],
    // Two single factors of different kinds are a multi-factor sign-in (N-28).
    ['app and a passkey that did not check the person', [gate('totp'), unverified], true],
    // (c) repeated proofing
    ['a helper’s pass and a mailed code', [pass, gate('email')], true],
    // The same channel twice
    ['texted and spoken code to one number', gates('sms', 'voice'), false],
    ['texted code to a bound number and spoken code to it', [bound, gate('voice')], false],
    // What proves nothing
    ['mailed code and questions', gates('email', 'questions'), false],
    ['mailed code and facts of the directory', gates('email', 'directory-facts'), false],
    ['app and questions', gates('totp', 'questions'), false],
  ])('%s', (_name, passed, enough) => {
    const wide = rule({ methods: allMethods });
    for (const order of [passed, passed.toReversed()]) {
      expect(isEnough(wide, order, passed)).toBe(enough);
      expect(decide(wide, order, passed).is).toBe(enough ? 'complete' : 'stuck');
    }
  });

  test.each<[string, Gate, boolean]>([
    ['a passkey that checked the person', gate('passkey'), true],
    ['a passkey that did not', unverified, false],
    ['a helper’s pass', pass, true],
    ['an app', gate('totp'), false],
    ['a mailed code', gate('email'), false],
    ['a saved code', gate('recovery-code'), false],
    ['questions', gate('questions'), false],
  ])('are passed with %s alone: %s', (_name, one, enough) => {
    expect(isEnough(rule({ methods: allMethods }), [one], [one])).toBe(enough);
  });

  test('are pairs of different channels only, whatever the methods are called', () => {
    const one = gate('email');
    const other: Gate = { method: 'other', evidence: 'saved', channel: 'mail', weight: 1 };
    expect(isPair(rule(), [one, other])).toBe(false);
    expect(isPair(rule(), [one, { ...other, channel: 'sheet' }])).toBe(true);
  });
});

describe('one gate (N-36)', () => {
  const single = rule({ gates: 1 });

  test.each(['email', 'sms', 'recovery-code', 'contact-approval'])(
    'is enough with %s for somebody without a second factor',
    (method) => expect(isEnough(single, gates(method), gates(method))).toBe(true),
  );

  test('is not for somebody who has one: the factor, or a saved code that stands for it, comes on top', () => {
    const has = gates('email', 'totp', 'recovery-code');
    expect(decide(single, gates('email'), has)).toEqual({
      is: 'gate',
      number: 2,
      of: 2,
      methods: ['totp', 'recovery-code'],
    });
    expect(isEnough(single, gates('totp'), has)).toBe(false);
    expect(isEnough(single, gates('email', 'totp'), has)).toBe(true);
    expect(isEnough(single, gates('email', 'recovery-code'), has)).toBe(true);
    expect(isEnough(single, gates('email', 'sms'), has)).toBe(false);
  });

  test('nor when that factor is worn out, or of a kind that the rule does not know: both are somebody’s to mend', () => {
    expect(decide(single, [], gates('email'), gates('email', 'totp'))).toEqual({ is: 'stuck' });
    expect(decide(rule({ gates: 1, methods: ['email'] }), [], gates('email', 'totp'))).toEqual({ is: 'stuck' });
  });
});

describe('a second factor', () => {
  test('must be shown by who has it: mail and a contact, otherwise a pair, are not enough', () => {
    const has = gates('email', 'contact-approval', 'totp');
    expect(isEnough(rule(), gates('email', 'contact-approval'), gates('email', 'contact-approval'))).toBe(true);
    expect(isEnough(rule(), gates('email', 'contact-approval'), has)).toBe(false);
    expect(decide(rule(), gates('email', 'contact-approval'), has)).toMatchObject({ methods: ['totp'] });
    expect(decide(rule(), gates('email'), has)).toMatchObject({ methods: ['totp'] });
  });

  test.each(['totp', 'passkey', 'recovery-code', 'helper-pass'])('is shown, or stood for, by %s', (method) => {
    expect(isEnough(rule(), gates('email', method), gates('email', 'totp', 'passkey', method))).toBe(true);
  });

  test('need not be shown where it is what was lost', () => {
    const lost = rule({ showFactor: false });
    expect(isEnough(lost, gates('email', 'contact-approval'), gates('email', 'contact-approval', 'totp'))).toBe(true);
    expect(isEnough(lost, gates('email', 'sms'), gates('email', 'sms', 'totp'))).toBe(false);
  });

  test('asked for at a sign-in is any one of them', () => {
    const signIn = rule({ gates: 1, pair: false, showFactor: false, methods: ['totp', 'recovery-code'] });
    expect(decide(signIn, [], gates('email', 'totp', 'recovery-code'))).toMatchObject({
      of: 1,
      methods: ['totp', 'recovery-code'],
    });
    expect(decide(signIn, gates('totp'), gates('email', 'totp'))).toEqual({ is: 'complete' });
  });
});

describe('weights', () => {
  test('only lower what a method claims', () => {
    for (const weight of [0, 1, 2] as const)
      for (const method of allMethods) {
        const of = rule({ methods: allMethods, weights: { [method]: weight } });
        expect(weightOf(of, gate(method))).toBe(Math.min(weight, gate(method).weight));
      }
    expect(weightOf(rule({ weights: { passkey: 2 } }), unverified)).toBe(1);
  });

  test('of one make a passkey one gate of two', () => {
    const of = rule({ weights: { passkey: 1 } });
    const has = gates('passkey', 'email', 'totp');
    expect(decide(of, gates('passkey'), has)).toMatchObject({ number: 2, of: 2, methods: ['email', 'totp'] });
    expect(isEnough(of, gates('passkey', 'email'), has)).toBe(true);
  });

  test('of zero make a method worthless: alone, as half of a pair, and so nobody is asked for it', () => {
    const of = rule({ weights: { email: 0 } });
    expect(isEnough(of, gates('email', 'totp'), gates('email', 'totp'))).toBe(false);
    expect(isPair(of, gates('email', 'totp'))).toBe(false);
    expect(methodsOf(decide(of, [], gates('email', 'totp', 'recovery-code')))).toEqual(['totp', 'recovery-code']);
    // Under a rule of one gate a worthless mail must not complete the pair that the factor needs.
    const single = rule({ gates: 1, weights: { email: 0 } });
    expect(isEnough(single, gates('totp', 'email'), gates('totp', 'email'))).toBe(false);
  });
});

describe('security questions (C-01)', () => {
  const wide = { methods: allMethods };

  test('count nothing, whoever lists them', () => {
    expect(weightOf(rule(wide), gate('questions'))).toBe(0);
    expect(weightOf(rule({ ...wide, weights: { questions: 2 } }), gate('questions'))).toBe(0);
    expect(methodsOf(decide(rule(wide), [], gates('email', 'totp', 'questions')))).not.toContain('questions');
  });

  test('count as one gate where an operator took that on, never as the first and never alone', () => {
    const taken = rule({ ...wide, accepted: ['questions'] });
    const has = gates('email', 'questions');
    expect(weightOf(taken, gate('questions'))).toBe(1);
    expect(decide(taken, [], has)).toMatchObject({ of: 2, methods: ['email'] });
    expect(decide(taken, gates('email'), has)).toMatchObject({ methods: ['questions'] });
    expect(decide(taken, gates('email', 'questions'), has)).toEqual({ is: 'complete' });
    expect(decide(taken, [], gates('questions'))).toEqual({ is: 'stuck' });
    expect(decide(rule({ ...wide, gates: 1, accepted: ['questions'] }), [], gates('questions'))).toEqual({
      is: 'stuck',
    });
  });

  test('never take the place of a second factor, and can be made worthless again', () => {
    const taken = rule({ ...wide, accepted: ['questions'] });
    expect(isEnough(taken, gates('email', 'questions'), gates('email', 'questions', 'totp'))).toBe(false);
    expect(weightOf({ ...taken, weights: { questions: 0 } }, gate('questions'))).toBe(0);
    expect(weightOf({ ...taken, methods: ['email'], also: ['questions'] }, gate('questions'))).toBe(0);
  });
});

describe('what a rule asks for beside gates', () => {
  test('oneOf: one of these is among them', () => {
    const of = rule({ oneOf: ['totp', 'passkey'] });
    const has = gates('email', 'recovery-code', 'totp');
    expect(isEnough(of, gates('email', 'recovery-code'), has)).toBe(false);
    expect(decide(of, gates('email', 'recovery-code'), has)).toMatchObject({ number: 3, of: 3, methods: ['totp'] });
    expect(decide(of, gates('email'), has)).toMatchObject({ of: 2, methods: ['totp'] });
    expect(isEnough(of, gates('email', 'totp'), has)).toBe(true);
    expect(decide(of, [], gates('email', 'recovery-code'))).toEqual({ is: 'stuck' });
  });

  test('kinds: each of these is among them', () => {
    const of = rule({ kinds: ['issued', 'bound'] });
    const has = gates('email', 'recovery-code', 'totp');
    expect(isEnough(of, gates('totp', 'recovery-code'), has)).toBe(false);
    expect(isEnough(of, gates('totp', 'email'), has)).toBe(true);
    expect(isEnough(rule({ kinds: ['issued'] }), gates('passkey'), has)).toBe(false);
    expect(decide(rule({ kinds: ['contact'] }), [], has)).toEqual({ is: 'stuck' });
  });

  test('also: asked of who has it, on top, for nothing; of nobody else', () => {
    const of = rule({ methods: ['email', 'totp', 'recovery-code'], also: ['directory-facts', 'sms'] });
    const has = gates('email', 'totp', 'directory-facts');
    expect(weightOf(of, gate('sms'))).toBe(0);
    expect(decide(of, [], has)).toMatchObject({ of: 3, methods: ['email', 'totp'] });
    expect(decide(of, gates('email'), has)).toMatchObject({ number: 2, of: 3, methods: ['totp', 'directory-facts'] });
    expect(decide(of, gates('email', 'totp'), has)).toMatchObject({ number: 3, of: 3, methods: ['directory-facts'] });
    expect(decide(of, gates('email', 'totp', 'directory-facts'), has)).toEqual({ is: 'complete' });
    expect(decide(of, gates('email', 'totp'), gates('email', 'totp'))).toEqual({ is: 'complete' });
    // It can't replace what counts.
    expect(isEnough(of, gates('email', 'sms', 'directory-facts'), has)).toBe(false);
  });

  test('also does not go away by wearing it out', () => {
    const of = rule({ methods: ['email', 'totp'], also: ['questions'] });
    expect(decide(of, gates('email', 'totp'), gates('email', 'totp'), gates('email', 'totp', 'questions'))).toEqual({
      is: 'stuck',
    });
  });

  test('also what counts is asked of everybody who has it', () => {
    const of = rule({ methods: ['email', 'recovery-code', 'totp'], also: ['totp'] });
    const has = gates('email', 'recovery-code', 'totp');
    expect(decide(of, gates('email', 'recovery-code'), has)).toMatchObject({ methods: ['totp'] });
    expect(isEnough(of, gates('email', 'totp'), has)).toBe(true);
  });

  test('an extra through a channel does not use the channel up', () => {
    const of = rule({ methods: ['email', 'voice', 'recovery-code'], also: ['sms'] });
    const has = [gate('email'), gate('voice', { evidence: 'bound' }), gate('sms', { evidence: 'bound' })];
    expect(decide(of, [gate('email'), has[2] as Gate], has)).toMatchObject({ methods: ['voice'] });
  });

  test('different ways: something that weighs two is still one way, and what counts nothing is none', () => {
    const of = rule({ ways: 2, also: ['questions'] });
    const has = gates('passkey', 'questions', 'email');
    expect(isEnough(of, gates('passkey'), gates('passkey'))).toBe(false);
    expect(isEnough(of, gates('passkey', 'questions'), has)).toBe(false);
    expect(isEnough(of, gates('passkey', 'email', 'questions'), has)).toBe(true);
    expect(isEnough(rule({ ways: 2 }), gates('sms', 'voice', 'totp').slice(0, 2), [])).toBe(false);
  });

  test('three gates: a passkey that checked the person and one more', () => {
    const of = rule({ gates: 3 });
    const has = gates('passkey', 'email', 'totp', 'recovery-code');
    expect(decide(of, [], has)).toMatchObject({ of: 2 });
    expect(isEnough(of, gates('passkey', 'email'), has)).toBe(true);
    expect(isEnough(of, gates('email', 'totp'), has)).toBe(false);
    expect(isEnough(of, gates('email', 'totp', 'recovery-code'), has)).toBe(true);
  });
});

describe('what is asked for', () => {
  test('before the first gate is what the organisation offers, by all rules together, whatever a person has', () => {
    const rules = [rule({ methods: ['email', 'recovery-code'] }), rule({ methods: ['email', 'totp'] })];
    const offered = gates('email', 'totp', 'recovery-code', 'questions');
    expect(plan({ rules, passed: [], usable: offered, held: [], mayBeFirst })).toEqual({
      is: 'gate',
      number: 1,
      of: 2,
      methods: ['email', 'recovery-code', 'totp'],
    });
  });

  test('leads to the end with what the person has, by the shortest way first', () => {
    expect(decide(rule(), [], gates('email', 'totp', 'passkey'))).toEqual({
      is: 'gate',
      number: 1,
      of: 1,
      methods: ['passkey', 'email', 'totp'],
    });
    expect(decide(rule(), [], gates('email', 'totp'))).toMatchObject({ number: 1, of: 2 });
    expect(decide(rule(), gates('email'), gates('email', 'totp'))).toMatchObject({ number: 2, of: 2 });
  });

  test('is nothing when nothing would be enough', () => {
    expect(decide(rule(), [], [])).toEqual({ is: 'stuck' });
    expect(decide(rule(), [], gates('email'))).toEqual({ is: 'stuck' });
    expect(decide(rule(), gates('email'), gates('email', 'sms'))).toEqual({ is: 'stuck' });
    expect(plan({ rules: [], passed: [], usable: gates('passkey'), held: [], mayBeFirst })).toEqual({ is: 'stuck' });
  });

  test('never is what the rule does not allow', () => {
    expect(decide(rule({ methods: ['email', 'totp'] }), [], gates('email', 'passkey'))).toEqual({ is: 'stuck' });
  });

  test('opens with what may be asked of a stranger, even where that would not be needed otherwise', () => {
    const of = rule({ methods: allMethods, gates: 1, kinds: ['contact'], oneOf: ['questions'] });
    const has = gates('contact-approval', 'questions', 'email');
    expect(decide(of, [], has)).toMatchObject({ of: 3, methods: ['email'] });
    expect(methodsOf(decide(of, gates('email'), has))).toEqual(['contact-approval', 'questions']);
    expect(decide(of, [], gates('contact-approval', 'questions'))).toEqual({ is: 'stuck' });
  });
});

describe('what is missing', () => {
  const lacking = (
    of: RecoveryRule,
    usable: Gate[],
    held = usable,
    offered = gates('email', 'totp', 'recovery-code'),
  ) => missing(of, { usable, held, offered, mayBeFirst });

  test('is told by the fewest things that would help, each way out once', () => {
    expect(lacking(rule(), gates('email'))).toEqual([['totp'], ['recovery-code']]);
    expect(lacking(rule(), [])).toEqual([
      ['email', 'totp'],
      ['email', 'recovery-code'],
      ['totp', 'recovery-code'],
    ]);
    const offered = gates('email', 'totp', 'recovery-code', 'passkey');
    expect(lacking(rule(), gates('email'), gates('email'), offered)).toEqual([
      ['passkey'],
      ['totp'],
      ['recovery-code'],
    ]);
  });

  test('is a factor anew that is worn out', () => {
    expect(lacking(rule(), gates('email'), gates('email', 'totp'))).toEqual([['totp'], ['recovery-code']]);
  });

  test('is nothing that could not be begun with', () => {
    const offered = gates('contact-approval');
    expect(lacking(rule(), [], [], offered)).toEqual([]);
    expect(lacking(rule(), gates('recovery-code'), gates('recovery-code'), offered)).toEqual([['contact-approval']]);
  });
});

describe('for any rule and any person', () => {
  const EVIDENCE: Evidence[] = ['issued', 'saved', 'contact', 'bound', 'proofing', 'none'];
  const CHANNELS: Channel[] = ['mail', 'phone', 'app', 'device', 'sheet', 'memory', 'contact', 'helper'];
  const worths = fc.record({
    evidence: fc.constantFrom(...EVIDENCE),
    channel: fc.constantFrom(...CHANNELS),
    weight: fc.constantFrom(0 as const, 1 as const, 2 as const),
  });
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
  const someNames = fc.subarray(NAMES);
  const anyRule: fc.Arbitrary<RecoveryRule> = fc.record({
    name: fc.constant('any'),
    methods: fc.subarray(NAMES, { minLength: 2 }),
    gates: fc.integer({ min: 1, max: 3 }),
    weights: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom(0 as const, 1 as const, 2 as const), {
      maxKeys: 2,
    }),
    oneOf: fc.subarray(NAMES, { maxLength: 2 }),
    kinds: fc.subarray(EVIDENCE.slice(0, 4), { maxLength: 2 }),
    also: fc.subarray(NAMES, { maxLength: 2 }),
    accepted: fc.subarray(NAMES, { maxLength: 1 }),
    showFactor: fc.boolean(),
    pair: fc.boolean(),
    ways: fc.integer({ min: 1, max: 2 }),
  });
  const anyone = fc
    .tuple(anyRule, fc.array(worths, { minLength: 6, maxLength: 6 }), someNames, someNames, someNames)
    .map(([of, all, canUse, wornOut, strangers]) => {
      const every = NAMES.map((method, n): Gate => ({ method, ...(all[n] as Omit<Gate, 'method'>) }));
      const usable = every.filter(({ method }) => canUse.includes(method));
      const held = every.filter(({ method }) => canUse.includes(method) || wornOut.includes(method));
      return { rules: [of], usable, held, mayBeFirst: (method: string) => strangers.includes(method) };
    });
  const of = ({ rules }: Pick<PlanInput, 'rules'>) => rules[0] as RecoveryRule;
  const named = (list: readonly Gate[], method: string) => list.find((one) => one.method === method) as Gate;
  const some = { numRuns: 2_000 };

  test('whoever follows the plan arrives, in as many gates as it said at the least, and never before it is enough', () => {
    let arrived = 0;
    fc.assert(
      fc.property(anyone, fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), (person, picks) => {
        let passed: Gate[] = [];
        let now = plan({ ...person, passed });
        const wasStuck = now.is === 'stuck';
        for (const pick of picks) {
          if (now.is !== 'gate') break;
          const before = now;
          expect(before.methods.length).toBeGreaterThan(0);
          expect(before.number).toBe(passed.length + 1);
          expect(before.of).toBeGreaterThan(passed.length);
          const method = before.methods[pick % before.methods.length] as string;
          expect(passed.map((one) => one.method)).not.toContain(method);
          passed = [...passed, named(person.usable, method)];
          now = plan({ ...person, passed });
          expect(now.is).not.toBe('stuck');
          if (now.is === 'gate') expect(now.of).toBeGreaterThanOrEqual(before.of);
        }
        if (!wasStuck) expect(now.is).toBe('complete');
        expect(now.is === 'complete').toBe(isEnough(of(person), passed, person.held));
        if (now.is === 'complete' && passed.length > 0) arrived += 1;
      }),
      some,
    );
    expect(arrived).toBeGreaterThan(50);
  });

  test('what is enough stays enough, whatever else is passed', () => {
    fc.assert(
      fc.property(anyone, someNames, someNames, (person, first, more) => {
        const take = (names: string[]) => person.held.filter(({ method }) => names.includes(method));
        const passed = take(first);
        if (!isEnough(of(person), passed, person.held)) return;
        const further = [...passed, ...take(more).filter((one) => !passed.includes(one))];
        expect(isEnough(of(person), further, person.held)).toBe(true);
        expect(plan({ ...person, passed: further }).is).toBe('complete');
      }),
      some,
    );
  });

  test('no gate is asked for that does nothing: without it the way would not be enough, or could not be begun', () => {
    fc.assert(
      fc.property(anyone, (person) => {
        const now = plan({ ...person, passed: [] });
        if (now.is !== 'gate') return;
        // Every set of what this person has that is enough, by looking at all of them. What counts nothing opens nothing.
        const { oneOf, kinds, also } = of(person);
        const wanted = person.usable.filter(
          (one) =>
            weightOf(of(person), one) > 0 ||
            [...oneOf, ...also].includes(one.method) ||
            [...kinds, 'bound', 'saved', 'proofing'].includes(one.evidence),
        );
        const sets = Array.from({ length: 2 ** wanted.length }, (_, bits) =>
          wanted.filter((_one, n) => (bits >> n) % 2 === 1),
        ).filter((set) => {
          const asked = set.every(
            ({ method }) => of(person).methods.includes(method) || of(person).also.includes(method),
          );
          const opens =
            set.every(({ method }) => person.mayBeFirst(method)) ||
            set.some(
              (one) => person.mayBeFirst(one.method) && ['issued', 'saved', 'bound', 'proofing'].includes(one.evidence),
            );
          return asked && opens && isEnough(of(person), set, person.held);
        });
        const least = sets.filter(
          (set) => !sets.some((other) => other.length < set.length && other.every((one) => set.includes(one))),
        );
        const expected = new Set(
          least
            .flat()
            .map(({ method }) => method)
            .filter(person.mayBeFirst),
        );
        expect(new Set(now.methods)).toEqual(expected);
        expect(now.of).toBe(Math.min(...least.map((set) => set.length)));
      }),
      some,
    );
  });

  test('a method without weight, wish or shown factor behind it is never offered', () => {
    fc.assert(
      fc.property(anyone, (person) => {
        const idle = (method: string) =>
          weightOf(of(person), named(person.usable, method)) === 0 &&
          !of(person).oneOf.includes(method) &&
          !of(person).also.includes(method) &&
          !of(person).kinds.includes(named(person.usable, method).evidence) &&
          named(person.usable, method).evidence === 'none';
        expect(methodsOf(plan({ ...person, passed: [] })).filter(idle)).toEqual([]);
      }),
      some,
    );
  });
});
