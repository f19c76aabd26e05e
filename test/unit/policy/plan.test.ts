import { describe, expect, test } from 'vitest';
import { type Plan, plan, type RecoveryPolicy } from '../../../src/policy/plan.ts';

const policy: RecoveryPolicy = {
  anyOf: [
    ['email', 'totp'],
    ['email', 'recovery-code'],
    ['totp', 'recovery-code', 'email'],
  ],
};
const decide = (passed: string[], usable?: string[]): Plan => plan({ policy, passed, usable });

describe('the plan', () => {
  test('offers the organisation’s methods before the first gate, whatever the person has', () => {
    expect(decide([])).toEqual({ is: 'gate', number: 1, of: 2, methods: ['email', 'totp', 'recovery-code'] });
  });

  test('offers only what completes a combination with what the person has', () => {
    expect(decide([], ['email', 'totp'])).toEqual({ is: 'gate', number: 1, of: 2, methods: ['email', 'totp'] });
    expect(decide(['email'], ['email', 'totp'])).toEqual({ is: 'gate', number: 2, of: 2, methods: ['totp'] });
    expect(decide(['email'], ['email', 'totp', 'recovery-code'])).toMatchObject({ methods: ['totp', 'recovery-code'] });
  });

  test('names the shortest way that is still open', () => {
    expect(decide(['totp'], ['email', 'totp', 'recovery-code'])).toMatchObject({
      number: 2,
      of: 2,
      methods: ['email', 'recovery-code'],
    });
    expect(decide(['totp', 'recovery-code'], ['email'])).toMatchObject({ number: 3, of: 3, methods: ['email'] });
  });

  test('is complete when all of one combination is passed, in any order', () => {
    expect(decide(['email', 'totp'], [])).toEqual({ is: 'complete' });
    expect(decide(['recovery-code', 'email'], [])).toEqual({ is: 'complete' });
  });

  test('is stuck when no combination can be completed', () => {
    expect(decide([], [])).toEqual({ is: 'stuck' });
    expect(decide([], ['email'])).toEqual({ is: 'stuck' });
    expect(decide(['email'], ['email'])).toEqual({ is: 'stuck' });
    expect(plan({ policy: { anyOf: [] }, passed: [], usable: undefined })).toEqual({ is: 'stuck' });
  });

  test('never counts a gate that no combination asks for', () => {
    expect(decide(['sms'], ['email', 'totp'])).toEqual({ is: 'stuck' });
  });

  test('over all small policies: complete means that some combination is wholly passed, and a gate is always a new one', () => {
    const methods = ['a', 'b', 'c'];
    const subsets = Array.from({ length: 8 }, (_, bits) => methods.filter((_one, n) => bits & (1 << n)));
    for (const one of subsets.slice(1))
      for (const other of subsets.slice(1))
        for (const passed of subsets)
          for (const usable of [undefined, ...subsets]) {
            const anyOf = [one, other];
            const result = plan({ policy: { anyOf }, passed, usable });
            const whole = anyOf.some(
              (combination) => combination.length === passed.length && combination.every((m) => passed.includes(m)),
            );
            if (result.is === 'complete')
              expect(anyOf.some((combination) => combination.every((m) => passed.includes(m)))).toBe(true);
            if (whole) expect(result.is).toBe('complete');
            if (result.is === 'gate') {
              expect(result.methods.length).toBeGreaterThan(0);
              for (const method of result.methods) {
                expect(passed).not.toContain(method);
                if (usable) expect(usable).toContain(method);
              }
            }
          }
  });
});
