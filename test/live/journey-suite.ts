/**
 * The main job on a real directory, through HTTP, with the mails that really arrived. Whether a password is in force is
 * asked of the directory itself, never of the code under test.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PreflightBlock } from '../../src/directory/directory.ts';
import { createTranslator } from '../../src/text/index.ts';
import type { PersonState } from '../contract/directory.ts';
import { until } from '../kit/servers/process.ts';
import type { WebClient } from '../kit/web-client.ts';
import { faultSuite, type JourneyNetwork } from './journey-faults.ts';
import { FIRST, type House, type Person, SECOND, THIRD } from './journey-house.ts';

export interface JourneyFixture {
  house: House;
  addPerson(person: { username: string; password: string; mail: string; givenName: string }): Promise<void>;
  putInto(username: string, state: PersonState): Promise<void>;
  /** Signs in at the directory, not through our code. */
  signsIn(username: string, password: string): Promise<boolean>;
  /** Locks the account by wrong passwords typed elsewhere. */
  lock(username: string): Promise<void>;
  /** Makes a rule of the directory hold for this person that our own rules don't know: at least 30 characters. */
  demandLong?(username: string): Promise<void>;
  network?: JourneyNetwork;
  close(): Promise<void>;
}

export interface JourneyTraits {
  /** Blocks that this directory can represent, with what the audit must name. */
  blocks: [PreflightBlock, cause: RegExp][];
  /** Who refuses a password that was used before: our own history, or the directory. */
  historyOf: 'sparekey' | 'directory';
  /** The directory has rules that can't be read beforehand. */
  ownRules: boolean;
  /** There is a server that can be stopped, hung and cut off; then the fixture has a `network`. */
  faults: false | 'everywhere' | 'at the write';
}

const t = createTranslator('en');

let made = 0;

