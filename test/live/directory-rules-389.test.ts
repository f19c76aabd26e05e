/**
 * 389-DS for real: the directory contract, and its rules, read from cn=config or from a policy of one person, shown in words
 * and judged by us exactly as the server judges. It says "quality" for each, so the exact sentence must come from us.
 */
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import { policyWords } from '../../src/directory/ldap/policy-words.ts';
import { type OpenldapConfig, openldap } from '../../src/directory/openldap.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { type DirectoryRuleId, judgeDirectoryRules } from '../../src/policy/passwords/directory-rules.ts';
import { mergeRules } from '../../src/policy/passwords/merge.ts';
import type { TextKey } from '../../src/text/index.ts';
import { accountOf, type ContractPerson, directoryContract, type PersonState } from '../contract/directory.ts';
import { type Ds389, SUFFIX, startDs389 } from '../kit/servers/ds389.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { type RuleCase, type RulesFixture, rulesTable } from './directory-rules-suite.ts';
import { FIRST as JOURNEY_FIRST, openHouse } from './journey-house.ts';

const FIRST = 'Quiet-herons-71';
const OWN = { minLength: 1, maxLength: 128, history: 0, contextWords: [] };

let server: Ds389;
let directory: Directory;
let ca: TestCa;
let fixture: RulesFixture;
let made = 0;

beforeAll(async () => {
  server = await startDs389({
    passwordCheckSyntax: 'on',
    passwordMinLength: '10',
    passwordMinDigits: '2',
    passwordMinUppers: '1',
    passwordMinLowers: '2',
    passwordMinAlphas: '4',
    passwordMinSpecials: '1',
    passwordMinCategories: '4',
    passwordMaxRepeats: '2',
    passwordHistory: 'on',
    passwordInHistory: '3',
    passwordLockout: 'on',
    passwordMaxFailure: '3',
    passwordLockoutDuration: '600',
    passwordTrackUpdateTime: 'on',
  });
  const given = Value.Default(openldap.configSchema, server.config());
  const config = Value.Parse(openldap.configSchema, given) as OpenldapConfig;
  directory = await openldap.open(config, { id: 'corp', clock: { now: () => Date.now() } });
  ca = await createTestCa();
  const house = await openHouse({ ca, directory: { type: 'openldap', ...server.config() } });
  fixture = { house, add, signsIn: (username, password) => server.bindAs(server.personDn(username), password) };
}, 120_000);
afterAll(async () => {
  await fixture?.house.close();
  await ca?.remove();
  await directory?.close();
  await server?.stop();
}, 60_000);

async function add(uid: string, password = JOURNEY_FIRST): Promise<void> {
  server.ldif(`dn: ${server.personDn(uid)}
objectClass: inetOrgPerson
uid: ${uid}
cn: Amina Haddad
givenName: Amina
sn: Haddad
userPassword: ${password}
`);
}

async function somebody() {
  made += 1;
  await add(`person${made}`, FIRST);
  return accountOf(directory, `person${made}`);
}

