/** Questions: what is refused at which field, how answers are compared, and that the same ones are asked until they were right. */
import { describe, expect, test } from 'vitest';
import type { Authenticator } from '../../../src/kernel/account.ts';
import { CODE_COST } from '../../../src/kernel/argon2.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { Answer, Step, VerificationMethod } from '../../../src/methods/method.ts';
import { CATALOGUE, textKeyOf } from '../../../src/methods/questions/catalogue.ts';
import { questions } from '../../../src/methods/questions.ts';
import { catalogues } from '../../../src/text/index.ts';
import { ports } from '../../contract/method.ts';

Object.assign(CODE_COST, { memory: 64, passes: 1, parallelism: 1 });

const texts = (key: string): string[] => Object.values(catalogues).map((catalogue) => catalogue[key] ?? '');
const open = (settings: Partial<Parameters<typeof questions.open>[0]> = {}) =>
  questions.open(
    { enrolled: 5, asked: 3, minLength: 3, own: false, catalogue: [], ...settings },
    { ...ports, texts },
  ) as VerificationMethod;

const account = {
  id: 'amina-id',
  directory: 'd',
  key: 'k',
  locator: 'l',
  username: 'ahaddad',
  displayName: 'Amina Haddad',
  givenName: 'Amina',
  mail: ['amina.haddad@northfield.example'],
  language: undefined,
  groups: [],
  attributes: {},
};
const step = (more: Partial<Step> = {}): Step => ({
  flow: 'f',
  challenge: 'c',
  now: 1_000,
  language: 'en',
  account,
  purpose: 'recovery',
  ...more,
});

const GOOD: Answer = {
  question0: 'first-toy',
  answer0: 'Brumm the bear',
  question1: 'neighbour',
  answer1: 'Frau Ökonom',
  question2: 'hero',
  answer2: 'Ada Lovelace',
  question3: 'lost-thing',
  answer3: 'a red kite',
  question4: 'first-trip',
  answer4: 'Aleppo',
};

async function refusals(change: Answer, method = open()) {
  const made = await method.enrolment?.begin(step(), account, { ...GOOD, ...change }, []);
  if (!made || !('is' in made) || made.is !== 'invalid') return [];
  return [made, ...(made.rest ?? [])].map(({ why, field }) => `${field} ${why}`);
}

describe('what is refused, at its field', () => {
  test.each<[string, Answer, string[]]>([
    ['nothing', {}, []],
    ['an answer of two letters', { answer0: 'Bo' }, ['answer0 too-short']],
    ['signs and blanks instead of letters', { answer0: '. . . - -' }, ['answer0 too-short']],
    ['no answer', { answer2: '   ' }, ['answer2 missing']],
    ['no question', { question1: '' }, ['question1 missing']],
    ['a question that is not offered', { question1: 'constructor' }, ['question1 missing']],
    [
      'one’s own question, where none may be written',
      { question1: 'own', own1: 'What is it then?' },
      ['question1 missing'],
    ],
    ['the username', { answer0: 'AHADDAD' }, ['answer0 answer-is-name']],
    ['the whole name', { answer0: 'amina  haddad' }, ['answer0 answer-is-name']],
    ['the family name', { answer0: 'Haddad' }, ['answer0 answer-is-name']],
    ['the address', { answer0: 'amina.haddad@northfield.example' }, ['answer0 answer-is-name']],
    ['words of the question', { answer0: 'first soft toy' }, ['answer0 answer-is-question']],
    ['words of the question in another language', { answer1: 'nebenan' }, ['answer1 answer-is-question']],
    ['a part of a word of the question is fine', { answer0: 'irs' }, []],
    ['123456', { answer3: '123456' }, ['answer3 answer-trivial']],
    ['cba', { answer3: 'CBA' }, ['answer3 answer-trivial']],
    ['zzz', { answer3: 'zzz' }, ['answer3 answer-trivial']],
    ['nothing, in Arabic', { answer3: 'لا شيء' }, ['answer3 answer-trivial']],
    ['one answer twice, written otherwise', { answer4: 'A red-kite!' }, ['answer4 answers-alike']],
    ['one question twice', { question4: 'hero' }, ['question4 questions-alike']],
    [
      'everything at once, in the order of the form',
      { question0: '', answer0: '', answer1: 'ab', question4: 'hero', answer4: 'Aleppo!' },
      ['question0 missing', 'answer0 missing', 'answer1 too-short', 'question4 questions-alike'],
    ],
  ])('%s', async (_name, change, expected) => {
    expect(await refusals(change)).toEqual(expected);
  });

  test.each<[string, Answer, string[]]>([
    [
      'a whole sentence is fine',
      { question1: 'own', own1: 'What did grandfather call me?', answer1: 'little owl' },
      [],
    ],
    ['nothing written', { question1: 'own', own1: ' \u202e ' }, ['own1 missing']],
    ['too short', { question1: 'own', own1: 'Why?' }, ['own1 too-short']],
    [
      'the answer in it',
      { question1: 'own', own1: 'Is it little owl or not?', answer1: 'Little Owl' },
      ['answer1 answer-is-question'],
    ],
    [
      'one of the list written out',
      { question1: 'own', own1: 'who was your HERO when you were twelve' },
      ['question2 questions-alike'],
    ],
  ])('own questions: %s', async (_name, change, expected) => {
    expect(await refusals(change, open({ own: true }))).toEqual(expected);
  });
});

