import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/audit/canonical.ts';
import { auditEvents } from '../../../src/audit/events.ts';

describe('canonical JSON', () => {
  test('does not depend on the order of keys, at any depth', () => {
    const one = { b: [{ y: 1, x: null }], a: 'é', 'a-b': true, aB: -0.5e-7 };
    const other = { aB: -0.5e-7, 'a-b': true, a: 'é', b: [{ x: null, y: 1 }] };
    expect(canonicalJson(one)).toBe('{"a":"é","a-b":true,"aB":-5e-8,"b":[{"x":null,"y":1}]}');
    expect(canonicalJson(other)).toBe(canonicalJson(one));
  });

  test('keeps different values apart', () => {
    expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }));
    expect(canonicalJson(['a', 'b'])).not.toBe(canonicalJson(['a,b']));
  });

  test('is read back as the same value, control characters and lone surrogates included', () => {
    const value = { text: '\u0000\n"\\\u2028😀\ud800', list: [1, 'x', null, false], deep: { empty: {}, none: [] } };
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
  });

  test('refuses what JSON would silently turn into null', () => {
    for (const n of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => canonicalJson({ n })).toThrow('not finite');
  });

  test('leaves out what is undefined', () => {
    expect(canonicalJson({ a: 1, b: undefined } as never)).toBe('{"a":1}');
  });
});

test('every event of the catalogue has a plain sentence and a name of two parts', () => {
  const entries = Object.entries(auditEvents);
  expect(entries.length).toBeGreaterThan(50);
  for (const [name, says] of entries) {
    expect(name).toMatch(/^[a-z][a-z-]*\.[a-z][a-z-]*$/);
    expect(says).toMatch(/^[A-Z].{20,}\.$/);
  }
});
