import { describe, expect, test } from 'vitest';
import { grouped, newCrockford, readCrockford, readDigits } from '../../../src/methods/code.ts';
import { maskAddress } from '../../../src/methods/mask.ts';

describe('codes as people type them', () => {
  test.each([
    ['1234 5678', '12345678'],
    ['12-34.56/78', '12345678'],
    [' ١٢٣٤٥٦٧٨ ', '12345678'],
    ['۱۲۳۴', '1234'],
    ['१२३४', '1234'],
    ['１２３４', '1234'],
    ['code: 42', '42'],
    ['', ''],
    ['½²', ''],
  ])('digits of %j are %j', (typed, digits) => expect(readDigits(typed)).toBe(digits));

  test.each([
    ['abcd-efgh', 'ABCDEFGH'],
    ['oOiIlL', '001111'],
    ['a b\tc', 'ABC'],
    ['u', ''],
    ['٣ab', '3AB'],
    ['é!?', ''],
  ])('Crockford of %j is %j', (typed, code) => expect(readCrockford(typed)).toBe(code));

  test('every code that we make is read back as it was, grouped, in small letters', () => {
    for (let n = 0; n < 200; n += 1) {
      const code = newCrockford(20);
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/);
      expect(readCrockford(grouped(code).toLowerCase())).toBe(code);
    }
    expect(grouped('ABCDEFGHI')).toBe('ABCD-EFGH-I');
  });
});

describe('masked addresses', () => {
  test.each([
    ['amina@private.example', 'a•••@private.example'],
    ['a@b.example', 'a•••@b.example'],
    ['🦩pink@b.example', '🦩•••@b.example'],
    ['odd"@"quoted@b.example', 'o•••@b.example'],
    ['@b.example', '•••'],
    ['nothing', '•••'],
  ])('%s is shown as %s', (address, masked) => expect(maskAddress(address)).toBe(masked));
});
