/**
 * What every directory must do, run alike on the built-in one, OpenLDAP and Active Directory.
 *
 * To plug one in: `directoryContract('my directory', traits, setUp)` in a test file. `setUp` is called once and returns a
 * `DirectorySubject`: the directory, and hooks that put people into a state with the server's own means (never with the code
 * under test). `traits` say before the start which tests make sense:
 *   - `blocks`: which pre-flight blocks the server can represent; `putInto(username, block)` is called for each.
 *   - `history`: whether the directory itself remembers earlier passwords.
 *   - `network`: true when there is a server that can be stopped, hung and cut off; then `subject.network` must be there.
 * Every test makes people of its own with `addPerson`, so tests depend on nothing but the set-up.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory, PreflightBlock, WriteOutcome } from '../../src/directory/directory.ts';
import type { Account } from '../../src/kernel/account.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { until } from '../kit/servers/process.ts';
import { networkContract } from './directory-network.ts';

export interface ContractPerson {
  username: string;
  password: string;
  mail?: string;
  displayName?: string;
  givenName?: string;
  /** BCP 47 */
  language?: string;
}

export type PersonState = 'must-change' | 'expired' | PreflightBlock;

export interface DirectorySubject {
  directory: Directory;
  addPerson(person: ContractPerson): Promise<void>;
  putInto(username: string, state: PersonState): Promise<void>;
  /** Puts somebody under a policy that lets a new password be asked for. Absent: all are. */
  underMustChange?(username: string): Promise<void>;
  /** Signs in without the code under test. */
  signsIn(username: string, password: string): Promise<boolean>;
  network?: NetworkHooks;
  close(): Promise<void>;
}

