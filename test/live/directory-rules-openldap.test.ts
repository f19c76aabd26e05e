/** The rules of OpenLDAP's ppolicy on a real slapd, default and per person, in the words that people read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyWords } from '../../src/directory/ldap/policy-words.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { createTranslator } from '../../src/text/index.ts';
import { personLdif, type Slapd, SUFFIX, startSlapd } from '../kit/servers/slapd.ts';
import { agingTable, type RulesFixture, rulesTable, somebodyIn } from './directory-rules-suite.ts';
import { FIRST, openHouse, SECOND, THIRD } from './journey-house.ts';

const t = createTranslator('en');
const LONG = `${SECOND} and ${THIRD}`;
const dnOf = (policy: string) => `cn=${policy},ou=policies,${SUFFIX}`;

const policyLdif = (name: string, own: Record<string, string>): string => {
  const lines = Object.entries({ pwdInHistory: '3', ...own }).map(([key, value]) => `${key}: ${value}`);
  const checker = 'pwdCheckModule' in own ? 'objectClass: pwdPolicyChecker\n' : '';
  return `dn: ${dnOf(name)}\nobjectClass: device\nobjectClass: pwdPolicy\n${checker}pwdAttribute: userPassword\n${lines.join('\n')}\n\n`;
};

const POLICIES = [
  policyLdif('long', { pwdMinLength: '30', pwdCheckQuality: '2' }),
  policyLdif('lenient', { pwdMinLength: '30', pwdCheckQuality: '1' }),
  policyLdif('unchecked', { pwdMinLength: '30', pwdMaxLength: '31', pwdCheckQuality: '0' }),
  policyLdif('short', { pwdMaxLength: '26', pwdCheckQuality: '2' }),
  // slapd can't load it, so it refuses every password: the one way to meet a module without having one.
  policyLdif('module', { pwdCheckModule: 'not-there.so', pwdCheckQuality: '2' }),
  policyLdif('young', { pwdMinAge: '86400', pwdCheckQuality: '2' }),
  policyLdif('safe', { pwdSafeModify: 'TRUE', pwdCheckQuality: '2' }),
].join('');

let slapd: Slapd;
let fixture: RulesFixture;

beforeAll(async () => {
  slapd = await startSlapd({ ldif: POLICIES, policy: { pwdMaxAge: '31536000' } });
  const house = await openHouse({ ca: slapd.ca, directory: { type: 'openldap', ...slapd.config() } });
  fixture = {
    house,
    async add(username) {
      slapd.ldif(personLdif({ uid: username, password: FIRST, givenName: 'Amina' }));
    },
    signsIn: (username, password) => slapd.bindAs(slapd.personDn(username), password),
  };
}, 60_000);
afterAll(async () => {
  await fixture?.house.close();
  await slapd?.stop();
});

const set = (policy: string) => (username: string) =>
  slapd.ldif(
    `dn: ${slapd.personDn(username)}\nchangetype: modify\nreplace: pwdPolicySubentry\npwdPolicySubentry: ${dnOf(policy)}\n`,
  );

describe('rules of OpenLDAP', { timeout: 60_000 }, () => {
  rulesTable(
    [
      {
        rule: 'least length, by a policy of the person',
        hold: set('long'),
        breaks: SECOND,
        keeps: LONG,
        listed: ['rule.min-length', 30],
        told: ['refused.min-length', 30],
        answers: { rule: 'too-short', hint: /pwdMinLength/ },
      },
      {
        rule: 'least length, with pwdCheckQuality 1 as with 2',
        hold: set('lenient'),
        breaks: SECOND,
        keeps: LONG,
        listed: ['rule.min-length', 30],
        told: ['refused.min-length', 30],
        answers: { rule: 'too-short', hint: /pwdMinLength/ },
      },
      {
        rule: 'greatest length',
        hold: set('short'),
        breaks: LONG,
        keeps: SECOND,
        listed: ['rule.max-bytes', 26],
        told: ['refused.max-length', 26],
        answers: { rule: 'too-long', hint: /pwdMaxLength/ },
      },
      {
        rule: 'greatest length: bytes count, not characters',
        hold: set('short'),
        breaks: 'Süße Köche öffnen 8 Öfen',
        keeps: SECOND,
        listed: ['rule.max-bytes', 26],
        told: ['refused.max-bytes', 26],
        answers: { rule: 'too-long', hint: /pwdMaxLength/ },
      },
    ],
    () => fixture,
  );

  agingTable(
    () => fixture,
    async (username, policy) => set(policy)(username),
  );

  it('takes a password of before for one, and the present one for unchanged', async () => {
    const person = await somebodyIn(fixture);
    const { directory } = fixture.house.sparekey;
    const write = (password: string) => directory.writePassword(person.account, new Secret(password));
    expect(await write(SECOND)).toEqual({ is: 'applied' });
    expect(await write(FIRST)).toMatchObject({
      is: 'refused',
      rules: ['history'],
      hint: expect.stringMatching(/pwdInHistory/),
    });
    expect(await write(SECOND)).toMatchObject({ is: 'refused', rules: ['unchanged'] });
    const client = await fixture.house.setPassword(await fixture.house.bothGates(person), FIRST);
    expect(client.text()).toContain(t('refused.history'));
    await fixture.house.setPassword(client, SECOND);
    expect(client.text()).toContain(t('refused.unchanged'));
  });

  it('says that a module may ask for more, and tells at the end that it did not say why', async () => {
    const person = await somebodyIn(fixture);
    set('module')(person.username);
    const client = await fixture.house.bothGates(person);
    expect(client.text()).toContain(t('rule.further'));
    await fixture.house.setPassword(client, SECOND);
    expect(client.text()).toContain(t('refused.quality'));
    const outcome = await fixture.house.sparekey.directory.writePassword(person.account, new Secret(SECOND));
    expect(outcome).toMatchObject({ is: 'refused', rules: ['quality'], hint: expect.stringMatching(/pwdCheckModule/) });
    expect(await fixture.signsIn(person.username, FIRST)).toBe(true);
  });

  it('shows no length that pwdCheckQuality 0 leaves unchecked, and slapd enforces none', async () => {
    const person = await somebodyIn(fixture);
    set('unchecked')(person.username);
    const client = await fixture.house.bothGates(person);
    expect(client.text()).not.toContain(t('rule.min-length', { n: 30 }));
    await fixture.house.setPassword(client, SECOND);
    expect(client.title).toBe('You’re back in, Amina.');
    expect(await fixture.signsIn(person.username, SECOND)).toBe(true);
  });

  it('minimum age stops a recovery at the first gate, with the time from which it works', async () => {
    const person = await somebodyIn(fixture);
    set('young')(person.username);
    const before = Date.now();
    const preflight = await fixture.house.sparekey.directory.preflight(person.account);
    const until = preflight.is === 'blocked' ? (preflight.until ?? 0) : 0;
    expect(preflight).toMatchObject({
      is: 'blocked',
      why: 'minimum-age',
      cause: expect.stringMatching(/pwdMinAge in cn=young/),
    });
    expect(until - before).toBeGreaterThan(86_300_000);
    expect(until - before).toBeLessThanOrEqual(86_400_000);
    const client = await fixture.house.firstGate(person);
    expect(client.title).toBe(t('outcome.blocked-minimum-age.title'));
  });

  it('must change: the right password leads to the page where a new one is chosen', async () => {
    const person = await somebodyIn(fixture);
    slapd.ldif(`dn: ${person.account.locator}\nchangetype: modify\nadd: pwdReset\npwdReset: TRUE\n`);
    const { directory } = fixture.house.sparekey;
    expect(await directory.verifyPassword(person.account, new Secret(FIRST))).toEqual({
      is: 'correct-but',
      why: 'must-change',
    });
    const client = fixture.house.client();
    await client.get('/sign-in');
    await client.submit('/sign-in', { username: person.username, password: FIRST });
    expect(client.path).toContain('/change?because=must-change');
  });

  it('tells the operator every rule of the default policy in words', async () => {
    const policy = await fixture.house.sparekey.directory.readPolicy();
    expect(policy).toMatchObject({ source: 'ppolicy', name: dnOf('default') });
    expect(policyWords(policy)).toEqual([
      'at least 8 bytes',
      'none of the last 3',
      'expires after 365 days',
      'locked after 3 wrong passwords for 10 minutes',
    ]);
  });
});
