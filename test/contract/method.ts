/**
 * What every way to verify promises the flow. A method is given as plug-in plus how its person answers; the suite never
 * looks inside. A new method: one call in methods.test.ts.
 */
import { expect, test } from 'vitest';
import type { Authenticator } from '../../src/kernel/account.ts';
import type { Effect } from '../../src/kernel/effect.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import type { Answer, Challenge, MethodPorts, Step, VerificationMethod } from '../../src/methods/method.ts';

export interface MethodUnderTest {
  open(ports: MethodPorts): VerificationMethod;
  /** What the person types when a way is added. */
  input?: Answer;
  /** The right answer to the confirmation of an enrolment. */
  confirms(begun: Challenge, step: Step): Answer;
  /** The right answer to a challenge; `kept` is what the person has from the enrolment. */
  answers(made: Challenge, kept: Challenge, step: Step): Answer;
  /** Looks right, is not. */
  wrong: Answer;
}

const keyring = createKeyring([{ id: 'a', bytes: Buffer.alloc(32, 1) }]);
const ports: MethodPorts = { mac: keyring.mac, pepper: Buffer.alloc(32, 2), organisation: 'Northfield College' };
const NOW = Date.UTC(2026, 10, 23, 9);
const account = { id: 'amina-id', username: 'amina', displayName: 'Amina Haddad' };
const whole = {
  ...account,
  directory: 'd',
  key: 'k',
  locator: 'l',
  givenName: undefined,
  mail: ['amina@northfield.example'],
  language: undefined,
  groups: [],
};

let count = 0;
const step = (more: Partial<Step> = {}): Step => {
  count += 1;
  return {
    flow: `flow${count}`,
    challenge: `challenge${count}`,
    now: NOW,
    language: 'en',
    account,
    purpose: 'recovery',
    ...more,
  };
};

/** What storage makes of the effects. */
function apply(own: readonly Authenticator[], effects: readonly Effect[]): Authenticator[] {
  let list = [...own];
  for (const effect of effects) {
    if (effect.kind === 'add-authenticator')
      list.push({ ...effect.authenticator, version: 1, createdAt: NOW, lastUsedAt: undefined, disabledAt: undefined });
    if (effect.kind === 'remove-authenticator') list = list.filter(({ id }) => id !== effect.id);
    if (effect.kind === 'update-authenticator') {
      expect(list.find(({ id }) => id === effect.id)?.version).toBe(effect.version);
      list = list.map((one) => (one.id === effect.id ? { ...one, ...effect.change, version: one.version + 1 } : one));
    }
  }
  return list;
}

