/**
 * What every way to verify promises the flow. A method is given as plug-in plus how its person answers; the suite never
 * looks inside. A new method: one call in methods.test.ts.
 */
import { expect, test } from 'vitest';
import type { Authenticator } from '../../src/kernel/account.ts';
import type { Effect } from '../../src/kernel/effect.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import type { GatePrompt } from '../../src/kernel/prompt.ts';
import type { Answer, Challenge, Enrolment, MethodPorts, Step, VerificationMethod } from '../../src/methods/method.ts';

export interface MethodUnderTest {
  open(ports: MethodPorts): VerificationMethod;
  /** What the person types when a way is added; a function where everybody must type something else. */
  input?: Answer | (() => Answer);
  /** What a person has who adds nothing: made by somebody else, or known of them. */
  given?(method: VerificationMethod, now: number): Promise<{ effects: Effect[]; kept: Challenge }>;
  /** What the directory knows. */
  attributes?: Record<string, string[]>;
  /** Nothing is used up, and the same may be true of others. */
  stays?: true;
  /** The right answer to the confirmation of an enrolment. */
  confirms(begun: Challenge, step: Step): Answer | Promise<Answer>;
  /** The right answer to a challenge; `kept` is what the person has from the enrolment. */
  answers(made: Challenge, kept: Challenge, step: Step): Answer | Promise<Answer>;
  /** Somebody else answers: until then there is nothing wrong, only nothing yet. */
  waits?: true;
  /** ms; where somebody else's clock is in the answer, too. */
  now?(): number;
  /** Looks right, is not. */
  wrong: Answer;
  /** What is asked; typing a code when absent. */
  kind?: GatePrompt['kind'];
  /** The form field of the answer; `code` when absent. */
  field?: string;
  /** The prompt without what is new at every challenge; all of it when absent. */
  lasting?(prompt: GatePrompt): unknown;
}

