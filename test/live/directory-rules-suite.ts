/**
 * A directory's own rules as a table: each rule, a password that breaks it, one that keeps it, what the directory itself
 * answers, and the sentences that the person reads in the portal before and after.
 */
import { expect, it } from 'vitest';
import type { RefusedRule } from '../../src/directory/directory.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { createTranslator, type TextKey } from '../../src/text/index.ts';
import { FIRST, type House, type Person, SECOND, THIRD } from './journey-house.ts';

const t = createTranslator('en');

/** A text with the number in it. */
type Sentence = [key: TextKey, n?: number];
export const sentence = ([key, n = 0]: Sentence): string => t(key, { n });

export interface RuleCase {
  rule: string;
  /** Makes the rule hold for this person. */
  hold(username: string): void | Promise<void>;
  breaks: string;
  keeps: string;
  /** In the list above the password field, marked as the directory's. */
  listed: Sentence;
  /** After the password that breaks it. */
  told: Sentence;
  /** What the directory says when it is asked without our rules before it. `accepts`: this server does not know the rule. */
  answers: { rule: RefusedRule; hint: RegExp } | 'accepts';
}

export interface RulesFixture {
  house: House;
  /** Adds somebody with the password FIRST. */
  add(username: string): Promise<void>;
  signsIn(username: string, password: string): Promise<boolean>;
}

let made = 0;

export async function somebodyIn({ house, add }: RulesFixture): Promise<Person> {
  made += 1;
  const username = `ruled${made}x${process.pid}`;
  await add(username);
  return house.enrolled(username);
}

export function rulesTable(cases: RuleCase[], fixture: () => RulesFixture): void {
  it.each(cases.map((one) => [one.rule, one] as const))('%s', async (_, one) => {
    const { hold, breaks, keeps, listed, told, answers } = one;
    const { house, signsIn } = fixture();
    const person = await somebodyIn(fixture());
    await hold(person.username);
    if (answers !== 'accepts') {
      const outcome = await house.sparekey.directory.writePassword(person.account, new Secret(breaks));
      const hint = expect.stringMatching(answers.hint);
      expect(outcome).toMatchObject({ is: 'refused', rules: [answers.rule], hint });
    }

    const client = await house.bothGates(person);
    expect(client.text()).toContain(`${sentence(listed)} ${t('rules.from-directory')}`);
    await house.setPassword(client, breaks);
    expect(client.title).toBe('Choose a new password');
    expect(client.text()).toContain(sentence(told));
    expect(await signsIn(person.username, FIRST), 'the old password stays').toBe(true);
    await house.setPassword(client, keeps);
    expect(client.title).toBe('You’re back in, Amina.');
    expect(await signsIn(person.username, keeps)).toBe(true);
  });
}

/** What only a change with the old password meets. */
export function agingTable(
  fixture: () => RulesFixture,
  hold: (username: string, rule: 'young') => Promise<void>,
): void {
  const change = async (person: Person, current: string, password: string) => {
    const client = fixture().house.client();
    await client.get('/change');
    return client.submit('/change', { username: person.username, current, password, again: password });
  };

  it('history: a password of before is refused in words, and nothing changes', async () => {
    const { house, signsIn } = fixture();
    const person = await somebodyIn(fixture());
    const { directory } = house.sparekey;
    const write = (password: string, old: string) =>
      directory.writePassword(person.account, new Secret(password), { old: new Secret(old) });
    expect(await write(SECOND, FIRST)).toEqual({ is: 'applied' });
    const again = await write(FIRST, SECOND);
    expect(again).toMatchObject({ is: 'refused', rules: ['history'], hint: expect.stringMatching(/history/i) });
    const client = await change(person, SECOND, FIRST);
    expect(client.text()).toContain(t('refused.history'));
    expect(await signsIn(person.username, SECOND)).toBe(true);
  });

  it('minimum age: a change too soon is refused in words, and nothing changes', async () => {
    const person = await somebodyIn(fixture());
    await hold(person.username, 'young');
    const client = await change(person, FIRST, THIRD);
    expect(client.text()).toContain(t('refused.too-young'));
    expect(await fixture().signsIn(person.username, FIRST)).toBe(true);
  });

  it('lock-out: too many wrong passwords lock, the operator reads where, and recovery opens', async () => {
    const { house, signsIn } = fixture();
    const person = await somebodyIn(fixture());
    const { directory } = house.sparekey;
    const { lockoutThreshold = 0 } = await directory.readPolicy(person.account);
    expect(lockoutThreshold).toBe(3);
    for (let attempt = 0; attempt < lockoutThreshold; attempt += 1) await signsIn(person.username, `not ${FIRST}`);
    expect(await directory.verifyPassword(person.account, new Secret(FIRST))).toMatchObject({
      is: 'refused',
      why: 'locked',
      hint: expect.stringMatching(/lockoutTime|pwdAccountLockedTime/),
    });
    const client = await house.setPassword(await house.bothGates(person), SECOND);
    expect(client.title).toBe('You’re back in, Amina.');
    expect(await signsIn(person.username, SECOND)).toBe(true);
  });
}
