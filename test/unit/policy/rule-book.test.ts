/** From the configuration to rules: what is written, and what no setting goes below. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { Gate } from '../../../src/kernel/gate.ts';
import { isEnough } from '../../../src/policy/plan.ts';
import { ruleFor } from '../../../src/policy/rules.ts';
import { registries, type SparekeyConfig } from '../../../src/registries.ts';
import { methodsInUse, ruleBookOf } from '../../../src/rule-book.ts';
import { folder } from '../config/kit.ts';
import { allMethods, gate, gates } from './gates.ts';

const load = (policy: object, more: object = {}) => {
  const config = {
    publicUrl: 'http://localhost:8080',
    organisation: { name: 'Northfield College' },
    directory: { type: 'builtin' },
    mail: { type: 'demo-inbox', from: 'it@northfield.example' },
    policy,
    ...more,
  };
  const home = folder({ 'sparekey.yaml': JSON.stringify(config) });
  return loadConfig({ file: `${home}/sparekey.yaml`, env: {}, registries });
};
const bookOf = (policy: object, more?: object) => {
  const loaded = load(policy, more);
  if (loaded.is === 'invalid') throw new Error(loaded.problems.map(({ path, what }) => `${path} ${what}`).join('\n'));
  return ruleBookOf(loaded.config as SparekeyConfig);
};
const problemsOf = (policy: object) => {
  const loaded = load(policy);
  return loaded.is === 'ok' ? [] : loaded.problems.map(({ path }) => path);
};

describe('rules', () => {
  test('are what is written, one for everybody and one for each group', () => {
    const book = bookOf({
      recovery: { methods: ['email', 'totp', 'passkey'], weights: { passkey: 1 }, kinds: ['issued'] },
      groups: [
        { name: 'pupils', groups: ['pupils'], methods: ['email', 'recovery-code'], also: ['questions'] },
        { name: 'guests', attributes: { employeeType: ['guest'] }, gates: 3, oneOf: ['totp'] },
      ],
    });
    expect(book.default).toMatchObject({
      name: 'default',
      gates: 2,
      weights: { passkey: 1 },
      kinds: ['issued'],
      ways: 1,
    });
    const pupils = ruleFor(book, { groups: ['Pupils'], attributes: {} });
    expect(pupils).toMatchObject({ methods: ['email', 'recovery-code'], also: ['questions'], pair: true });
    const guests = ruleFor(book, { groups: [], attributes: { employeeType: ['Guest'] } });
    expect(guests).toMatchObject({ gates: 3, oneOf: ['totp'] });
    expect([...methodsInUse(book)].sort()).toEqual(['email', 'passkey', 'questions', 'recovery-code', 'totp']);
  });

  test('let questions count only where an operator took that on, and never for privileged people', () => {
    const taken = { methods: { questions: { countsAsGate: countsAsGate() } } };
    const policy = { recovery: { methods: ['email', 'questions', 'totp'] } };
    expect(bookOf(policy, taken).default.accepted).toEqual(['questions']);
    expect(bookOf(policy, taken).privileged.accepted).toEqual([]);
    expect(bookOf({}).default.accepted).toEqual([]);
    expect(problemsOf(policy)).toEqual(['policy.recovery.methods']);
  });
});

/** The words that an operator has to write, as the schema of the method has them. */
function countsAsGate(): unknown {
  const schema = registries.methods.questions.configSchema.properties as unknown as Record<
    string,
    { const?: unknown; enum?: unknown[] }
  >;
  return schema['countsAsGate']?.const ?? schema['countsAsGate']?.enum?.[0];
}

describe('privileged people', () => {
  test('pass two different ways, one of them a passkey or an app, without anything being written', () => {
    const { privileged } = bookOf({});
    const has = gates('email', 'totp', 'passkey', 'recovery-code');
    const enough = (...passed: Gate[]) => isEnough(privileged, passed, has);
    expect(enough(gate('passkey'))).toBe(false);
    expect(enough(...gates('email', 'recovery-code'))).toBe(false);
    expect(enough(...gates('email', 'totp'))).toBe(true);
    expect(enough(...gates('email', 'passkey'))).toBe(true);
    expect(enough(...gates('passkey', 'totp'))).toBe(true);
  });

  test.each([
    ['a single gate', { gates: 1 }, 'policy.privileged.gates'],
    ['neither passkey nor app', { methods: ['email', 'recovery-code'] }, 'policy.privileged.methods'],
    ['something weaker in their place', { oneOf: ['email'] }, 'policy.privileged.oneOf'],
    ['something weaker beside them', { oneOf: ['totp', 'recovery-code'] }, 'policy.privileged.oneOf'],
    ['security questions', { methods: ['totp', 'email', 'questions'] }, 'policy.privileged.methods'],
  ])('can’t be given %s', (_name, privileged, path) => {
    expect(problemsOf({ privileged })).toContain(path);
  });

  test('whatever is written and accepted: never less than two channels, a shown passkey or app, and an N-37 pair', () => {
    const { methods } = registries;
    const known = allMethods.filter((method) => method in methods);
    const some = fc.subarray(known);
    const anyRule = fc.record(
      {
        methods: fc.subarray(known, { minLength: 1 }),
        gates: fc.integer({ min: 1, max: 3 }),
        weights: fc.dictionary(fc.constantFrom(...known), fc.integer({ min: 0, max: 2 }), { maxKeys: 3 }),
        oneOf: fc.subarray(['totp', 'passkey', 'email']),
        kinds: fc.subarray(['issued', 'bound']),
        also: fc.subarray(['totp', 'questions', 'recovery-code']),
      },
      { requiredKeys: [] },
    );
    let judged = 0;
    fc.assert(
      fc.property(anyRule, some, some, (privileged, passed, held) => {
        const loaded = load({ privileged, recovery: { acceptSingleGate: true, gates: 1 } });
        if (loaded.is === 'invalid') return;
        const rule = ruleBookOf(loaded.config as SparekeyConfig).privileged;
        const shown = passed.map((method) => gate(method));
        if (!isEnough(rule, shown, gates(...held))) return;
        judged += 1;
        expect(passed.some((method) => method === 'totp' || method === 'passkey')).toBe(true);
        const counting = shown.filter(({ evidence }) => evidence !== 'none');
        expect(new Set(counting.map(({ channel }) => channel)).size).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 400 },
    );
    expect(judged).toBeGreaterThan(10);
  });
});