describe('rules of 389-DS', { timeout: 60_000 }, () => {
  const quality = { rule: 'quality', hint: /389-DS/ } as const;
  const counted = (
    rule: DirectoryRuleId,
    n: number,
    breaks: string,
    listed: TextKey,
    told: TextKey,
    keeps = 'Quiet-herons X 72',
  ): RuleCase => ({
    rule,
    hold: () => undefined,
    breaks,
    keeps,
    listed: [listed, n],
    told: [told, n],
    answers: quality,
  });

  rulesTable(
    [
      counted('min-digits', 2, 'Quiet-herons X by 7', 'rule.min-digits', 'refused.min-digits'),
      counted('min-uppers', 1, 'quiet-herons é by 72', 'rule.min-uppers', 'refused.min-uppers'),
      counted('min-lowers', 2, 'QUIET-HERONS é BY 72', 'rule.min-lowers', 'refused.min-lowers'),
      counted('min-letters', 4, 'Qui-7281-9430-6152', 'rule.min-letters', 'refused.min-letters'),
      counted('min-specials', 1, 'QuietheronsXé72by', 'rule.min-specials', 'refused.min-specials'),
      counted('max-repeats', 2, 'Quiet-heronsss X 72', 'rule.max-repeats', 'refused.max-repeats'),
    ],
    () => fixture,
  );

  it.each(['Quiet-heronX 72', 'Quiet heronss72', 'QUIEt-72-HERo', 'Éh-Quiet-heron72', 'Quiet_heron🦩72'])(
    'takes %s, as we do',
    async (password) => {
      const account = await somebody();
      const rules = mergeRules(OWN, await directory.readPolicy(account), true);
      const judged = judgeDirectoryRules(password, rules.complexity, rules.composition ?? {});
      expect(judged.filter(({ state }) => state === 'no')).toEqual([]);
      expect(await directory.writePassword(account, new Secret(password))).toEqual({ is: 'applied' });
      expect(await server.bindAs(account.locator, password)).toBe(true);
    },
  );

  it('counts the kinds of characters, where the other rules leave room', async () => {
    const account = await somebody();
    const policyDn = `cn=kinds,${SUFFIX}`;
    server.ldif(`dn: ${policyDn}
objectClass: top
objectClass: ldapsubentry
objectClass: passwordPolicy
cn: kinds
passwordCheckSyntax: on
passwordMinLength: 8
passwordMinCategories: 4

dn: ${account.locator}
changetype: modify
add: pwdpolicysubentry
pwdpolicysubentry: ${policyDn}
`);
    const policy = await directory.readPolicy(account);
    expect(policy).toMatchObject({ source: '389-ds', name: policyDn, minLength: 8, minCategories: 4 });
    expect(policy).not.toHaveProperty('minDigits');
    const judge = (password: string) => judgeDirectoryRules(password, false, { minCategories: 4 })[0]?.state;
    for (const [password, state] of [
      ['Quietherons72', 'no'],
      ['quiet-herons72', 'no'],
      ['Quiet-herons72', 'ok'],
      ['Quietherøns72', 'ok'],
    ] as const) {
      expect(judge(password), password).toBe(state);
      const outcome = await directory.writePassword(account, new Secret(password));
      expect(outcome.is, password).toBe(state === 'ok' ? 'applied' : 'refused');
    }
  });

  it('refuses what is too short, and a password of before, in words', async () => {
    const account = await somebody();
    const write = (password: string) => directory.writePassword(account, new Secret(password));
    expect(await write('Qu-72he')).toMatchObject({ is: 'refused', rules: ['too-short'] });
    expect(await write('Quiet-heron-72')).toEqual({ is: 'applied' });
    const again = await write(FIRST);
    expect(again).toMatchObject({
      is: 'refused',
      rules: ['history'],
      hint: expect.stringMatching(/pwdInHistory/),
    });
  });

  it('says that an account is locked', async () => {
    const account = await somebody();
    for (const wrong of ['a', 'b', 'c']) await directory.verifyPassword(account, new Secret(wrong));
    expect(await directory.verifyPassword(account, new Secret(FIRST))).toMatchObject({ is: 'refused', why: 'locked' });
  });

  it('tells the operator every rule in words', async () => {
    expect(policyWords(await directory.readPolicy())).toEqual([
      'at least 10 characters',
      'at least 2 digits',
      'at least 1 capital letter',
      'at least 2 small letters',
      'at least 4 letters',
      'at least 1 sign',
      'at least 4 of 5 kinds of characters',
      'at most 2 of one character in a row',
      'none of the last 3',
      'locked after 3 wrong passwords for 10 minutes',
      'further checks that can not be read',
    ]);
  });
});

const policyOf = (name: string) => `cn=${name},${SUFFIX}`;
const policyLdif = (name: string, rules: string): string =>
  `dn: ${policyOf(name)}\nobjectClass: ldapsubentry\nobjectClass: passwordPolicy\ncn: ${name}\n${rules}\n\n`;
const LONG_AGO = '20200101000000Z';

