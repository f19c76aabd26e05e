import { describe, expect, test } from 'vitest';
import { argon2Hash, argon2Verify, CODE_COST, PASSWORD_COST, sameSaltHash } from '../../../src/kernel/argon2.ts';

const cheap = { memory: 64, passes: 1, parallelism: 1 };
const pepper = Buffer.alloc(32, 1);
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;

describe('argon2id', () => {
  test('costs what standards.md section 12 says, written into every hash', async () => {
    expect(PASSWORD_COST).toEqual({ memory: 65_536, passes: 3, parallelism: 4 });
    expect(CODE_COST).toEqual({ memory: 19_456, passes: 2, parallelism: 1 });
    expect(PHC.exec(await argon2Hash('x', pepper, CODE_COST))?.slice(1)).toEqual(['19456', '2', '1']);
  });

  test('proves the same text with the same pepper, and nothing else', async () => {
    const hash = await argon2Hash('seven quiet herons', pepper, cheap);
    expect(hash).toMatch(PHC);
    expect(await argon2Verify('seven quiet herons', hash, pepper)).toBe(true);
    for (const wrong of ['seven quiet heron', 'Seven quiet herons', 'seven quiet herons ', ''])
      expect(await argon2Verify(wrong, hash, pepper)).toBe(false);
    expect(await argon2Verify('seven quiet herons', hash, Buffer.alloc(32, 2))).toBe(false);
  });

  test('salts anew each time, but can share a salt', async () => {
    const [one, two] = [await argon2Hash('x', pepper, cheap), await argon2Hash('x', pepper, cheap)];
    expect(one).not.toBe(two);
    expect(await sameSaltHash('x', one, pepper)).toBe(one);
    expect(await sameSaltHash('y', one, pepper)).not.toBe(one);
  });

  test('takes composed and decomposed letters as the same, and every character to the last', async () => {
    const hash = await argon2Hash('caf\u00e9', pepper, cheap);
    expect(await argon2Verify('cafe\u0301', hash, pepper)).toBe(true);
    const long = 'x'.repeat(127);
    expect(await argon2Verify(`${long}b`, await argon2Hash(`${long}a`, pepper, cheap), pepper)).toBe(false);
  });

  test.each([
    '',
    'x',
    '$2b$10$abc',
    '$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA',
    '$argon2id$v=19$m=64,t=1$AAAA$AAAA',
    '$argon2id$v=19$m=64,t=1,p=1$AA-_$AAAA',
  ])('%j is no hash of ours', async (stored) => {
    await expect(argon2Verify('x', stored, pepper)).rejects.toThrow('PHC');
  });

  test('a queue that is full refuses instead of growing, as a passing trouble', async () => {
    const many = Array.from({ length: 700 }, () => argon2Hash('x', pepper, cheap));
    const outcomes = await Promise.allSettled(many);
    const refused = outcomes.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(100);
    expect((refused[0] as PromiseRejectedResult).reason).toMatchObject({ code: 'not-ready' });
    expect(await argon2Verify('x', await argon2Hash('x', pepper, cheap), pepper)).toBe(true);
  });
});