export function methodContract({ open, input = {}, confirms, answers, wrong }: MethodUnderTest): void {
  const method = open(ports);

  const begin = async (at = step({ purpose: 'enrolment' })) => {
    const begun = await method.enrolment.begin(at, whole, input);
    if ('is' in begun) throw new Error(`The input of the contract was refused: ${begun.why}.`);
    return { begun, at };
  };
  const enrol = async (own: readonly Authenticator[] = [], now = NOW - 3_600_000) => {
    const { begun, at } = await begin(step({ purpose: 'enrolment', now }));
    const bound = await method.enrolment.confirm(at, begun.pending, confirms(begun, at), [...own]);
    if (bound.is !== 'verified') throw new Error('The right confirmation did not match.');
    return { own: apply(own, bound.effects), kept: begun };
  };
  const clear = (made: Challenge, right: Answer): string[] =>
    Object.values(right)
      .filter((text) => text.length >= 6)
      .flatMap((text) => [text, text.replaceAll('-', '')])
      .concat(made.prompt.kind === 'save-codes' ? made.prompt.codes : []);

  test('says what it is, and offers nothing to a person who has nothing', () => {
    expect(method.id).toMatch(/^[a-z][a-z-]+$/);
    expect(['issued', 'saved', 'bound']).toContain(method.evidence);
    expect(method.offer([])).toBeUndefined();
    // N-14: what was only issued is not proof enough for a sign-in.
    if (method.evidence === 'issued') expect(method.signIn).toBe(false);
  });

  test('can be added, is then offered under its own name, and passes with the right answer', async () => {
    const { own, kept } = await enrol();
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ method: method.id, accountId: account.id });
    expect(method.offer(own)).toMatchObject({ method: method.id });
    const at = step();
    const made = await method.challenge(at, own);
    expect(made.prompt).toMatchObject({ kind: 'enter-code', method: method.id });
    expect((await method.judge(at, own, made.pending, answers(made, kept, at))).is).toBe('verified');
  });

  test('keeps nothing clear in what waits: neither while it is added nor while it is asked', async () => {
    const { own, kept } = await enrol();
    const at = step();
    const made = await method.challenge(at, own);
    const right = answers(made, kept, at);
    for (const text of clear(made, right)) expect(JSON.stringify(made.pending)).not.toContain(text);
    const { begun, at: adding } = await begin();
    for (const text of clear(begun, confirms(begun, adding))) expect(JSON.stringify(begun.pending)).not.toContain(text);
  });

  test('a right answer works once: what it changes makes the same one worthless, or it hangs on its challenge', async () => {
    const { own, kept } = await enrol();
    const at = step();
    const made = await method.challenge(at, own);
    const right = answers(made, kept, at);
    const verdict = await method.judge(at, own, made.pending, right);
    if (verdict.is !== 'verified') throw new Error('The right answer did not match.');
    const after = apply(own, verdict.effects);
    expect(after).not.toEqual(own);
    const next = step();
    const again = await method.challenge(next, after);
    expect((await method.judge(next, after, again.pending, right)).is).toBe('mismatch');
  });

  test('two parallel uses can’t both be written: every effect names the version that was read', async () => {
    const { own, kept } = await enrol();
    const at = step();
    const made = await method.challenge(at, own);
    const verdict = await method.judge(at, own, made.pending, answers(made, kept, at));
    const updates =
      verdict.is === 'verified' ? verdict.effects.filter(({ kind }) => kind === 'update-authenticator') : [];
    expect(updates.length).toBeGreaterThan(0);
    for (const update of updates) expect(update).toMatchObject({ version: own[0]?.version });
  });

  test.each([
    '',
    ' ',
    '0',
    '000000',
    '00000000',
    '0'.repeat(20),
    '🦩',
    'undefined',
    'null',
    "' or 1=1",
    'x'.repeat(200),
  ])('the answer %j does not match, and is no error', async (code) => {
    const { own } = await enrol();
    const at = step();
    const made = await method.challenge(at, own);
    expect((await method.judge(at, own, made.pending, { code })).is).toBe('mismatch');
    expect((await method.judge(at, own, made.pending, {})).is).toBe('mismatch');
  });

  test('a stand-in looks like the real thing, costs the same steps and matches nothing, not even the right answer', async () => {
    const { own, kept } = await enrol();
    const seeds = (purpose: string) => keyring.mac('decoy', 'somebody', method.id, purpose);
    expect(method.decoy(seeds)).toEqual(method.decoy(seeds));
    const decoy = [{ ...(own[0] as Authenticator), id: 'decoy', data: method.decoy(seeds) }];
    const at = step();
    const real = await method.challenge(at, own);
    const made = await method.challenge(at, decoy);
    expect(made.prompt).toEqual(real.prompt);
    expect(made.effects.map(({ kind }) => kind)).toEqual(real.effects.map(({ kind }) => kind));
    expect((await method.judge(at, decoy, real.pending, wrong)).is).toBe('mismatch');
    if (real.effects.length === 0)
      expect((await method.judge(at, decoy, made.pending, answers(real, kept, at))).is).toBe('mismatch');
  });

  test('one person’s answer is not another’s', async () => {
    const one = await enrol();
    const other = await enrol();
    const at = step();
    const made = await method.challenge(at, one.own);
    const foreign = step();
    const others = await method.challenge(foreign, other.own);
    expect((await method.judge(at, one.own, made.pending, answers(others, other.kept, foreign))).is).toBe('mismatch');
  });

  test('a practice run can be repeated with the very same thing', async () => {
    const { own, kept } = await enrol();
    const at = step({ purpose: 'practice' });
    const made = await method.challenge(at, own);
    const verdict = await method.judge(at, own, made.pending, answers(made, kept, at));
    if (verdict.is !== 'verified') throw new Error('The right answer did not match.');
    expect(verdict.show).toBeUndefined();
    expect(verdict.tell).toBeUndefined();
    expect(apply(own, verdict.effects)).toHaveLength(own.length);
  });

  test('a wrong confirmation binds nothing', async () => {
    const { begun, at } = await begin();
    if (begun.prompt.kind === 'save-codes') return;
    expect((await method.enrolment.confirm(at, begun.pending, wrong, [])).is).toBe('mismatch');
    expect((await method.enrolment.confirm(at, begun.pending, {}, [])).is).toBe('mismatch');
  });

  test('what was disabled can be bound anew and is usable then', async () => {
    const { own } = await enrol();
    const disabled = own.map((one) => ({ ...one, disabledAt: NOW - 1 }));
    const again = await enrol(disabled, NOW - 1_800_000);
    expect(method.offer(again.own.filter(({ disabledAt }) => disabledAt === undefined))).toBeDefined();
  });

  test('what a person is told of it before and after names no secret', async () => {
    const { own, kept } = await enrol();
    const at = step();
    const made = await method.challenge(at, own);
    const told = JSON.stringify([method.offer(own), made.prompt, own.map(({ label }) => label)]);
    for (const text of clear(made, answers(made, kept, at))) expect(told).not.toContain(text);
  });
}
