/**
 * The rules of Active Directory on a real Samba: domain policy, fine-grained policies of a person and of groups, and Windows
 * complexity, in the words that people read. What Samba and Windows do differently is named in the last table.
 */
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyGrant } from '../../src/directory/active-directory/check.ts';
import { psoContainer } from '../../src/directory/active-directory/pso.ts';
import { policyWords } from '../../src/directory/ldap/policy-words.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { holdsWindowsName, windowsCategories } from '../../src/policy/passwords/windows-complexity.ts';
import { createTranslator } from '../../src/text/index.ts';
import { DOMAIN_DN, PEOPLE_DN, type Samba, startSamba } from '../kit/servers/samba.ts';
import { agingTable, type RulesFixture, rulesTable, sentence, somebodyIn } from './directory-rules-suite.ts';
import { FIRST, openHouse, SECOND, THIRD } from './journey-house.ts';
import { openOn } from './samba-fixture.ts';

const t = createTranslator('en');
const SETTINGS = ['domain', 'passwordsettings'];
const PSO = [...SETTINGS, 'pso'];
const LONG = `${SECOND} and ${THIRD}`;

let samba: Samba;
let fixture: RulesFixture;
let serviceSid: string;

beforeAll(async () => {
  samba = await startSamba();
  const policies: [name: string, precedence: string, ...settings: string[]][] = [
    ['long', '10', '--min-pwd-length=30'],
    ['longer', '20', '--min-pwd-length=40'],
    ['middling', '30', '--min-pwd-length=20', '--history-length=7', '--complexity=off'],
    ['young', '40', '--min-pwd-length=7', '--min-pwd-age=1'],
  ];
  for (const [name, precedence, ...own] of policies) {
    const lockout = ['--account-lockout-threshold=3', '--account-lockout-duration=30'];
    const settings = ['--min-pwd-age=0', '--max-pwd-age=0', ...lockout, '--reset-account-lockout-after=30', ...own];
    samba.tool(...PSO, 'create', name, precedence, ...settings);
  }
  for (const name of ['long', 'longer', 'middling']) {
    samba.tool('group', 'add', `g-${name}`);
    samba.tool(...PSO, 'apply', name, `g-${name}`);
  }
  serviceSid =
    /objectSid: (S-[\d-]+)/.exec(samba.tool('user', 'show', 'svc-sspr', '--attributes=objectSid'))?.[1] ?? '';
  const house = await openHouse({ ca: samba.ca, directory: { type: 'active-directory', ...samba.config() } });
  fixture = {
    house,
    add: (username) =>
      samba.addPerson({ username, password: FIRST, givenName: 'Amina', displayName: 'Amina Haddad-Benali' }),
    signsIn: (username, password) => samba.bindAs(`${username}@corp.test`, password),
  };
}, 120_000);
afterAll(async () => {
  await fixture?.house.close();
  await samba?.stop();
}, 60_000);

/** msDS-ResultantPSO as the service account sees it. */
async function asService(dn: string): Promise<unknown> {
  const { bindDn, bindPassword } = samba.config();
  const client = new Client({ url: samba.ldapsUrl, timeout: 10_000, tlsOptions: { rejectUnauthorized: false } });
  try {
    await client.bind(String(bindDn), String(bindPassword));
    const { searchEntries } = await client.search(dn, { scope: 'base', attributes: ['msDS-ResultantPSO'] });
    return searchEntries[0]?.['msDS-ResultantPSO'] ?? [];
  } finally {
    await client.unbind();
  }
}

const apply = (name: string) => (username: string) => {
  samba.tool(...PSO, 'apply', name, username);
};
const join =
  (...groups: string[]) =>
  (username: string): void => {
    for (const group of groups) samba.tool('group', 'addmembers', group, username);
  };
const domain = () => undefined;

const tooShort = { rule: 'too-short', hint: /minPwdLength/ } as const;
const notComplex = { rule: 'complexity', hint: /pwdProperties/ } as const;

