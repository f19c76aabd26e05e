/**
 * What is wrong with questions and answers while they are chosen: everything at once, each at its field. Refused is what
 * somebody would try first: names, words of the question, one answer for everything, "123".
 */
import type { Account } from '../../kernel/account.ts';
import type { Answer, InvalidInput } from '../method.ts';
import { bare, oneLine, plain, wordsOf } from '../words.ts';

type Problem = Pick<InvalidInput, 'why' | 'field'>;

export interface Chosen {
  /** Id in the catalogue, `own`, or empty while nothing is chosen. */
  id: string;
  /** One's own question, on one line. */
  own: string;
  /** As typed. */
  answer: string;
}

export const chosenOf = (input: Answer, count: number): Chosen[] =>
  Array.from({ length: count }, (_, n) => ({
    id: input[`question${n}`] ?? '',
    own: oneLine(input[`own${n}`] ?? ''),
    answer: input[`answer${n}`] ?? '',
  }));

/** Shorter is hardly a question. */
const SHORTEST_QUESTION = 10;

const TRIVIAL = new Set(
  'none,nothing,unknown,test,password,secret,answer,yes,never,idk,asdf,qwerty,qwertz,abcdef,keine,keiner,nichts,niemand,unbekannt,passwort,geheim,antwort,لاشيء,لاأعرف,لاأحد,لايوجد,مجهول,اختبار'
    .split(',')
    .map(bare),
);
const RUNS = '01234567890abcdefghijklmnopqrstuvwxyz0';

const isTrivial = (answer: string): boolean => {
  const text = bare(answer);
  const back = Array.from(text).reverse().join('');
  return TRIVIAL.has(text) || new Set(text).size <= 1 || RUNS.includes(text) || RUNS.includes(back);
};

const namesOf = (account: Account): Set<string> =>
  new Set(
    [
      account.username,
      account.displayName,
      ...wordsOf(account.displayName),
      account.givenName ?? '',
      ...account.mail.flatMap((address) => [address, address.split('@')[0] ?? '']),
    ]
      .map(bare)
      .filter((name) => name !== ''),
  );

/** One word or several in a row, as whole words: "cat" is no part of "education". */
const isIn = (answer: string, question: string): boolean =>
  ` ${wordsOf(question).join(' ')} `.includes(` ${wordsOf(answer).join(' ')} `);

export interface ChoiceRules {
  account: Account;
  /** Characters of an answer at least. */
  least: number;
  /** May one's own questions be written? */
  own: boolean;
  /** Every wording of a question of the catalogue; `undefined`: there is none of that id. */
  wordings(id: string): readonly string[] | undefined;
}

/** In the order of the form. */
export function problemsOf(chosen: readonly Chosen[], { account, least, own, wordings }: ChoiceRules): Problem[] {
  const names = namesOf(account);
  const questions = chosen.map(({ id, own: text }) => (id === 'own' && own ? [text] : (wordings(id) ?? [])));
  const sameQuestion = (one: number, other: number): boolean =>
    (questions[one] ?? []).some((text) => (questions[other] ?? []).some((before) => bare(text) === bare(before)));

  return chosen.flatMap(({ id, own: text, answer }, n): Problem[] => {
    const found: Problem[] = [];
    const earlier = Array.from({ length: n }, (_, index) => index);
    const isOwn = id === 'own' && own;
    const question = `${isOwn ? 'own' : 'question'}${n}`;
    if ((questions[n] ?? []).every((wording) => wording === '')) found.push({ why: 'missing', field: question });
    else if (isOwn && Array.from(text).length < SHORTEST_QUESTION) found.push({ why: 'too-short', field: question });
    else if (earlier.some((other) => sameQuestion(n, other))) found.push({ why: 'questions-alike', field: question });

    const why = (): Problem['why'] | undefined => {
      if (plain(answer) === '') return 'missing';
      if (Array.from(bare(answer)).length < least) return 'too-short';
      if (names.has(bare(answer))) return 'answer-is-name';
      if ((questions[n] ?? []).some((wording) => isIn(answer, wording))) return 'answer-is-question';
      if (isTrivial(answer)) return 'answer-trivial';
      const alike = earlier.some((other) => bare(chosen[other]?.answer ?? '') === bare(answer));
      return alike ? 'answers-alike' : undefined;
    };
    const wrong = why();
    if (wrong) found.push({ why: wrong, field: `answer${n}` });
    return found;
  });
}
