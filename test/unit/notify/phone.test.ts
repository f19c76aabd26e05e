/** Phone numbers: every national writing, a reason for each impossible one, and a mask that tells nothing. */
import { describe, expect, it } from 'vitest';
import { countryOfPhone, isE164, isPhoneCountry, maskPhone, readPhone } from '../../../src/kernel/phone.ts';

it.each([
  ['0170 1234567', 'DE', '+491701234567', 'DE'],
  ['(0170) 123-45.67', 'DE', '+491701234567', 'DE'],
  ['0170/1234567', 'DE', '+491701234567', 'DE'],
  ['0049 170 1234567', 'DE', '+491701234567', 'DE'],
  ['+49 (0) 170 1234567', undefined, '+491701234567', 'DE'],
  ['tel:+49-170-1234567', undefined, '+491701234567', 'DE'],
  ['٠١٧٠١٢٣٤٥٦٧', 'DE', '+491701234567', 'DE'],
  ['\u202a+49 170 1234567\u202c', undefined, '+491701234567', 'DE'],
  ['＋４９１７０１２３４５６７', undefined, '+491701234567', 'DE'],
  ['07400 123456', 'GB', '+447400123456', 'GB'],
  ['(416) 555-0199', 'CA', '+14165550199', 'CA'],
  ['0501234567', 'SA', '+966501234567', 'SA'],
  ['+881612345678', undefined, '+881612345678', undefined],
])('reads %j in %s as %s', (writing, country, e164, found) => {
  expect(readPhone(writing, country)).toEqual({ is: 'phone', e164, country: found });
});

it.each([
  ['', 'DE', 'not-a-number'],
  ['hello', 'DE', 'not-a-number'],
  ['anna@north.example', 'DE', 'not-a-number'],
  ['+49 170 1234567, +49 170 1234568', 'DE', 'not-a-number'],
  ['1'.repeat(1_000), 'DE', 'not-a-number'],
  ['12', 'DE', 'too-short'],
  ['112', 'DE', 'too-short'],
  ['+4917012345678901234', undefined, 'too-long'],
  ['0170 1234567', undefined, 'invalid-country'],
  ['0170 1234567', 'XX', 'invalid-country'],
  ['+999 12345678', undefined, 'invalid-country'],
  ['000000', 'DE', 'not-in-use'],
  ['0170 1234567 ext. 5', 'DE', 'extension'],
  ['+1 900 555 1234', undefined, 'premium-rate'],
  ['0909 8790000', 'GB', 'premium-rate'],
  ['0900 1234567', 'DE', 'premium-rate'],
  ['0180 12345678', 'DE', 'premium-rate'],
  ['0899 123456', 'FR', 'premium-rate'],
  ['0900 123456', 'CH', 'premium-rate'],
  ['070 1234 5678', 'GB', 'premium-rate'],
  ['0800 1234567', 'DE', 'premium-rate'],
])('refuses %j in %s: %s', (writing, country, fault) => {
  expect(readPhone(writing, country)).toEqual({ is: 'fault', fault });
});

describe('E.164', () => {
  it.each(['+491701234567', '+1416555'])('takes %s', (text) => expect(isE164(text)).toBe(true));
  it.each([
    '491701234567',
    '+0491701234567',
    '+49 170',
    '+491701234567\n',
    '+٤٩١٧٠١٢٣٤٥٦٧',
    '+1234567890123456',
    '+12',
  ])('does not take %j', (text) => expect(isE164(text)).toBe(false));
});

it('knows the country for allow-lists, and which countries there are', () => {
  expect(countryOfPhone('+14165550199')).toBe('CA');
  expect(countryOfPhone('+447400123456')).toBe('GB');
  expect(isPhoneCountry('DE')).toBe(true);
  expect(isPhoneCountry('Germany')).toBe(false);
});

it('masks every number alike, but for its end', () => {
  expect(maskPhone('+491701234542')).toBe('•••• ••• 42');
  expect(maskPhone('+1416555')).toBe('•••• ••• 55');
});