async function enrolled(
  method = open(),
  input: Answer = GOOD,
): Promise<{ one: Authenticator; known: Map<string, string> }> {
  const at = step({ purpose: 'enrolment' });
  const begun = await method.enrolment?.begin(at, account, input, []);
  if (!begun || 'is' in begun || begun.prompt.kind !== 'answer-fields') throw new Error('The questions were refused.');
  const known = new Map(
    [0, 1, 2, 3, 4].map((n) => [textKeyOf(input[`question${n}`] ?? ''), input[`answer${n}`] ?? '']),
  );
  const right = Object.fromEntries(begun.prompt.fields.map(({ name, text }) => [name, known.get(text ?? '') ?? '']));
  const bound = await method.enrolment?.confirm(at, begun.pending, right, []);
  const [effect] = bound?.is === 'verified' ? bound.effects : [];
  if (effect?.kind !== 'add-authenticator') throw new Error('The questions were not bound.');
  const one = { ...effect.authenticator, version: 1, createdAt: 0, lastUsedAt: undefined, disabledAt: undefined };
  return { one, known };
}

async function asked(method: VerificationMethod, one: Authenticator, at = step()) {
  const made = await method.challenge(at, [one]);
  if ('is' in made || made.prompt.kind !== 'answer-fields') throw new Error('Nothing was asked.');
  return { pending: made.pending, fields: made.prompt.fields, keys: made.prompt.fields.map(({ text }) => text ?? '') };
}