export interface NetworkHooks {
  /** One more directory on the same server, through the same proxy. Timeouts in ms. */
  open(timeouts: { connectTimeout: number; operationTimeout: number }): Promise<Directory>;
  proxy: import('../kit/servers/proxy.ts').Proxy;
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface DirectoryTraits {
  blocks: PreflightBlock[];
  network: boolean;
  /** A password that the directory refuses as too short. */
  tooShort: string;
  /** The directory itself refuses a password of before, on a change. */
  history: boolean;
  /** The directory notes the time of a password in whole seconds: two writes in one second have the same marker. */
  wholeSeconds?: boolean;
}

let made = 0;
/** A new person whose password is refused by no policy in the tests. */
export const somebody = (own: Partial<ContractPerson> = {}): ContractPerson => {
  made += 1;
  const username = own.username ?? `person${made}x${process.pid}`;
  return { username, password: `First-Passw0rd-${made}`, mail: `${username}@people.test`, ...own };
};

export async function accountOf(directory: Directory, username: string): Promise<Account> {
  const found = await directory.find(username);
  if (found.is !== 'found') throw new Error(`${username} was not found: ${JSON.stringify(found)}`);
  return found.account;
}

const secret = (text: string) => new Secret(text);

export function directoryContract(name: string, traits: DirectoryTraits, setUp: () => Promise<DirectorySubject>): void {
  describe(`directory contract: ${name}`, { timeout: 60_000 }, () => {
    let subject: DirectorySubject;
    let directory: Directory;
    beforeAll(async () => {
      subject = await setUp();
      directory = subject.directory;
    }, 120_000);
    afterAll(() => subject?.close(), 60_000);

    async function add(own: Partial<ContractPerson> = {}): Promise<ContractPerson & { account: Account }> {
      const person = somebody(own);
      await subject.addPerson(person);
      return { ...person, account: await accountOf(directory, person.username) };
    }
    const reset = (account: Account, password: string) => directory.writePassword(account, secret(password));
    const change = (account: Account, old: string, password: string) =>
      directory.writePassword(account, secret(password), { old: secret(old) });
    const verify = (account: Account, password: string) => directory.verifyPassword(account, secret(password));

    async function lock(account: Account): Promise<void> {
      for (let attempt = 0; attempt < 12; attempt += 1) {
        const outcome = await verify(account, 'not the password');
        if (outcome.is === 'refused') return expect(outcome.why).toBe('locked') as undefined;
        expect(outcome).toEqual({ is: 'wrong' });
      }
      throw new Error('The directory never locked the account.');
    }

    describe('finding people', () => {
      it('finds somebody by username whatever the case, with what is known of them', async () => {
        const person = await add({ displayName: 'Żółta Müller', givenName: 'Żółta', language: 'pl' });
        const found = await directory.find(` ${person.username.toUpperCase()} `);
        expect(found).toMatchObject({
          is: 'found',
          account: {
            directory: directory.id,
            username: person.username,
            displayName: 'Żółta Müller',
            givenName: 'Żółta',
            language: 'pl',
            mail: [person.mail],
          },
        });
      });

      it('finds somebody by mail address', async () => {
        const person = await add();
        const found = await directory.find(person.mail?.toUpperCase() ?? '');
        expect(found).toMatchObject({ is: 'found', account: { id: person.account.id } });
      });

      it('resolves what an attribute that points to somebody holds: a DN or a username', async () => {
        const person = await add();
        const found = { is: 'found', account: { id: person.account.id } };
        expect(await directory.resolve(person.account.locator)).toMatchObject(found);
        expect(await directory.resolve(person.username)).toMatchObject(found);
        for (const nobody of ['nobody-at-all', 'cn=nobody,dc=nowhere', '=', ''])
          expect(await directory.resolve(nobody)).toEqual({ is: 'none' });
      });

      it('gives the same account for its key', async () => {
        const person = await add();
        expect(await directory.load(person.account.key)).toEqual({ is: 'found', account: person.account });
      });

      it('finds nobody for an unknown name, address or key', async () => {
        expect(await directory.find('nobody-has-this-name')).toEqual({ is: 'none' });
        expect(await directory.find('nobody@people.test')).toEqual({ is: 'none' });
        expect(await directory.load('00000000-0000-4000-8000-000000000000')).toEqual({ is: 'none' });
        expect(await directory.load('*')).toEqual({ is: 'none' });
      });

      it('finds nobody for an address that two people have, and says why', async () => {
        made += 1;
        const mail = `shared-${made}@people.test`;
        const [one, two] = [await add({ mail }), await add({ mail })];
        expect(one.account.id).not.toBe(two.account.id);
        expect(await directory.find(mail)).toEqual({ is: 'none', cause: expect.stringMatching(/more than one/i) });
      });

      it('lets a username win over the same text as a mail address of somebody else', async () => {
        const victim = await add();
        await add({ mail: victim.username });
        expect(await directory.find(victim.username)).toMatchObject({
          is: 'found',
          account: { id: victim.account.id },
        });
      });

      it('takes no filter syntax, no wildcard and no look-alike for a name', async () => {
        const { username } = await add();
        const hostile = [
          '*',
          `${username.slice(0, -1)}*`,
          '*)(uid=*',
          `${username})(uid=*`,
          `${username})(|(objectClass=*`,
          `*)(sAMAccountName=*))(|(a=b`,
          `\\2a`,
          `${username}\\00`,
          `uid=${username}`,
          `${username}\0`,
          `${username}\0x`,
          `${username}\r\n`.padEnd(10_240, 'x'),
          'a'.repeat(10_240),
          // full-width letters, the Kelvin sign, a soft hyphen, a zero-width joiner, a lone surrogate
          [...username].map((c) => (/[a-z]/.test(c) ? String.fromCodePoint(c.charCodeAt(0) + 0xfee0) : c)).join(''),
          username.replace('e', 'é'),
          `${username}\u00ad`,
          `${username}\u200d`,
          `${username}\ud800`,
          '',
          ' ',
        ];
        for (const identifier of hostile) {
          expect(await directory.find(identifier), JSON.stringify(identifier.slice(0, 60))).toMatchObject({
            is: 'none',
          });
        }
        expect(await directory.find('\u212aelvin')).toMatchObject({ is: 'none' });
      });
    });

    describe('signing in', () => {
      it('tells the right password from a wrong one', async () => {
        const { account, password } = await add();
        expect(await verify(account, password)).toEqual({ is: 'correct' });
        expect(await verify(account, `${password} `)).toEqual({ is: 'wrong' });
      });

      it('takes an empty password for wrong, however often', async () => {
        const { account, password } = await add();
        for (const empty of ['', '\0', '\0\0', '', '', ''])
          expect(await verify(account, empty)).toEqual({ is: 'wrong' });
        expect(await verify(account, password), 'nothing was counted').toEqual({ is: 'correct' });
      });

      it('says that an account is locked after too many wrong passwords', async () => {
        const { account, password } = await add();
        await lock(account);
        expect(await verify(account, password)).toMatchObject({ is: 'refused', why: 'locked' });
        expect(await directory.preflight(account)).toEqual({
          is: 'ready',
          locked: true,
          mustChange: false,
          expired: false,
        });
      });
    });

    describe('reset', () => {
      it('puts the new password in force and ends the old one', async () => {
        const { account, username, password } = await add();
        expect(await reset(account, 'Second-Passw0rd')).toEqual({ is: 'applied' });
        expect(await subject.signsIn(username, 'Second-Passw0rd')).toBe(true);
        expect(await subject.signsIn(username, password)).toBe(false);
        expect(await verify(account, 'Second-Passw0rd')).toEqual({ is: 'correct' });
      });

      it.each([
        ['signs', 'Aa1@#$*!%&/()=?'],
        ['quotes', `It's "quoted" \`here\` 1A`],
        ['backslashes', 'C:\\Temp\\new 1\\0A'],
        ['spaces around', '  Two  spaces 1  '],
        ['emoji', 'Schlüssel 🔑🗝️ 1'],
        ['Arabic', 'كلمة السر الجديدة Aa1'],
        ['composed accents', 'Ångström-Café-1'.normalize('NFC')],
        ['Chinese', '正确的马电池钉书针 A1'],
        ['line break and tab', 'line\nbreak\tA1'],
        ['LDAP and shell syntax', 'x)(uid=*))$(id)`id`;A1'],
        ['128 characters', `Aa1-${'x'.repeat(124)}`],
      ])('takes a password with %s exactly as it is', async (_, password) => {
        const { account, username } = await add();
        expect(await reset(account, password)).toEqual({ is: 'applied' });
        expect(await subject.signsIn(username, password)).toBe(true);
        expect(await subject.signsIn(username, password.slice(0, -1))).toBe(false);
        expect(await verify(account, password)).toEqual({ is: 'correct' });
      });

      it('never takes a password that looks like a stored hash for one', async () => {
        const { account, username, password } = await add();
        const outcome = await reset(account, '{CLEARTEXT}Smuggled-Passw0rd');
        expect(await subject.signsIn(username, 'Smuggled-Passw0rd')).toBe(false);
        const inForce = outcome.is === 'applied' ? '{CLEARTEXT}Smuggled-Passw0rd' : password;
        expect(['applied', 'refused']).toContain(outcome.is);
        expect(await subject.signsIn(username, inForce)).toBe(true);
      });

      it('refuses an empty password without asking the server', async () => {
        const { account, username, password } = await add();
        expect(await reset(account, '')).toMatchObject({ is: 'refused' });
        expect(await reset(account, '\0')).toMatchObject({ is: 'refused' });
        expect(await subject.signsIn(username, password)).toBe(true);
      });

      it('names the rule that a short password breaks, and leaves the old one', async () => {
        const { account, username, password } = await add();
        const outcome = await reset(account, traits.tooShort);
        expect(outcome).toMatchObject({ is: 'refused', rules: ['too-short'] });
        // A server that somebody else looks after: the operator is told where to look.
        if (traits.network) expect(outcome).toMatchObject({ hint: expect.stringMatching(/./) });
        expect(await subject.signsIn(username, password)).toBe(true);
      });

      it('refuses a reused password where it says that it can', async () => {
        const { account, password } = await add();
        await reset(account, 'Second-Passw0rd');
        const again = await reset(account, password);
        if (directory.can.resetHistory) expect(again).toMatchObject({ is: 'refused', rules: ['history'] });
        else expect(again).toEqual({ is: 'applied' });
      });

      it('unlocks', async () => {
        const { account } = await add();
        await lock(account);
        expect(await reset(account, 'Second-Passw0rd')).toEqual({ is: 'applied' });
        expect(await verify(account, 'Second-Passw0rd')).toEqual({ is: 'correct' });
      });

      it('leaves no must-change flag behind', async () => {
        const { account, username } = await add();
        await subject.putInto(username, 'must-change');
        expect(await reset(account, 'Second-Passw0rd')).toEqual({ is: 'applied' });
        expect(await verify(account, 'Second-Passw0rd')).toEqual({ is: 'correct' });
      });

      it('never keeps a password in what it answers', async () => {
        const { account } = await add();
        const hidden = 'Hidden-Passw0rd-7391';
        const answers: unknown[] = [
          await reset(account, hidden),
          await change(account, 'wrong-7391', hidden),
          await change(account, hidden, hidden),
          await verify(account, `${hidden}!`),
        ];
        expect(JSON.stringify(answers)).not.toContain('7391');
      });

      it('serves three resets of one person at the same time', async () => {
        const { account, username } = await add();
        const passwords = [1, 2, 3].map((n) => `Parallel-Passw0rd-${n}`);
        const outcomes = await Promise.all(passwords.map((password) => reset(account, password)));
        for (const outcome of outcomes) expect(['applied', 'failed']).toContain(outcome.is);
        const works: boolean[] = [];
        for (const password of passwords) works.push(await subject.signsIn(username, password));
        expect(works.filter(Boolean)).toHaveLength(1);
        expect(outcomes[works.indexOf(true)]?.is).toBe('applied');
      });
    });

    describe('change', () => {
      it('needs the old password', async () => {
        const { account, username, password } = await add();
        expect(await change(account, 'wrong', 'Second-Passw0rd')).toEqual({ is: 'wrong-password' });
        expect(await change(account, '', 'Second-Passw0rd')).toEqual({ is: 'wrong-password' });
        expect(await subject.signsIn(username, password)).toBe(true);
        expect(await change(account, password, 'Second-Passw0rd')).toEqual({ is: 'applied' });
        expect(await subject.signsIn(username, 'Second-Passw0rd')).toBe(true);
        expect(await subject.signsIn(username, password)).toBe(false);
      });

      it('names the rule that a short password breaks', async () => {
        const { account, password } = await add();
        expect(await change(account, password, traits.tooShort)).toMatchObject({ is: 'refused', rules: ['too-short'] });
      });

      const refusesReuse = async () => {
        const { account, password } = await add();
        expect(await change(account, password, 'Second-Passw0rd')).toEqual({ is: 'applied' });
        const again = (await change(account, 'Second-Passw0rd', password)) as Extract<WriteOutcome, { is: 'refused' }>;
        expect(again).toMatchObject({ is: 'refused', rules: ['history'] });
        expect(again.cause).not.toBe('');
      };
      if (traits.history) it('refuses a password of before', refusesReuse);

      it('works where the directory wants a new password at the next sign-in', async () => {
        const { account, username, password } = await add();
        await subject.putInto(username, 'must-change');
        expect(await verify(account, password)).toEqual({ is: 'correct-but', why: 'must-change' });
        expect(await verify(account, 'wrong')).toEqual({ is: 'wrong' });
        expect(await directory.preflight(account)).toMatchObject({ is: 'ready', mustChange: true });
        expect(await change(account, 'wrong', 'Second-Passw0rd')).toEqual({ is: 'wrong-password' });
        expect(await change(account, password, 'Second-Passw0rd')).toEqual({ is: 'applied' });
        expect(await verify(account, 'Second-Passw0rd')).toEqual({ is: 'correct' });
      });

      it('works where the password has expired', async () => {
        const { account, username, password } = await add();
        await subject.putInto(username, 'expired');
        expect(await verify(account, password)).toEqual({ is: 'correct-but', why: 'expired' });
        expect(await verify(account, 'wrong')).toEqual({ is: 'wrong' });
        expect(await directory.preflight(account)).toMatchObject({ is: 'ready', expired: true });
        expect(await change(account, 'wrong', 'Second-Passw0rd')).toEqual({ is: 'wrong-password' });
        expect(await change(account, password, 'Second-Passw0rd')).toEqual({ is: 'applied' });
        expect(await verify(account, 'Second-Passw0rd')).toEqual({ is: 'correct' });
      });
    });

    describe('unlock', () => {
      it('opens a locked account and keeps the password', async () => {
        const { account, password } = await add();
        await lock(account);
        expect(await directory.unlock(account)).toEqual({ is: 'applied' });
        expect(await verify(account, 'once wrong')).toEqual({ is: 'wrong' });
        expect(await verify(account, password)).toEqual({ is: 'correct' });
      });

      it('does no harm to an account that is not locked', async () => {
        const { account, password } = await add();
        expect(await directory.unlock(account)).toEqual({ is: 'applied' });
        expect(await verify(account, password)).toEqual({ is: 'correct' });
      });
    });

    describe('must change', () => {
      it('asks for a new password at the next sign-in, until there is one', async () => {
        const { account, username, password } = await add();
        if (!directory.can.mustChange) return;
        await subject.underMustChange?.(username);
        expect(await directory.requireChange(account)).toEqual({ is: 'applied' });
        expect(await verify(account, password)).toEqual({ is: 'correct-but', why: 'must-change' });
        expect(await verify(account, 'wrong')).toEqual({ is: 'wrong' });
        expect(await directory.preflight(account)).toMatchObject({ is: 'ready', mustChange: true });
        expect(await reset(account, 'Second-Passw0rd')).toEqual({ is: 'applied' });
        expect(await verify(account, 'Second-Passw0rd')).toEqual({ is: 'correct' });
      });
    });

    describe('pre-flight', () => {
      it('is ready for an ordinary account, and changes nothing', async () => {
        const { account, password } = await add();
        const before = await directory.passwordMarker(account);
        expect(await directory.preflight(account)).toEqual({
          is: 'ready',
          locked: false,
          mustChange: false,
          expired: false,
        });
        expect(await directory.passwordMarker(account)).toBe(before);
        expect(await verify(account, password)).toEqual({ is: 'correct' });
      });

      it.each(traits.blocks)('says %s beforehand, and a reset nevertheless changes nothing', async (why) => {
        const { account, username } = await add();
        await subject.putInto(username, why);
        const before = await directory.passwordMarker(account);
        const answer = await directory.preflight(account);
        expect(answer).toMatchObject({ is: 'blocked', why, cause: expect.stringMatching(/./) });
        if (why === 'minimum-age') expect(answer).toMatchObject({ until: expect.any(Number) });
        const outcome = await reset(account, 'Second-Passw0rd');
        expect(['refused', 'failed']).toContain(outcome.is);
        expect(outcome).toMatchObject({ cause: expect.stringMatching(/./) });
        expect(await directory.passwordMarker(account)).toBe(before);
      });
    });

    describe('marker and policy', () => {
      it('has another marker after each write of a password', async () => {
        const { account, password } = await add();
        const nextSecond = async () => {
          // The clock that servers stamp with may lie some milliseconds behind ours.
          const next = (Math.floor(Date.now() / 1000) + 1) * 1000 + 100;
          if (traits.wholeSeconds) await until(() => Date.now() >= next, 'the next second');
        };
        const markers = [await directory.passwordMarker(account)];
        await nextSecond();
        await reset(account, 'Second-Passw0rd');
        markers.push(await directory.passwordMarker(account));
        await nextSecond();
        await change(account, 'Second-Passw0rd', 'Third-Passw0rd');
        markers.push(await directory.passwordMarker(account));
        expect(markers).not.toContain(undefined);
        expect(new Set(markers).size).toBe(3);
        await verify(account, 'Third-Passw0rd');
        await verify(account, password);
        expect(await directory.passwordMarker(account), 'a sign-in is no write').toBe(markers[2]);
      });

      it('reads the rules of the directory', async () => {
        const { account } = await add();
        const policy = await directory.readPolicy(account);
        expect(policy.minLength).toBeGreaterThan([...traits.tooShort].length);
        if (traits.history) expect(policy.history).toBeGreaterThan(0);
        expect(policy.lockoutThreshold).toBeGreaterThan(0);
        expect((await directory.readPolicy()).minLength).toBe(policy.minLength);
      });
    });

    it('reports only findings that are in order when it checks a good set-up', async () => {
      const findings = await directory.check();
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.filter((finding) => finding.is === 'failed')).toEqual([]);
    });

    if (traits.network) networkContract(() => subject, add);
  });
}
