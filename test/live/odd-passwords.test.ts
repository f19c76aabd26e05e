/**
 * What people can type, round trip: judged by our rules with those that the server tells, written, and signed in with by the
 * server's own means; then changed, with the odd one as the old one. What test/contract/directory.ts proves is not repeated.
 */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wordsFor } from '../../src/flow/word-lists.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { createBlocklist } from '../../src/policy/passwords/blocklist.ts';
import { suggest } from '../../src/policy/passwords/generator.ts';
import { mergeRules } from '../../src/policy/passwords/merge.ts';
import { brokenRules, judgePassword } from '../../src/policy/passwords/rules.ts';
import { accountOf, type DirectorySubject, somebody } from '../contract/directory.ts';
import { type Samba, startSamba } from '../kit/servers/samba.ts';
import { openldapSubject } from './openldap-fixture.ts';
import { prepare, sambaSubject } from './samba-fixture.ts';

const blocklist = createBlocklist();
const own = { minLength: 15, maxLength: 128, history: 5, contextWords: ['northfield'] };

/** As typed: the portal composes before anything else. */
const ODD: [string, string][] = [
  ['the signs that others refuse', '@ # $ * Aa1 @#$* are fine'],
  ['quotes of every kind', `"It's" \`Aa1\` «da» „dort“ ‚so‘`],
  ['blanks that are none', 'Aa1\u00A0no\u2009break\u3000spaces here'],
  ['emoji joined to one', 'Aa1 👩‍👩‍👧‍👦 🏳️‍🌈 🧑🏽‍🚀 today'],
  ['right to left with marks of direction', 'Aa1 \u202Bمراكب ورقية\u202C عند \u200Fالظهيرة'],
  ['Hebrew and vowel signs', 'Aa1 שָׁלוֹם לְכֻלָּם בַּבֹּקֶר'],
  ['marks that compose, typed apart', 'Aa1 o\u0302\u0323 quie\u0302\u0323t he\u0301rons sing'],
  ['marks that never compose', 'Aa1 क्षत्रिय x\u0301\u0323 नमस्ते दुनिया'],
  ['scripts beyond the basic plane', 'Aa1 𐌰𐌱𐌲𐌳 𝔊𝔬𝔱𝔥𝔦𝔠 𓀀𓁐𓃰'],
  ['128 code points of two bytes', `Aa1-${'éя'.repeat(62)}`],
  ['what starts like an option and ends like a comment', '--Aa1 quiet; DROP herons /*'],
];

function roundTrips(open: () => DirectorySubject): void {
  test.each(ODD)('%s', async (_name, typed) => {
    const subject = open();
    const person = somebody();
    await subject.addPerson(person);
    const account = await accountOf(subject.directory, person.username);
    const password = typed.normalize('NFC');
    const rules = mergeRules(own, await subject.directory.readPolicy(account), true);
    expect(brokenRules(judgePassword(typed, rules, blocklist, account))).toEqual([]);

    expect(await subject.directory.writePassword(account, new Secret(password))).toMatchObject({ is: 'applied' });
    expect(await subject.signsIn(person.username, password)).toBe(true);
    expect(await subject.signsIn(person.username, Array.from(password).slice(0, -1).join(''))).toBe(false);
    expect(await subject.directory.verifyPassword(account, new Secret(password))).toEqual({ is: 'correct' });

    const next = new Secret('Eleven Paper-Boats 11');
    const changed = await subject.directory.writePassword(account, next, { old: new Secret(password) });
    expect(changed).toMatchObject({ is: 'applied' });
    expect(await subject.signsIn(person.username, next.reveal())).toBe(true);
  });

  test('twelve suggestions for this very person, words and random ones', { timeout: 240_000 }, async () => {
    const subject = open();
    const person = somebody();
    await subject.addPerson(person);
    const account = await accountOf(subject.directory, person.username);
    const rules = mergeRules(own, await subject.directory.readPolicy(account), true);
    for (let n = 0; n < 12; n += 1) {
      const words = wordsFor(n % 2 === 0 ? 'en' : 'de');
      const made = suggest({ rules, blocklist, person: account, words }, n < 8 ? 'words' : 'random', (below) =>
        randomInt(below),
      );
      const password = made?.password ?? '';
      expect(await subject.directory.writePassword(account, new Secret(password))).toMatchObject({ is: 'applied' });
      expect(await subject.signsIn(person.username, password)).toBe(true);
    }
  });
}

describe('OpenLDAP', () => {
  let subject: DirectorySubject;
  beforeAll(async () => {
    subject = await openldapSubject('ldaps');
  });
  afterAll(() => subject?.close());
  roundTrips(() => subject);

  test('128 emoji: 512 bytes', async () => {
    const person = somebody();
    await subject.addPerson(person);
    const account = await accountOf(subject.directory, person.username);
    const password = '🦩🐝🐙🦔'.repeat(32);
    expect(await subject.directory.writePassword(account, new Secret(password))).toMatchObject({ is: 'applied' });
    expect(await subject.signsIn(person.username, password)).toBe(true);
    expect(await subject.signsIn(person.username, password.slice(0, -2))).toBe(false);
  });
});

describe('Active Directory', { timeout: 60_000 }, () => {
  let samba: Samba;
  let subject: DirectorySubject;
  beforeAll(async () => {
    samba = await startSamba();
    await prepare(samba);
    subject = await sambaSubject(samba, 'ldaps');
  }, 180_000);
  afterAll(async () => {
    await subject?.close();
    await samba?.stop();
  }, 60_000);
  roundTrips(() => subject);

  test('128 emoji with letters: 256 UTF-16 units, the most that Windows takes', async () => {
    const person = somebody();
    await subject.addPerson(person);
    const account = await accountOf(subject.directory, person.username);
    const password = `Aa1${'🦩🐝🐙🦔'.repeat(31)}`;
    expect(await subject.directory.writePassword(account, new Secret(password))).toMatchObject({ is: 'applied' });
    expect(await subject.signsIn(person.username, password)).toBe(true);
    expect(await subject.signsIn(person.username, password.slice(0, -2))).toBe(false);
  });
});