describe('answers', () => {
  test('are kept as argon2id hashes only', async () => {
    const { one } = await enrolled();
    const kept = JSON.stringify(one.data);
    for (const n of [0, 1, 2, 3, 4])
      for (const text of [GOOD[`answer${n}`] ?? '', (GOOD[`answer${n}`] ?? '').toLowerCase()])
        expect(kept).not.toContain(text);
    expect(kept.match(/\$argon2id\$v=19\$/g)).toHaveLength(5);
  });

  test.each([
    ['as typed back then', (text: string) => text],
    [
      'in capitals, with blanks around and doubled inside',
      (text: string) => `  ${text.toUpperCase().replaceAll(' ', '   ')} `,
    ],
    [
      'in full-width letters',
      (text: string) => text.replace(/[a-z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
    ],
    ['with its accents apart', (text: string) => text.normalize('NFD')],
  ])('%s are right', async (_name, write) => {
    const method = open();
    const { one, known } = await enrolled(method);
    const { pending, fields } = await asked(method, one);
    const right = Object.fromEntries(fields.map(({ name, text }) => [name, write(known.get(text ?? '') ?? '')]));
    expect((await method.judge(step(), [one], pending, right)).is).toBe('verified');
  });

  test('one of three that is wrong, missing or in another place makes all of them wrong', async () => {
    const method = open();
    const { one, known } = await enrolled(method);
    const { pending, fields } = await asked(method, one);
    const right = Object.fromEntries(fields.map(({ name, text }) => [name, known.get(text ?? '') ?? '']));
    const { answer0, answer1, answer2 } = right as Record<'answer0' | 'answer1' | 'answer2', string>;
    for (const wrong of [
      { ...right, answer0: 'x' },
      { ...right, answer2: '' },
      { answer0, answer1 },
      { answer0: answer1, answer1: answer0, answer2 },
      {},
    ])
      expect(await method.judge(step(), [one], pending, wrong)).toEqual({ is: 'mismatch' });
  });
});

describe('which ones are asked', () => {
  const right = (fields: { name: string; text?: string }[], known: Map<string, string>) =>
    Object.fromEntries(fields.map(({ name, text }) => [name, known.get(text ?? '') ?? '']));

  test('stays the same in every journey, until they were answered rightly; then others come', async () => {
    const method = open();
    const { one, known } = await enrolled(method);
    let present = one;
    for (let round = 0; round < 8; round += 1) {
      const first = await asked(method, present);
      for (const flow of ['g', 'h', 'i']) {
        const again = await asked(method, present, step({ flow, challenge: flow, now: 99_000 }));
        expect(again.keys).toEqual(first.keys);
      }
      expect((await method.judge(step(), [present], first.pending, { answer0: 'x' })).is).toBe('mismatch');
      expect((await asked(method, present)).keys).toEqual(first.keys);
      const verdict = await method.judge(step(), [present], first.pending, right(first.fields, known));
      const [effect] = verdict.is === 'verified' ? verdict.effects : [];
      if (effect?.kind !== 'update-authenticator') throw new Error('The right answers moved nothing.');
      present = { ...present, ...effect.change, version: present.version + 1 };
      expect(new Set((await asked(method, present)).keys)).not.toEqual(new Set(first.keys));
    }
  });

  test('stays the same in a practice run, even after the right answers', async () => {
    const method = open();
    const { one, known } = await enrolled(method);
    const { pending, fields } = await asked(method, one);
    const verdict = await method.judge(step({ purpose: 'practice' }), [one], pending, right(fields, known));
    expect(verdict).toEqual({ is: 'verified', effects: [] });
  });

  test('an answer to questions that were chosen anew meanwhile does not match', async () => {
    const method = open();
    const { one, known } = await enrolled(method);
    const other = await enrolled(method);
    const { pending, fields } = await asked(method, one);
    expect((await method.judge(step(), [other.one], pending, right(fields, known))).is).toBe('mismatch');
  });
});

test('questions of the organisation are asked in its own words, also after it has taken them out', async () => {
  const catalogue = [
    { id: 'dorm', text: { en: 'Which dormitory did you live in first?', de: 'Welches Wohnheim war Ihr erstes?' } },
  ];
  const input = { ...GOOD, question0: 'org:dorm', answer0: 'Lindenhof' };
  const { one } = await enrolled(open({ catalogue }), input);
  const says = async (method: VerificationMethod) =>
    (await asked(method, { ...one, data: { ...one.data, set: (one.data['set'] as JsonObject[]).slice(0, 1) } }))
      .fields[0]?.says;
  expect(await says(open({ catalogue }))).toEqual(catalogue[0]?.text);
  expect(await says(open())).toEqual(catalogue[0]?.text);
});

test('every question of ours has a text in every language', () => {
  for (const id of CATALOGUE) for (const text of texts(textKeyOf(id))) expect(text).toMatch(/\S.{10,}[?؟]$/u);
});
