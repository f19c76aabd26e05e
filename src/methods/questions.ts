/**
 * `questions`: answers that the person chose to remember. They prove nothing by NIST's book (N-07), so they weigh nothing, stand
 * only behind a gate that proves possession, and never open a sign-in. Which ones are asked stays the same until they were
 * answered rightly (OWASP): no reload and no new journey brings easier ones. One verdict for all; nobody learns which was wrong.
 */
import { Type } from 'typebox';
import type { Authenticator } from '../kernel/account.ts';
import { argon2Hash, argon2Verify, CODE_COST } from '../kernel/argon2.ts';
import type { JsonObject } from '../kernel/json.ts';
import { definePlugin } from '../kernel/plugin.ts';
import type { AnswerFields, Words } from '../kernel/prompt.ts';
import { newId } from '../kernel/random.ts';
import { dummyHash } from './dummy-hash.ts';
import type { Answer, MethodPorts, VerificationMethod } from './method.ts';
import { ACKNOWLEDGEMENT } from './questions/acknowledgement.ts';
import { CATALOGUE, textKeyOf } from './questions/catalogue.ts';
import { chosenOf, problemsOf } from './questions/problems.ts';
import { plain } from './words.ts';

/** How many are answered once more while they are set up: enough to find a slip of the finger. */
const PROVEN = 2;
/** As many as a person may choose. */
const MOST = 10;

const question = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,40}$',
      description: 'Names the question in what is kept. Never changes.',
      examples: ['first-dorm'],
    }),
    text: Type.Record(Type.String(), Type.String({ minLength: 10, maxLength: 200 }), {
      description: 'The question, by language.',
      examples: [{ en: 'Which dormitory did you live in first?' }],
    }),
  },
  { additionalProperties: false },
);

export const configSchema = Type.Object({
  enrolled: Type.Integer({
    default: 5,
    minimum: 5,
    maximum: 10,
    description: 'Questions that a person chooses and answers.',
  }),
  asked: Type.Integer({
    default: 3,
    minimum: 3,
    maximum: 4,
    description: 'Questions that are asked at a gate. The same ones until they were answered rightly.',
  }),
  minLength: Type.Integer({ default: 3, minimum: 3, maximum: 20, description: 'Characters of an answer, at least.' }),
  own: Type.Boolean({
    default: false,
    description:
      'People may write questions of their own. OWASP advises against it: such questions often tell the answer, or everybody knows it.',
  }),
  catalogue: Type.Array(question, {
    default: [],
    maxItems: 30,
    description: 'Questions of the organisation, offered beside the built-in ones.',
  }),
  countsAsGate: Type.Optional(
    Type.Literal(ACKNOWLEDGEMENT, {
      description:
        'Lets questions count as one gate of rules that are not privileged, always behind a gate that proves possession. Only this very sentence does, which names what it goes against. Told at every start, in the audit and by `sparekey check`.',
    }),
  ),
});

type Kept = {
  /** Id of ours, `org:<id>`, or `own`. */
  id: string;
  /** Wording of a question that is not ours, as the person saw it. */
  says?: Words;
  hash: string;
};

const setOf = (data: JsonObject | undefined): Kept[] => (data?.['set'] as Kept[] | undefined) ?? [];
const ORGANISATION = 'org:';