const keyring = createKeyring([{ id: 'a', bytes: Buffer.alloc(32, 1) }]);
export const ports: MethodPorts = {
  mac: keyring.mac,
  pepper: Buffer.alloc(32, 2),
  organisation: 'Northfield College',
  publicUrl: new URL('https://reset.example.test'),
  sameMailServers: async () => false,
  texts: (key) => [key],
  phoneCountries: ['DE', 'GB'],
  tickets: { read: async () => undefined },
  people: { find: async () => undefined, addressesOf: async () => [] },
};
const NOW = Date.UTC(2026, 10, 23, 9);
const account = {
  id: 'amina-id',
  username: 'amina',
  displayName: 'Amina Haddad',
  mail: ['amina@northfield.example'],
  attributes: {},
};
const whole = {
  ...account,
  directory: 'd',
  key: 'k',
  locator: 'l',
  givenName: undefined,
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

export function methodContract(underTest: MethodUnderTest): void {
  const { open, input = {}, confirms, answers, wrong } = underTest;
  const { kind = 'enter-code', field = 'code', lasting = (prompt: GatePrompt): unknown => prompt } = underTest;
  const method = open(ports);
  const adding = method.enrolment as Enrolment;
  const now = underTest.now ?? (() => NOW);
  const refused = ({ is }: { is: string }): void =>
    expect(underTest.waits ? ['waiting', 'expired'] : ['mismatch']).toContain(is);
  const known = { ...account, attributes: underTest.attributes ?? {} };
  const stepOf = (more: Partial<Step> = {}): Step => step({ account: known, now: now(), ...more });

  /** What is asked; nothing here needs anybody else's answer to begin. */
  const ask = async (at: Step, own: readonly Authenticator[]): Promise<Challenge<GatePrompt>> => {
    const made = await method.challenge(at, own);
    if ('is' in made) throw new Error('The challenge could not be made.');
    return made;
  };
  const begin = async (at = stepOf({ purpose: 'enrolment' })) => {
    const begun = await adding.begin(at, whole, typeof input === 'function' ? input() : input, []);
    if ('is' in begun) throw new Error(`The input of the contract was refused: ${begun.is}.`);
    return { begun, at };
  };
  const enrol = async (own: readonly Authenticator[] = [], at_ = underTest.now ? now() : NOW - 3_600_000) => {
    if (underTest.given) {
      const { effects, kept } = await underTest.given(method, NOW);
      return { own: apply(own, effects), kept };
    }
    const { begun, at } = await begin(stepOf({ purpose: 'enrolment', now: at_ }));
    const bound = await adding.confirm(at, begun.pending, await confirms(begun, at), [...own]);
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
    expect(['issued', 'saved', 'bound', 'contact', 'proofing', 'none']).toContain(method.worth.evidence);
    expect(method.offer([], account)).toBeUndefined();
    // N-14: what was only issued is not proof enough for a sign-in.
    if (!['saved', 'bound'].includes(method.worth.evidence)) expect(method.signIn).toBe(false);
    // What proves nothing weighs nothing and is never asked of a stranger.
    if (method.worth.evidence === 'none') expect(method).toMatchObject({ first: false, worth: { weight: 0 } });
  });

  test('can be added, is then offered under its own name, and passes with the right answer', async () => {
    const { own, kept } = await enrol();
    if (!underTest.stays) {
      expect(own).toHaveLength(1);
      expect(own[0]).toMatchObject({ method: method.id, accountId: account.id });
    }
    expect(method.offer(own, known)).toMatchObject({ method: method.id });
    const at = stepOf();
    const made = await ask(at, own);
    expect(made.prompt).toMatchObject({ kind, method: method.id });
    expect((await method.judge(at, own, made.pending, await answers(made, kept, at))).is).toBe('verified');
  });

  test('keeps nothing clear in what waits: neither while it is added nor while it is asked', async () => {
    const { own, kept } = await enrol();
    const at = stepOf();
    const made = await ask(at, own);
    const right = await answers(made, kept, at);
    for (const text of clear(made, right)) expect(JSON.stringify(made.pending)).not.toContain(text);
    if (!adding) return;
    const { begun, at: adding_ } = await begin();
    for (const text of clear(begun, await confirms(begun, adding_)))
      expect(JSON.stringify(begun.pending)).not.toContain(text);
  });

  test.skipIf(underTest.stays)(
    'a right answer works once: what it changes makes the same one worthless, or it hangs on its challenge',
    async () => {
      const { own, kept } = await enrol();
      const at = stepOf();
      const made = await ask(at, own);
      const right = await answers(made, kept, at);
      const verdict = await method.judge(at, own, made.pending, right);
      if (verdict.is !== 'verified') throw new Error('The right answer did not match.');
      const after = apply(own, verdict.effects);
      expect(after).not.toEqual(own);
      const next = stepOf();
      const again = await ask(next, after);
      refused(await method.judge(next, after, again.pending, right));
    },
  );

  test.skipIf(underTest.stays)(
    'two parallel uses can’t both be written: every effect names the version that was read',
    async () => {
      const { own, kept } = await enrol();
      const at = stepOf();
      const made = await ask(at, own);
      const verdict = await method.judge(at, own, made.pending, await answers(made, kept, at));
      const updates =
        verdict.is === 'verified' ? verdict.effects.filter(({ kind }) => kind === 'update-authenticator') : [];
      expect(updates.length).toBeGreaterThan(0);
      for (const update of updates) expect(update).toMatchObject({ version: own[0]?.version });
    },
  );

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
    const at = stepOf();
    const made = await ask(at, own);
    refused(await method.judge(at, own, made.pending, { [field]: code }));
    refused(await method.judge(at, own, made.pending, {}));
  });

  test('a stand-in looks like the real thing, costs the same steps and matches nothing, not even the right answer', async () => {
    const { own, kept } = await enrol();
    const seeds = (purpose: string) => keyring.mac('decoy', 'somebody', method.id, purpose);
    expect(method.decoy(seeds)).toEqual(method.decoy(seeds));
    const decoy = [{ ...(own[0] as Authenticator), id: 'decoy', data: method.decoy(seeds) }];
    const at = stepOf();
    const nobody = stepOf({ account });
    const real = await ask(at, own);
    const made = await ask(nobody, decoy);
    expect(lasting(made.prompt)).toEqual(lasting(real.prompt));
    expect(made.effects.map(({ kind }) => kind)).toEqual(real.effects.map(({ kind }) => kind));
    refused(await method.judge(nobody, decoy, real.pending, wrong));
    if (real.effects.length === 0)
      refused(await method.judge(nobody, decoy, made.pending, await answers(real, kept, at)));
  });

  test.skipIf(underTest.stays)('one person’s answer is not another’s', async () => {
    const one = await enrol();
    const other = await enrol();
    const at = stepOf();
    const made = await ask(at, one.own);
    const foreign = stepOf();
    const others = await ask(foreign, other.own);
    refused(await method.judge(at, one.own, made.pending, await answers(others, other.kept, foreign)));
  });

  test.skipIf(method.issuance)('a practice run can be repeated with the very same thing', async () => {
    const { own, kept } = await enrol();
    const at = stepOf({ purpose: 'practice' });
    const made = await ask(at, own);
    const verdict = await method.judge(at, own, made.pending, await answers(made, kept, at));
    if (verdict.is !== 'verified') throw new Error('The right answer did not match.');
    expect(verdict.show).toBeUndefined();
    expect(verdict.tell).toBeUndefined();
    expect(apply(own, verdict.effects)).toHaveLength(own.length);
  });

  test.skipIf(!adding)('a wrong confirmation binds nothing', async () => {
    const { begun, at } = await begin();
    if (begun.prompt.kind === 'save-codes') return;
    refused(await adding.confirm(at, begun.pending, wrong, []));
    refused(await adding.confirm(at, begun.pending, {}, []));
  });

  test.skipIf(!adding)('what was disabled can be bound anew and is usable then', async () => {
    const { own } = await enrol();
    const disabled = own.map((one) => ({ ...one, disabledAt: NOW - 1 }));
    const again = await enrol(disabled, underTest.now ? now() : NOW - 1_800_000);
    expect(
      method.offer(
        again.own.filter(({ disabledAt }) => disabledAt === undefined),
        account,
      ),
    ).toBeDefined();
  });

  test('what a person is told of it before and after names no secret', async () => {
    const { own, kept } = await enrol();
    const at = stepOf();
    const made = await ask(at, own);
    const told = JSON.stringify([method.offer(own, known), made.prompt, own.map(({ label }) => label)]);
    for (const text of clear(made, await answers(made, kept, at))) expect(told).not.toContain(text);
  });
}
