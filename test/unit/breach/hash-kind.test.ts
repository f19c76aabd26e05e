import { describe, expect, test } from 'vitest';
import { type HashKind, hashWords } from '../../../src/breach/hash-kind.ts';
import { md4 } from '../../../src/breach/md4.ts';

const hex = (words: Uint32Array): string => [...words].map((word) => word.toString(16).padStart(8, '0')).join('');

describe('MD4 of RFC 1320, appendix A.5', () => {
  test.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ])('%j', (text, expected) => {
    expect(md4(Buffer.from(text)).toString('hex')).toBe(expected);
  });
});

test.each<[HashKind, string, string]>([
  ['sha1', 'password', '5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8'],
  ['sha1', 'P@ssw0rd', '21bd12dc183f740ee76f27b78eb39c8ad972a757'],
  ['sha1', 'Grüße 🔑', '1ae06fb6b49afa4ba365cf39e2b0f92eaf718ef3'],
  ['ntlm', 'password', '8846f7eaee8fb117ad06bdd830b7586c00000000'],
  ['ntlm', '', '31d6cfe0d16ae931b73c59d7e0c089c000000000'],
])('%s of %j is what the corpora hold', (kind, password, expected) => {
  expect(hex(hashWords(kind, password))).toBe(expected);
});