export const questions = definePlugin({
  id: 'questions',
  summary: 'Security questions. Weigh nothing unless an operator takes on what that means.',
  configSchema,
  open({ enrolled, asked, minLength, own, catalogue }, ports: MethodPorts): VerificationMethod {
    const organisations = new Map(catalogue.map(({ id, text }) => [`${ORGANISATION}${id}`, text]));
    const offered = [
      ...CATALOGUE.map((id) => ({ id: id as string, text: textKeyOf(id) })),
      ...[...organisations].map(([id, says]) => ({ id, says })),
    ];
    const isOurs = (id: string): boolean => (CATALOGUE as readonly string[]).includes(id);
    const wordings = (id: string): readonly string[] | undefined => {
      const theirs = organisations.get(id);
      return theirs ? Object.values(theirs) : isOurs(id) ? ports.texts(textKeyOf(id)) : undefined;
    };

    /** `numbers`: of the set, in the order in which they are asked. */
    const promptOf = (set: readonly Kept[], numbers: readonly number[]): AnswerFields => ({
      kind: 'answer-fields',
      method: 'questions',
      fields: numbers.map((number, n) => {
        const { id = '', says } = set[number] ?? {};
        const wording = organisations.get(id) ?? says;
        return { name: `answer${n}`, ...(isOurs(id) ? { text: textKeyOf(id) } : { says: wording ?? '' }) };
      }),
      resendable: false,
    });

    /** Every answer is hashed, right or wrong, so that time tells nothing. */
    const allRight = async (hashes: readonly string[], answer: Answer): Promise<boolean> => {
      const verdicts = await Promise.all(
        hashes.map((hash, n) => argon2Verify(plain(answer[`answer${n}`] ?? ''), hash, ports.pepper)),
      );
      return verdicts.every((right) => right);
    };

    /** A window over a fixed order, moved on by each success: the next set always differs from the last. */
    const turnOf = (one: Pick<Authenticator, 'id' | 'data'> | undefined): number[] => {
      const size = setOf(one?.data).length;
      const key = (number: number): string => ports.mac('questions-order', one?.id ?? '', String(number));
      const order = Array.from({ length: size }, (_, number) => number).sort((a, b) => (key(a) < key(b) ? -1 : 1));
      const start = Number(one?.data['turn'] ?? 0) * asked;
      return Array.from({ length: Math.min(asked, size) }, (_, n) => order[(start + n) % size] as number);
    };

    return {
      id: 'questions',
      worth: { evidence: 'none', channel: 'memory', weight: 0 },
      first: false,
      several: false,
      signIn: false,
      tries: 3,
      offer: ([one]) => (setOf(one?.data).length < asked ? undefined : { method: 'questions', hint: undefined }),
      decoy: (seed) => ({
        set: [...CATALOGUE]
          .sort((a, b) => (seed(a) < seed(b) ? -1 : 1))
          .slice(0, enrolled)
          .map((id) => ({ id, hash: dummyHash(seed(`${id} salt`), seed(`${id} tag`)) })),
        turn: 0,
      }),
      challenge: async (_step, [one]) => {
        const numbers = turnOf(one);
        return {
          pending: { of: one?.id ?? '', numbers },
          prompt: promptOf(setOf(one?.data), numbers),
          effects: [],
        };
      },
      judge: async (step, authenticators, pending, answer) => {
        // What was asked, of the set that it was asked of: chosen anew meanwhile, nothing matches.
        const one = authenticators.find(({ id }) => id === pending['of']);
        const numbers = (pending['numbers'] as number[] | undefined) ?? [];
        const set = setOf(one?.data);
        const same = one !== undefined && turnOf(one).join() === numbers.join();
        const hashes = Array.from(
          { length: asked },
          (_, n) => (same ? set[numbers[n] ?? -1]?.hash : undefined) ?? dummyHash('salt', 'tag'),
        );
        const right = await allRight(hashes, answer);
        if (!one || !same || !right) return { is: 'mismatch' };
        // A practice run changes nothing: the same questions come again.
        if (step.purpose === 'practice') return { is: 'verified', effects: [] };
        const data = { ...one.data, turn: Number(one.data['turn'] ?? 0) + 1 };
        return {
          is: 'verified',
          effects: [
            {
              kind: 'update-authenticator',
              id: one.id,
              version: one.version,
              change: { data, lastUsedAt: step.now },
            },
          ],
        };
      },
      enrolment: {
        // Whoever chose them elsewhere keeps them, as far as they would be good enough here.
        adopt: async (account, input) => {
          const given = chosenOf(input, Object.keys(input).filter((name) => name.startsWith('own')).length);
          const chosen = given.map((one) => ({ ...one, id: 'own' }));
          const problems = problemsOf(chosen, { account, least: minLength, own: true, wordings });
          const good = chosen.filter((_, n) =>
            problems.every(({ field }) => field !== `own${n}` && field !== `answer${n}`),
          );
          if (good.length < asked) return { is: 'invalid', why: problems[0]?.why ?? 'missing' };
          const set = await Promise.all(
            good.slice(0, MOST).map(
              async ({ id, own: says, answer }): Promise<Kept> => ({
                id,
                says,
                hash: await argon2Hash(plain(answer), ports.pepper, CODE_COST),
              }),
            ),
          );
          return {
            is: 'adopted',
            authenticator: {
              id: newId(),
              accountId: account.id,
              method: 'questions',
              label: '',
              data: { set, turn: 0 },
            },
          };
        },
        ask: () => ({
          kind: 'choose-questions',
          method: 'questions',
          catalogue: offered,
          count: enrolled,
          own,
          least: minLength,
        }),
        begin: async (step, account, input) => {
          const chosen = chosenOf(input, enrolled);
          const [first, ...rest] = problemsOf(chosen, { account, least: minLength, own, wordings });
          if (first) return { is: 'invalid', ...first, ...(rest.length > 0 ? { rest } : {}) };
          const set = await Promise.all(
            chosen.map(async ({ id, own: says, answer }): Promise<Kept> => {
              const wording = organisations.get(id) ?? (id === 'own' ? says : undefined);
              const hash = await argon2Hash(plain(answer), ports.pepper, CODE_COST);
              return { id, ...(wording === undefined ? {} : { says: wording }), hash };
            }),
          );
          const key = (number: number): string => ports.mac('questions-proof', step.challenge, String(number));
          const numbers = set
            .map((_, number) => number)
            .sort((a, b) => (key(a) < key(b) ? -1 : 1))
            .slice(0, PROVEN);
          return { pending: { set, numbers }, prompt: promptOf(set, numbers), effects: [] };
        },
        confirm: async (step, pending, answer, existing) => {
          const set = setOf(pending);
          const hashes = (pending['numbers'] as number[]).map(
            (number) => set[number]?.hash ?? dummyHash('salt', 'tag'),
          );
          if (!(await allRight(hashes, answer))) return { is: 'mismatch' };
          return {
            is: 'verified',
            effects: [
              ...existing.map(({ id }) => ({ kind: 'remove-authenticator' as const, id })),
              {
                kind: 'add-authenticator',
                authenticator: {
                  id: newId(),
                  accountId: step.account.id,
                  method: 'questions',
                  label: '',
                  data: { set, turn: 0 },
                },
              },
            ],
          };
        },
      },
    };
  },
});