describe('rules of Active Directory', { timeout: 90_000 }, () => {
  it('says that there is more than it may read, where a fine-grained policy is hidden from it', async () => {
    const person = await somebodyIn(fixture);
    apply('long')(person.username);
    const policy = await fixture.house.sparekey.directory.readPolicy(person.account);
    expect(policy).toMatchObject({ source: 'fine-grained', minLength: undefined, furtherChecks: true });
    expect(policy.name).toMatch(/^CN=long,/);
    const client = await fixture.house.bothGates(person);
    expect(client.text()).toContain(sentence(['rule.further']));
    await fixture.house.setPassword(client, SECOND);
    expect(client.text(), 'the domain controller itself knows').toContain(sentence(['refused.too-short']));
    await fixture.house.setPassword(client, LONG);
    expect(client.title).toBe('You’re back in, Amina.');
  });

  describe('with the right to read fine-grained policies', () => {
    beforeAll(async () => {
      // The very command that `check` prints for a service account with this SID.
      const fix = policyGrant({ bindDn: '' }, { domainDn: DOMAIN_DN, samba: true, ourSids: [serviceSid] });
      const [, dn = '', sddl = ''] = /--objectdn="([^"]+)" --sddl="([^"]+)"$/.exec(fix) ?? [];
      expect(dn).toBe(psoContainer(DOMAIN_DN));
      samba.tool('dsacl', 'set', `--objectdn=${dn}`, `--sddl=${sddl}`);
      const checked = await fixture.house.sparekey.directory.check();
      const seen = checked.find(({ what }) => what === 'read fine-grained password policies');
      expect(seen).toMatchObject({ is: 'ok', cause: expect.stringMatching(/CN=long,.*CN=young,/) });
    });

    rulesTable(
      [
        {
          rule: 'least length, by a fine-grained policy of the person',
          hold: apply('long'),
          breaks: SECOND,
          keeps: LONG,
          listed: ['rule.min-length', 30],
          told: ['refused.min-length', 30],
          answers: tooShort,
        },
        {
          rule: 'least length, by the policy of one of two groups: the lower precedence wins',
          hold: join('g-longer', 'g-long'),
          breaks: SECOND,
          keeps: 'Thirty and a few more letters 7',
          listed: ['rule.min-length', 30],
          told: ['refused.min-length', 30],
          answers: tooShort,
        },
        {
          rule: 'least length: a policy of the person wins over one of a group, whatever the precedence',
          hold: (username) => {
            join('g-long')(username);
            apply('middling')(username);
          },
          breaks: 'nineteen heron Sky7',
          keeps: SECOND,
          listed: ['rule.min-length', 20],
          told: ['refused.min-length', 20],
          answers: tooShort,
        },
        {
          rule: 'complexity of the domain: two kinds of characters are too few',
          hold: domain,
          breaks: 'quietlywalkingherons7',
          keeps: SECOND,
          listed: ['rule.complexity'],
          told: ['refused.complexity'],
          answers: notComplex,
        },
        {
          rule: 'complexity of the domain: where a blank decides, the domain controller is asked',
          hold: domain,
          breaks: 'quietly walking herons 7',
          keeps: SECOND,
          listed: ['rule.complexity'],
          told: ['refused.complexity'],
          answers: notComplex,
        },
        {
          rule: 'complexity: no part of the display name',
          hold: domain,
          breaks: 'Beyond haddad 7 rivers',
          keeps: SECOND,
          listed: ['rule.name-parts'],
          told: ['refused.name-parts'],
          answers: 'accepts',
        },
      ],
      () => fixture,
    );

    agingTable(
      () => fixture,
      async (username, policy) => apply(policy)(username),
    );

    it('asks for no complexity where the policy of the group has switched it off', async () => {
      const person = await somebodyIn(fixture);
      join('g-middling')(person.username);
      const client = await fixture.house.bothGates(person);
      expect(client.text()).not.toContain(t('rule.complexity'));
      await fixture.house.setPassword(client, 'quietlywalkingherons');
      expect(client.title).toBe('You’re back in, Amina.');
    });

    it('works out the policy where msDS-ResultantPSO is hidden from it', async () => {
      const names = ['own', 'two-groups', 'nested', 'none'].map((name) => `${name}-${process.pid}`);
      const [own = '', both = '', nested = ''] = names;
      for (const name of names) await fixture.add(name);
      apply('middling')(own);
      join('g-long', 'g-middling')(own);
      join('g-longer', 'g-middling')(both);
      samba.tool('group', 'add', 'g-inner');
      samba.tool('group', 'addmembers', 'g-inner', nested);
      samba.tool('group', 'addmembers', 'g-long', 'g-inner');
      const policies = async () => {
        const directory = await openOn(samba);
        const found = await Promise.all(names.map((name) => directory.find(name)));
        const read = found.map((one) => (one.is === 'found' ? directory.readPolicy(one.account) : undefined));
        const told = (await Promise.all(read)).map((policy) => policy?.name?.split(',')[0]);
        await directory.close();
        return told;
      };
      const expected = ['CN=middling', 'CN=longer', 'CN=long', 'DC=corp'];
      expect(await policies(), 'as the domain controller says').toEqual(expected);
      const attribute = 'b77ea093-88d0-4780-9a98-911f8e8b1dca';
      const user = 'bf967aba-0de6-11d0-a285-00aa003049e2';
      samba.tool('dsacl', 'set', `--objectdn=${PEOPLE_DN}`, `--sddl=(OD;CIIO;RP;${attribute};${user};${serviceSid})`);
      expect(await asService(samba.personDn(own)), 'really hidden').toEqual([]);
      expect(await policies(), 'worked out').toEqual(expected);
    });
  });

  describe('Windows complexity', () => {
    const alike = [
      // one category
      ['heronheron', 'HERONHERON', '12345678', '!!!!!!!!', 'كلمةالسر', '正確的馬電池釘書針'],
      // two
      ['heronheron7', 'HERONHERON7', 'Heronheron', 'heronheron!', 'HERON-HERON', '1234567!', 'heronكلمة'],
      ['HERON字字字字', '12345字字字字', '!!!!!字字字字', 'éèêëéèê7', 'ΩΩΩΩΩΩΩ7', 'жжжжжжжж7', 'Ñandúñandú'],
      // three
      ['Heronheron7', 'HERONheron!', 'heronheron7!', 'HERONHERON7!', 'Heronكلمةx', 'heron7字字字', 'HERON7字字字'],
      ['heron!字字字', '12345!字字字', 'Éèêëéèê7', 'Ωωωωωωω7', 'Жжжжжжжж7', 'Ñandú-ñandú', 'ÑANDÚ-ñandú', 'Οδυσσεύς7'],
      ['Heron heron7', '  Heron 7  ', 'Heron\theron7', 'Heron€heron7', 'Heron😀heron7', 'heron😀HERON7'],
      // four and five
      [
        'Heron-heron7',
        'Heron-heron7字',
        'Heron.heron,7',
        'He("[{<>}])7',
        "He'ron`7",
        'He\\ron/7',
        'He~r^o|n7',
        '@#$%^&*aB',
      ],
      // unsure, and Samba says no: a blank or a control character is in none of its categories
      ['heron heron7', 'HERON HERON7', 'Heron heron', 'heron\theron7'],
    ].flat();
    /**
     * To Samba every character beyond ASCII that is neither capital nor small is a letter; Microsoft's list has only
     * alphabetic ones, so Sparekey waits for the server's word.
     */
    const sambaIsLaxer = [
      'heron€heron7',
      'heron😀heron7',
      'heron—heron7',
      'heron٣HERON',
      'heron𠮷heron7',
      'heron\u00a0heron7',
    ];
    /** Letters that Samba's tables call neither capital nor small, Unicode small: Samba sees a third category in them. */
    const smallToUs = ['straße777', 'ﬁﬁheron7'];

    it(`agrees with Samba on ${alike.length + sambaIsLaxer.length + smallToUs.length} passwords, but for known differences`, async () => {
      const username = `complex-${process.pid}`;
      await fixture.add(username);
      const { directory } = fixture.house.sparekey;
      const account = await fixture.house.account(username);
      const judged: Record<string, string> = {};
      for (const password of [...alike, ...sambaIsLaxer, ...smallToUs]) {
        const outcome = await directory.writePassword(account, new Secret(password));
        if (outcome.is === 'refused') expect(outcome.rules, password).toEqual(['complexity']);
        else expect(outcome.is, password).toBe('applied');
        judged[password] = `${windowsCategories(password) === 'met'} ${outcome.is === 'applied'}`;
      }
      const disagreed = Object.keys(judged).filter(
        (password) => judged[password]?.split(' ')[0] !== judged[password]?.split(' ')[1],
      );
      expect(disagreed).toEqual([...sambaIsLaxer, ...smallToUs]);
      expect(sambaIsLaxer.map(windowsCategories)).toEqual(sambaIsLaxer.map(() => 'unsure'));
      expect(smallToUs.map(windowsCategories)).toEqual(smallToUs.map(() => 'unmet'));
    });

    it('knows a name inside, which Samba does not look for', async () => {
      const username = `named-${process.pid}`;
      await fixture.add(username);
      const { directory } = fixture.house.sparekey;
      const account = await fixture.house.account(username);
      const { names } = await directory.readPolicy(account);
      expect(names).toEqual({ accountName: username, displayName: 'Amina Haddad-Benali' });
      for (const password of ['Under-haddad-7', `x${username.toUpperCase()}-y7`]) {
        expect(names && holdsWindowsName(password, names)).toBe(true);
        expect(await directory.writePassword(account, new Secret(password))).toEqual({ is: 'applied' });
      }
    });
  });

  it('tells the operator every rule of the domain in words', async () => {
    const directory = await openOn(samba);
    expect(policyWords(await directory.readPolicy())).toEqual([
      'at least 7 characters',
      'none of the last 3',
      'expires after 365 days',
      'Windows complexity (3 of 5 kinds of characters, no name inside)',
      'locked after 3 wrong passwords for 30 minutes',
    ]);
    await directory.close();
  });
});
