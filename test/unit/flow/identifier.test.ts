import { describe, expect, test } from 'vitest';
import { decoyAuthenticator, decoySubject } from '../../../src/flow/decoy.ts';
import { identifierKeyOf } from '../../../src/flow/identifier.ts';
import { mailLanguage } from '../../../src/flow/mail-language.ts';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import { email } from '../../../src/methods/email.ts';
import type { VerificationMethod } from '../../../src/methods/method.ts';
import { ports } from '../../contract/method.ts';

const keyring = createKeyring([{ id: 'a', bytes: Buffer.alloc(32, 1) }]);
const key = (identifier: string) => identifierKeyOf(keyring, identifier);

describe('limits count a name', () => {
  test.each(['AMINA', ' amina', 'a mina', 'ａｍｉｎａ', 'amina\u3000', 'am\u00a0ina'])('%j as amina', (spelling) => {
    expect(key(spelling)).toBe(key('amina'));
  });
  test.each(['amine', 'amina@x.example', 'amina.', ''])('%j as another', (other) =>
    expect(key(other)).not.toBe(key('amina')),
  );
  test('without keeping it', () => expect(key('amina')).not.toContain('amina'));
});

describe('a decoy', () => {
  test('is the same for the same name, and looks like nobody', () => {
    const method = email.open({ lifetime: 600_000, lockedDomains: [] }, ports) as VerificationMethod;
    const make = (name: string) => decoyAuthenticator(keyring, decoySubject(key(name)), method);
    expect(make('nobody')).toEqual(make('Nobody'));
    expect(make('nobody').data).not.toEqual(make('somebody').data);
    expect(String(make('nobody').data['address'])).toMatch(/@decoy\.invalid$/);
  });
});

test.each([
  ['de', 'en', 'de'],
  ['de-AT', 'en', 'de'],
  ['DE_at', 'en', 'de'],
  ['fr', 'en', 'en'],
  ['', 'ar', 'ar'],
  [undefined, 'ar', 'ar'],
])('mails to an account that speaks %s, asked for from a page in %s, are in %s', (own, page, language) => {
  expect(mailLanguage(['en', 'de', 'ar'], { language: own }, page)).toBe(language);
});