function stateLdif(dn: string, state: PersonState): string {
  const set = (...attributes: [string, string][]) =>
    `dn: ${dn}\nchangetype: modify\n${attributes.map(([name, value]) => `replace: ${name}\n${name}: ${value}\n-\n`).join('')}\n`;
  switch (state) {
    case 'must-change':
      return set(['pwdpolicysubentry', policyOf('must')], ['passwordExpirationTime', '19700101000000Z']);
    case 'expired':
      return set(['pwdpolicysubentry', policyOf('expires')], ['passwordExpirationTime', LONG_AGO]);
    case 'disabled':
      return set(['nsAccountLock', 'true']);
    case 'cannot-change-password':
      return set(['pwdpolicysubentry', policyOf('fixed')]);
    case 'minimum-age':
      return set(['pwdpolicysubentry', policyOf('young')], ['passwordAllowChangeTime', '20990101000000Z']);
    case 'protected':
      return `dn: ${PROTECTED}\nchangetype: modify\nadd: member\nmember: ${dn}\n`;
    case 'missing-right': {
      const rdn = dn.slice(0, dn.indexOf(','));
      return `dn: ${dn}\nchangetype: modrdn\nnewrdn: ${rdn}\ndeleteoldrdn: 0\nnewsuperior: ou=untouchable,ou=people,${SUFFIX}\n`;
    }
    default:
      throw new Error(`389-DS has no state "${state}".`);
  }
}

const PROTECTED = `cn=protected,${SUFFIX}`;

directoryContract(
  '389-DS over LDAPS',
  {
    blocks: ['disabled', 'protected', 'cannot-change-password', 'minimum-age', 'missing-right'],
    network: false,
    history: true,
    tooShort: 'x1A',
    wholeSeconds: true,
  },
  async () => {
    const lines = ['passwordLockout', 'passwordHistory', 'passwordCheckSyntax', 'passwordTrackUpdateTime']
      .map((name) => `${name}: on\n`)
      .join('');
    const rules = `${lines}passwordMaxFailure: 5\npasswordInHistory: 3\npasswordMinLength: 8\npasswordMinCategories: 1`;
    server.ldif(
      ['plain', 'must', 'expires', 'fixed', 'young']
        .map((name) => {
          const own = {
            plain: '',
            must: 'passwordMustChange: on',
            expires: 'passwordExp: on\npasswordMaxAge: 86400',
            fixed: 'passwordChange: off',
            young: 'passwordMinAge: 86400',
          }[name];
          return policyLdif(name, own ? `${rules}\n${own}` : rules);
        })
        .join(''),
    );
    server.ldif(`dn: ${PROTECTED}\nobjectClass: groupOfNames\ncn: protected\nmember: ${server.personDn('nobody')}\n`);
    const addPerson = async ({ username, password, mail, displayName, givenName, language }: ContractPerson) => {
      const utf8 = (name: string, value: string) => `${name}:: ${Buffer.from(value).toString('base64')}\n`;
      server.ldif(
        `dn: ${server.personDn(username)}\nobjectClass: inetOrgPerson\n${utf8('uid', username)}${utf8('cn', displayName ?? username)}` +
          `sn: Test\n${mail ? utf8('mail', mail) : ''}${givenName ? utf8('givenName', givenName) : ''}` +
          `${language ? `preferredLanguage: ${language}\n` : ''}pwdpolicysubentry: ${policyOf('plain')}\n${utf8('userPassword', password)}`,
      );
    };
    await addPerson({ username: 'canary', password: 'First-Canary-Passw0rd' });
    const own = {
      ...server.config(),
      defaultPolicyDn: policyOf('plain'),
      protectedGroups: [PROTECTED],
      canary: 'canary',
    };
    const given = Value.Default(openldap.configSchema, own);
    const opened = await openldap.open(Value.Parse(openldap.configSchema, given) as OpenldapConfig, {
      id: 'corp',
      clock: { now: () => Date.now() },
    });
    return {
      directory: opened,
      addPerson,
      putInto: async (username, state) => server.ldif(stateLdif(server.personDn(username), state)),
      underMustChange: async (username) =>
        server.ldif(
          `dn: ${server.personDn(username)}\nchangetype: modify\nreplace: pwdpolicysubentry\npwdpolicysubentry: ${policyOf('must')}\n`,
        ),
      signsIn: (username, password) => server.bindAs(server.personDn(username), password),
      close: opened.close,
    };
  },
);
