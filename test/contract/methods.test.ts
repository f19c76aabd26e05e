/** Every registered way to verify runs the contract; one that is missing here fails the last test. */
import { Secret, TOTP } from 'otpauth';
import { afterAll, describe, expect, test } from 'vitest';
import { CODE_COST } from '../../src/kernel/argon2.ts';
import type { Effect } from '../../src/kernel/effect.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import { contactApproval } from '../../src/methods/contact-approval.ts';
import { directoryFacts } from '../../src/methods/directory-facts.ts';
import { email } from '../../src/methods/email.ts';
import { helperPass } from '../../src/methods/helper-pass.ts';
import { methodPlugins } from '../../src/methods/index.ts';
import type { Challenge, VerificationMethod } from '../../src/methods/method.ts';
import { oidc } from '../../src/methods/oidc.ts';
import { passkey } from '../../src/methods/passkey.ts';
import { questions } from '../../src/methods/questions.ts';
import { recoveryCode } from '../../src/methods/recovery-code.ts';
import { sms } from '../../src/methods/sms.ts';
import { totp } from '../../src/methods/totp.ts';
import { voice } from '../../src/methods/voice.ts';
import { createAuthenticator, type Passkey } from '../kit/authenticator.ts';
import { CLIENT, startOidcProvider } from '../kit/servers/oidc-provider.ts';
import { type MethodUnderTest, methodContract, ports } from './method.ts';

// Its real cost is proven in test/unit/kernel.
Object.assign(CODE_COST, { memory: 64, passes: 1, parallelism: 1 });

const mailed = ({ effects }: Challenge) => {
  const mail = effects.find(({ kind }) => kind === 'send-mail');
  return mail?.kind === 'send-mail' ? { code: String(mail.values['code']) } : {};
};
const shown = (seed: unknown, now: number) => ({
  code: new TOTP({ secret: Secret.fromBase32(String(seed)) }).generate({ timestamp: now }),
});

const texted = ({ effects }: Challenge) => {
  const text = effects.find(({ kind }) => kind === 'send-text');
  return text?.kind === 'send-text' ? { code: String(text.values['code']) } : {};
};
const spoken = ({ effects }: Challenge) => {
  const call = effects.find(({ kind }) => kind === 'place-call');
  return call?.kind === 'place-call' ? { code: call.code } : {};
};

const device = createAuthenticator();
/** Which passkey came of which enrolment. */
const made = new WeakMap<object, Passkey>();

/** What each person answered, by question; told apart by what was made of it. */
const remembered = new WeakMap<object, Record<string, string>>();
const CHOSEN = ['first-toy', 'neighbour', 'hero', 'lost-thing', 'first-trip'];
let persons = 0;
const answersOf = ({ prompt }: Challenge, known: Record<string, string>) =>
  Object.fromEntries(
    prompt.kind === 'answer-fields' ? prompt.fields.map(({ name, text = '' }) => [name, known[text] ?? '']) : [],
  );

const elsewhere = await startOidcProvider({
  redirectUri: `${ports.publicUrl.origin}/oidc/return`,
  secret: CLIENT.clientSecret,
});
afterAll(() => elsewhere.close());
const signedInThere = async ({ prompt }: Challenge) => ({
  returned: prompt.kind === 'go-elsewhere' ? (await elsewhere.signIn(prompt.url)).search.slice(1) : '',
});

/** Tickets that the method issued, as the database would keep them. */
const issued = new Map<string, { data: JsonObject; answer: JsonObject | undefined; used: boolean }>();
const keeping = <Made extends { effects: Effect[] } | { is: string }>(made: Made): Made => {
  for (const effect of 'effects' in made ? made.effects : [])
    if (effect.kind === 'issue-ticket') issued.set(effect.id, { data: effect.data, answer: undefined, used: false });
  return made;
};
const typesTheNumber = ({ effects }: Challenge) => {
  for (const effect of effects)
    if (effect.kind === 'issue-ticket')
      issued.set(effect.id, { data: effect.data, answer: { is: 'given' }, used: false });
  return {};
};