export function journeySuite(name: string, traits: JourneyTraits, setUp: () => Promise<JourneyFixture>): void {
  describe(`journeys on ${name}`, { timeout: 90_000 }, () => {
    let fixture: JourneyFixture;
    let house: House;
    beforeAll(async () => {
      fixture = await setUp();
      house = fixture.house;
    }, 120_000);
    afterAll(() => fixture?.close());

    const add = async (): Promise<string> => {
      made += 1;
      const username = `person${made}x${process.pid}`;
      await fixture.addPerson({ username, password: FIRST, mail: `${username}@corp.example`, givenName: 'Amina' });
      return username;
    };
    const enrolled = async (): Promise<Person> => house.enrolled(await add());
    const works = (username: string, password: string) => fixture.signsIn(username, password);
    const events = async (person: Person) => (await house.audit(person.account)).map(({ event }) => event);

    const change = async (client: WebClient, username: string, current: string, password: string) => {
      await client.get('/change');
      return client.submit('/change', { username, current, password, again: password });
    };

    it('leads from enrolment over a practice run and two recoveries to a change, and everybody is told', async () => {
      const username = await add();
      const address = `${username}@private.example`;
      const client = house.client();
      await client.get('/sign-in');
      await client.submit('/sign-in', { username, password: FIRST });
      expect(client.title).toBe('How safe am I?');
      expect(client.text()).toContain('You have no way back in yet');

      await client.get('/ways/add/email');
      await client.submit('/ways/add/email', { address });
      await client.submit('/ways/add/email/confirm', { code: await house.mailbox.code(address) });
      expect(client.text()).toContain('Added.');
      await client.get('/ways/add/totp');
      const seed = /otpauth:[^"]*secret=([A-Z2-7]+)/.exec(client.html)?.[1] ?? '';
      expect(seed).toHaveLength(32);
      await client.submit('/ways/add/totp/confirm', { code: house.appCode(seed), label: 'My phone' });
      expect(client.text()).toContain('All good');
      await client.get('/ways/add/recovery-code');
      const codes = client.html.match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){4}\b/g) ?? [];
      expect(codes).toHaveLength(10);
      await client.submit('/ways/add/recovery-code/confirm', { saved: 'yes' });
      await house.mailbox.arrive(address, /new way back in/, 2);

      const account = await house.account(username);
      const person: Person = { username, account, addresses: [address], seed, codes };
      const before = await house.sparekey.directory.passwordMarker(account);
      const mark = house.mailbox.mark(address);
      await client.get('/safety');
      await client.submit('/practice');
      expect(client.text()).toContain('Your password stays as it is.');
      await client.submit('/recover/method', { method: 'email' });
      await client.submit('/recover/answer', { code: await house.mailbox.code(address, mark) });
      await client.submit('/recover/method', { method: 'recovery-code' });
      await client.submit('/recover/answer', { code: codes[0] ?? '' });
      expect(client.title).toBe('Practice run finished');
      expect(await house.sparekey.directory.passwordMarker(account), 'nothing was written').toBe(before);
      expect(await works(username, FIRST)).toBe(true);

      const forgetful = await house.bothGates(person);
      await house.setPassword(forgetful, SECOND);
      expect(forgetful.title).toBe('You’re back in, Amina.');
      expect(await works(username, SECOND)).toBe(true);
      expect(await works(username, FIRST)).toBe(false);
      await client.get('/safety');
      expect(client.title, 'the session of the old password is over').toBe('Sign in');

      // The code that the practice run tried is still good: a practice run uses nothing up.
      const again = await house.firstGate(person);
      await again.submit('/recover/method', { method: 'recovery-code' });
      await again.submit('/recover/answer', { code: codes[0]?.toLowerCase().replaceAll('-', ' ') ?? '' });
      await house.setPassword(again, THIRD);
      expect(again.title).toBe('You’re back in, Amina.');
      const replacement = again.html.match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){4}\b/)?.[0];
      expect(replacement).toBeDefined();
      expect(codes).not.toContain(replacement);
      expect(await works(username, THIRD)).toBe(true);
      expect(await works(username, SECOND)).toBe(false);
      await house.mailbox.arrive(address, /your password was reset/, 2);

      const thief = await house.firstGate(person);
      await thief.submit('/recover/method', { method: 'recovery-code' });
      await thief.submit('/recover/answer', { code: codes[0] ?? '' });
      expect(thief.text(), 'a used code is gone').toContain('That code doesn’t match');
      await thief.submit('/recover/answer', { code: replacement ?? '' });
      expect(thief.title, 'its replacement works').toBe('Choose a new password');

      const last = 'Copper owls count 9 moons';
      const knowing = await change(house.client(), username, THIRD, last);
      expect(knowing.title).toBe('Your password is changed');
      expect(await works(username, last)).toBe(true);
      expect(await works(username, THIRD)).toBe(false);
      await house.mailbox.arrive(address, /your password was changed/);
      await house.setPassword(thief, 'Another Way 4 the thief');
      expect(thief.title, 'the change ended every other journey').not.toContain('back in');
      expect(await works(username, last)).toBe(true);

      const seen = await events(person);
      expect(seen.filter((event) => event.endsWith('.password-set'))).toEqual([
        'recovery.password-set',
        'recovery.password-set',
        'change.password-set',
      ]);
      expect((await house.sparekey.audit.verify(house.sparekey.storage.db)).faults).toEqual([]);
    });

    it('sends the notice to every confirmed address, and only masked addresses to the page', async () => {
      const person = await enrolled();
      const client = await house.setPassword(await house.bothGates(person), SECOND);
      const [first = '', second = ''] = person.addresses;
      expect(client.text()).toContain('p•••@private.example');
      expect(client.text()).toContain('p•••@second.example');
      expect(client.html).not.toContain(first);
      for (const address of [first, second]) await house.mailbox.arrive(address, /your password was reset/);
      expect(house.mailbox.subjects(`${person.username}@corp.example`), 'never to unconfirmed ones').toEqual([]);
    });

    it('is reached by the mail address of the directory too', async () => {
      const person = await enrolled();
      const client = house.client();
      await client.get('/');
      await client.submit('/recover', { identifier: `${person.username.toUpperCase()}@corp.example` });
      await client.submit('/recover/method', { method: 'email' });
      await client.submit('/recover/answer', { code: await house.mailbox.code(person.addresses[0] ?? '') });
      expect(client.choices('method')).toEqual(['totp', 'recovery-code']);
    });

    it.each(['must-change', 'expired'] as const)('leads somebody whose password is %s to a new one', async (state) => {
      const username = await add();
      await fixture.putInto(username, state);
      const client = house.client();
      await client.get('/sign-in');
      await client.submit('/sign-in', { username, password: FIRST });
      expect(client.path).toContain(`/change?because=${state}`);
      await client.submit('/change', { username, current: FIRST, password: SECOND, again: SECOND });
      expect(client.title).toBe('Your password is changed');
      expect(await works(username, SECOND), 'and no flag is left behind').toBe(true);
      await client.get('/sign-in');
      await client.submit('/sign-in', { username, password: SECOND });
      expect(client.title).toBe('How safe am I?');
    });

    it('recovers somebody who must change: the password chosen here is theirs, no flag stays', async () => {
      const person = await enrolled();
      await fixture.putInto(person.username, 'must-change');
      await house.setPassword(await house.bothGates(person), SECOND);
      expect(await works(person.username, SECOND)).toBe(true);
      const client = house.client();
      await client.get('/sign-in');
      await client.submit('/sign-in', { username: person.username, password: SECOND });
      expect(client.title, 'straight to the second factor').toBe('How can we check that it’s you?');
    });

    it('unlocks a locked account by recovery', async () => {
      const person = await enrolled();
      await fixture.lock(person.username);
      expect(await works(person.username, FIRST), 'locked').toBe(false);
      const client = await house.setPassword(await house.bothGates(person), SECOND);
      expect(client.title).toBe('You’re back in, Amina.');
      expect(await works(person.username, SECOND)).toBe(true);
    });

    it.each(traits.blocks)(
      'tells %s only after the first gate, and the exact cause only to the audit',
      async (block, cause) => {
        const [usual, person] = [await enrolled(), await enrolled()];
        await fixture.putInto(person.username, block);
        const pages = [];
        for (const { username } of [usual, person]) {
          const client = house.client();
          await client.get('/');
          await client.submit('/recover', { identifier: username });
          const plain = () => `${client.status} ${client.text().replaceAll(username, 'NAME')}`;
          const shown = [plain()];
          await client.submit('/recover/method', { method: 'email' });
          shown.push(plain());
          await client.submit('/recover/answer', { code: '00000000' });
          pages.push([...shown, plain()]);
        }
        for (const { addresses } of [usual, person]) await house.mailbox.code(addresses[0] ?? '');
        expect(pages[1], 'nothing tells them apart before the first gate').toEqual(pages[0]);

        const client = await house.firstGate(person);
        expect(client.title).toBe(t(`outcome.blocked-${block}.title`));
        expect(client.choices('method')).toEqual([]);
        const entries = await house.audit(person.account);
        const stopped = entries.find(({ event }) => event === 'recovery.stopped');
        expect(stopped?.reason).toMatch(cause);
        expect(client.html).not.toMatch(/userAccountControl|pwd[A-Z]|nTSecurity|cn=|protectedGroups|cannot_change/i);
        expect(house.log.join('\n'), 'the log names it too').toMatch(cause);
      },
    );

    it('refuses a short and a used password, burns nothing, and takes a good one then', async () => {
      const person = await enrolled();
      await house.setPassword(await house.bothGates(person), SECOND);
      const client = await house.bothGates(person);
      const mails = house.mailbox.mark(person.addresses[0] ?? '');
      await house.setPassword(client, 'Short 7');
      expect(client.text()).toMatch(/It is too short: at least 15 characters/);
      await house.setPassword(client, SECOND);
      expect(client.title).toBe('Choose a new password');
      expect(client.text()).toMatch(/You had this one before|That is the password you already have/);
      await house.setPassword(client, THIRD);
      expect(client.title).toBe('You’re back in, Amina.');
      expect(await works(person.username, THIRD)).toBe(true);
      const codes = house.mailbox.subjects(person.addresses[0] ?? '').slice(mails);
      expect(
        codes.filter((subject) => /code/.test(subject)),
        'no code was needed again',
      ).toEqual([]);
      const refusals = (await house.audit(person.account)).filter(({ event }) => event === 'recovery.password-refused');
      expect(refusals).toHaveLength(2);
      expect(refusals[0]?.reason).toContain('min-length');
      const ours = traits.historyOf === 'sparekey';
      expect(refusals[1]?.reason).toMatch(ours ? /^history$/ : /history|existing value/i);
      expect((await events(person)).includes('recovery.password-set')).toBe(true);
    });

    const itKnows = traits.ownRules ? it : undefined;
    itKnows?.('shows a rule that only the directory knows, and takes a longer password then', async () => {
      const person = await enrolled();
      if (!fixture.demandLong) throw new Error('The fixture promises a directory with rules of its own.');
      await fixture.demandLong(person.username);
      const client = await house.setPassword(await house.bothGates(person), SECOND);
      expect(client.title).toBe('Choose a new password');
      expect(client.text()).toMatch(/sign-in system wants a longer one|It is too short: at least 30 characters/);
      const long = `${SECOND} and ${THIRD}`;
      await house.setPassword(client, long);
      expect(client.title).toBe('You’re back in, Amina.');
      expect(await works(person.username, long)).toBe(true);
    });

    it('ends a write once: the same form sent twice at the same time sets one password', async () => {
      const person = await enrolled();
      const client = await house.bothGates(person);
      const form = client.form('/recover/password');
      const twins = [SECOND, THIRD].map(async (password) => {
        const twin = house.client();
        for (const [key, value] of client.cookies) twin.cookies.set(key, value);
        return twin.post('/recover/password', { ...form.fields, password, again: password });
      });
      await Promise.all(twins);
      await until(async () => (await events(person)).includes('recovery.password-set'), 'one of them');
      expect((await events(person)).filter((event) => event === 'recovery.password-set')).toHaveLength(1);
      const inForce = [await works(person.username, SECOND), await works(person.username, THIRD)];
      expect(inForce.filter(Boolean)).toHaveLength(1);
    });

    if (traits.faults) faultSuite(() => fixture, enrolled, traits.faults === 'everywhere');
  });
}
