import { describe, expect, test } from 'vitest';
import { parseForm, readFields } from '../../../src/http/form.ts';

const rules = {
  name: { max: 5 },
  note: { max: 5, optional: true },
  password: { max: 8, secret: true, optional: true },
} as const;
const read = (text: string) => readFields(parseForm(text), rules);

describe('form fields', () => {
  test('are plain texts, and only those asked for', () => {
    expect(read('name=a+b&note=%C3%A9&x=1&__proto__=2')).toEqual({ name: 'a b', note: 'é' });
  });

  test.each([
    ['missing', ''],
    ['twice', 'name=a&name=b'],
    ['three times', 'name=a&name=b&name=c'],
    ['as a list', 'name[]=a'],
    ['too long', 'name=abcdef'],
    ['with NUL', 'name=a%00'],
    ['with a line break', 'name=a%0A'],
    ['with broken UTF-8', 'name=%FF'],
    ['with an encoded surrogate', 'name=%ED%A0%80'],
    ['optional, but twice', 'name=a&note=b&note=c'],
    ['optional, but too long', 'name=a&note=abcdef'],
  ])('%s: refused', (_what, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  test('a secret may hold anything; the password rules judge it', () => {
    expect(read('name=a&password=%00%0A%FF').password).toBe('\0\n\uFFFD');
  });

  test.each([null, undefined, 'text', 7, [], ['name']])('%j is no form', (body) => {
    expect(() => readFields(body, rules)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  test.each([
    { name: { a: 1 } },
    { name: ['a'] },
    { name: 1 },
    { name: null },
    { name: true },
    { name: '\ud800' },
    Object.create({ name: 'inherited' }),
  ])('%j holds no plain name', (body) => expect(() => readFields(body, rules)).toThrow());

  test('says which field, never what was in it', () => {
    try {
      read('name=secret');
      expect.unreachable();
    } catch (error) {
      const { cause } = error as Error;
      expect(String(cause)).toContain('name');
      expect(String(cause)).not.toContain('secret');
    }
  });

  test('names like __proto__ and constructor are names like any other', () => {
    const form = parseForm('__proto__=x&constructor=y&toString=z');
    expect(Object.getPrototypeOf(form)).toBe(null);
    expect(() => readFields(form, { hasOwnProperty: { max: 5 } })).toThrow();
    expect(readFields(form, { constructor: { max: 5 } })).toEqual({ constructor: 'y' });
  });
});