const underTest: Record<string, MethodUnderTest> = {
  email: {
    open: (ports) => email.open({ lifetime: 600_000, lockedDomains: [] }, ports) as VerificationMethod,
    input: { address: 'amina@private.example' },
    confirms: mailed,
    answers: mailed,
    wrong: { code: '1234' },
  },
  totp: {
    open: (ports) => totp.open({ window: 1 }, ports) as VerificationMethod,
    confirms: ({ pending }, { now }) => shown(pending['seed'], now),
    answers: (_made, { pending }, { now }) => shown(pending['seed'], now),
    wrong: { code: '12345' },
  },
  sms: {
    open: (ports) => sms.open({ lifetime: 600_000 }, ports) as VerificationMethod,
    input: { address: '0170 1234567' },
    confirms: texted,
    answers: texted,
    wrong: { code: '1234' },
  },
  voice: {
    open: (ports) => voice.open({ lifetime: 600_000 }, ports) as VerificationMethod,
    input: { address: '030 901820' },
    confirms: spoken,
    answers: spoken,
    wrong: { code: '1234' },
    lasting: (prompt) => (prompt.kind === 'enter-code' ? { ...prompt, press: prompt.press?.length } : prompt),
  },
  passkey: {
    open: (ports) => passkey.open({}, ports) as VerificationMethod,
    confirms: ({ prompt, pending }) => {
      const credential = prompt.kind === 'create-passkey' ? device.make(prompt.options) : '';
      made.set(pending, device.passkeys.at(-1) as Passkey);
      return { credential };
    },
    answers: ({ prompt }, { pending }) => ({
      credential: prompt.kind === 'use-passkey' ? device.use(prompt.options, {}, made.get(pending)) : '',
    }),
    wrong: { credential: '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{}}' },
    kind: 'use-passkey',
    field: 'credential',
    lasting: (prompt) =>
      prompt.kind === 'use-passkey' ? { ...prompt, options: { ...JSON.parse(prompt.options), challenge: '' } } : prompt,
  },
  'recovery-code': {
    open: (ports) => recoveryCode.open({ count: 5 }, ports) as VerificationMethod,
    confirms: () => ({}),
    answers: (_made, { prompt }) => ({ code: prompt.kind === 'save-codes' ? (prompt.codes[0] as string) : '' }),
    wrong: { code: 'AAAA-AAAA-AAAA-AAAA-AAAA' },
  },
  questions: {
    open: (ports) =>
      questions.open({ enrolled: 5, asked: 3, minLength: 3, own: false, catalogue: [] }, ports) as VerificationMethod,
    input: () => {
      persons += 1;
      return Object.fromEntries(
        CHOSEN.flatMap((id, n) => [
          [`question${n}`, id],
          [`answer${n}`, `Memory ${id} of ${persons}`],
        ]),
      );
    },
    confirms: (begun) => {
      const known = Object.fromEntries(CHOSEN.map((id) => [`question.${id}`, `  MEMORY ${id}  of ${persons}`]));
      remembered.set(begun.pending, known);
      return answersOf(begun, known);
    },
    answers: (made, { pending }) => answersOf(made, remembered.get(pending) ?? {}),
    wrong: { answer0: 'something', answer1: 'quite', answer2: 'different' },
    kind: 'answer-fields',
    field: 'answer0',
    // Which ones are asked is never seen by a stranger.
    lasting: (prompt) => (prompt.kind === 'answer-fields' ? { ...prompt, fields: prompt.fields.length } : prompt),
  },
  'directory-facts': {
    open: (ports) =>
      directoryFacts.open(
        { facts: [{ name: 'card', attribute: 'employeeNumber', kind: 'text', label: { en: 'Number on your card' } }] },
        ports,
      ) as VerificationMethod,
    attributes: { employeeNumber: ['AB-12 34'] },
    given: async () => ({ effects: [], kept: {} as Challenge }),
    confirms: () => ({}),
    answers: () => ({ card: 'ab1234' }),
    wrong: { card: 'AB-12 35' },
    kind: 'answer-fields',
    field: 'card',
    stays: true,
  },
  'helper-pass': {
    open: (ports) => helperPass.open({ lifetime: 900_000, perDay: 3 }, ports) as VerificationMethod,
    given: async (method, now) => {
      const issued = await method.issuance?.issue(
        { id: 'amina-id', username: 'amina', displayName: 'Amina Haddad', mail: [], attributes: {} },
        'Kim',
        now,
        [],
      );
      if (!issued) throw new Error('No pass was issued.');
      return { effects: issued.effects, kept: { pending: { code: issued.code } } as unknown as Challenge };
    },
    confirms: () => ({}),
    answers: (_made, { pending }) => ({ code: String(pending['code']) }),
    wrong: { code: 'AAAA-AAAA-AAAA-AAAA' },
  },
  oidc: {
    open: (ports) =>
      oidc.open(
        {
          name: 'State ID',
          issuer: elsewhere.issuer,
          ...CLIENT,
          scopes: ['openid'],
          acr: [],
          amr: [],
          maxAge: 300_000,
          weight: 1,
          timeout: 5_000,
        },
        ports,
      ) as VerificationMethod,
    confirms: signedInThere,
    answers: signedInThere,
    wrong: { returned: 'code=abc&state=gate.abc' },
    kind: 'go-elsewhere',
    field: 'returned',
    lasting: (prompt) => (prompt.kind === 'go-elsewhere' ? { ...prompt, url: '', expiresAt: 0 } : prompt),
    now: Date.now,
  },
  'contact-approval': {
    open: (ports) => {
      const tickets = { read: async (id: string) => issued.get(id) };
      const settings = { ownContacts: true, lifetime: 600_000 };
      const method = contactApproval.open(settings, { ...ports, tickets }) as VerificationMethod;
      return { ...method, challenge: async (step, own) => keeping(await method.challenge(step, own)) };
    },
    input: { address: 'sister@elsewhere.example', label: 'My sister' },
    // What agreeing binds: src/flow/approval.
    given: async () => {
      const data = { address: 'sister@elsewhere.example', language: 'en' };
      const contact = { id: 'sister', accountId: 'amina-id', method: 'contact-approval', label: 'My sister', data };
      return { effects: [{ kind: 'add-authenticator', authenticator: contact }], kept: {} as Challenge };
    },
    confirms: () => ({}),
    answers: typesTheNumber,
    wrong: {},
    waits: true,
    kind: 'wait-for-approval',
    lasting: (prompt) => (prompt.kind === 'wait-for-approval' ? { ...prompt, number: '' } : prompt),
  },
};

