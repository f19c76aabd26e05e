/** Facts of the directory: how what is typed is compared with what it holds. */
import { describe, expect, test } from 'vitest';
import { directoryFacts } from '../../../src/methods/directory-facts.ts';
import type { Step, VerificationMethod } from '../../../src/methods/method.ts';
import { ports } from '../../contract/method.ts';

type Kind = 'text' | 'digits' | 'date';
const open = (...kinds: Kind[]) =>
  directoryFacts.open(
    {
      facts: kinds.map((kind, n) => ({
        name: `fact${n}`,
        attribute: `attribute${n}`,
        kind,
        label: { en: `Fact ${n}` },
      })),
    },
    ports,
  ) as VerificationMethod;
const at = (...values: string[][]): Step => ({
  flow: 'f',
  challenge: 'c',
  now: 0,
  language: 'en',
  purpose: 'recovery',
  account: {
    id: 'a',
    username: 'a',
    displayName: 'A',
    mail: [],
    attributes: Object.fromEntries(values.map((value, n) => [`attribute${n}`, value])),
  },
});

async function judged(method: VerificationMethod, step: Step, ...typed: string[]) {
  const made = await method.challenge(step, []);
  if ('is' in made) throw new Error('Nothing was asked.');
  const answer = Object.fromEntries(typed.map((text, n) => [`fact${n}`, text]));
  return (await method.judge(step, [], made.pending, answer)).is;
}

test.each<[Kind, string, string, boolean]>([
  ['text', 'AB-12 34', 'ab1234', true],
  ['text', 'AB-12 34', ' Ａｂ １２ ３４ ', true],
  ['text', 'Müller', 'MULLER', true],
  ['text', 'محمّد', 'محمد', true],
  ['text', 'AB-12 34', 'ab12345', false],
  ['text', 'AB-12 34', '', false],
  ['text', '---', '---', false],
  ['digits', '00 12-34', '001234', true],
  ['digits', '1234', '١٢٣٤', true],
  ['digits', '1234', '01234', false],
  ['digits', '1234', 'card', false],
  ['date', '1990-05-03', '3.5.1990', true],
  ['date', '19900503', '03.05.1990', true],
  ['date', '19900503000000Z', '3/5/1990', true],
  ['date', '19900503000000Z', '5/3/1990', true],
  ['date', '1990-05-03', '1990-05-03', true],
  ['date', '1990-05-03', '٣/٥/١٩٩٠', true],
  ['date', '1990-05-03', '5.3.1990', false],
  ['date', '1990-05-03', '3.5.90', false],
  ['date', '1990-02-30', '30.2.1990', false],
  ['date', '1990-05-03', '31.13.1990', false],
])('%s: %j is answered with %j: %s', async (kind, value, typed, right) => {
  expect(await judged(open(kind), at([value]), typed)).toBe(right ? 'verified' : 'mismatch');
});

describe('of several facts', () => {
  test('all must be right, and nobody learns which was not', async () => {
    const method = open('text', 'date');
    const step = at(['AB1'], ['1990-05-03']);
    expect(await judged(method, step, 'ab1', '3.5.1990')).toBe('verified');
    for (const typed of [['ab2', '3.5.1990'], ['ab1', '4.5.1990'], ['ab1'], []])
      expect(await judged(method, step, ...typed)).toBe('mismatch');
  });

  test('any of the directory’s values will do', async () => {
    for (const typed of ['ab1', 'cd2']) expect(await judged(open('text'), at(['AB1', 'CD2']), typed)).toBe('verified');
  });

  test('only those are asked that the directory holds and that can be compared', async () => {
    const method = open('text', 'date', 'digits');
    const step = at(['AB1'], ['soon'], ['  ']);
    const made = await method.challenge(step, []);
    expect(made).toMatchObject({ prompt: { fields: [{ name: 'fact0' }] } });
    expect(method.offer([], step.account)).toMatchObject({ method: 'directory-facts' });
    expect(method.offer([], at([], ['soon'], []).account)).toBeUndefined();
  });

  test('an empty directory is asked for all and matches nothing, not even empty answers', async () => {
    const made = await open('text', 'date').challenge(at(), []);
    expect(made).toMatchObject({ prompt: { fields: [{ name: 'fact0' }, { name: 'fact1' }] } });
    expect(await judged(open('text', 'date'), at(), '', '')).toBe('mismatch');
  });
});

test('no value of the directory is in what waits or what is asked', async () => {
  const made = await open('text').challenge(at(['SECRET-77']), []);
  expect(JSON.stringify(made)).not.toContain('77');
});