for (const [id, method] of Object.entries(underTest)) describe(id, () => methodContract(method));

test('every registered method runs the contract', () => {
  expect(Object.keys(underTest).sort()).toEqual(Object.keys(methodPlugins).sort());
  for (const [id, plugin] of Object.entries(methodPlugins)) expect(plugin.id).toBe(id);
});

describe('email beyond the contract', () => {
  const method = underTest['email']?.open({ ...ports, mac: (...parts) => parts.join('|') });
  const at = {
    flow: 'f',
    challenge: 'c',
    now: 0,
    language: 'en',
    account: { id: 'a', username: 'a', displayName: 'A', mail: [], attributes: {} },
    purpose: 'recovery' as const,
  };

  test('its code and link live exactly ten minutes', async () => {
    const made = await method?.challenge(at, [{ data: { address: 'a@b.example' } } as never]);
    if (!made || 'is' in made) throw new Error('no challenge');
    const right = mailed(made) as { code: string };
    const judge = (now: number) => method?.judge({ ...at, now }, [], made.pending, right);
    expect((await judge(600_000))?.is).toBe('verified');
    expect((await judge(600_001))?.is).toBe('expired');
  });

  test('its code hangs on journey and challenge', async () => {
    const made = await method?.challenge(at, [{ data: { address: 'a@b.example' } } as never]);
    if (!made || 'is' in made) throw new Error('no challenge');
    const right = mailed(made) as { code: string };
    for (const other of [{ flow: 'g' }, { challenge: 'd' }])
      expect((await method?.judge({ ...at, ...other }, [], made.pending, right))?.is).toBe('mismatch');
  });
});
