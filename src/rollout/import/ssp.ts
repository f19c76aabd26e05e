/**
 * Answers as LDAP Tool Box Self Service Password keeps them: `{question}answer`, one value each or several in one. Answers
 * that it encrypted (`crypt_answers`) stay closed: its key is not ours.
 */
import type { Question } from './entry.ts';

export type Answers = { is: 'set'; questions: Question[] } | { is: 'fault'; says: string };

/** The two that it comes with; others are named in a file of the operator's. */
const OWN: Readonly<Record<string, string>> = {
  birthday: 'When is your birthday?',
  color: 'What is your favorite color?',
};

const ONE = /\{([^{}]{1,60})\}([^{}]{0,500})/g;
/** What its encryption leaves (defuse/php-encryption in hex, or base64 of the older one). */
const ENCRYPTED = /^(def5020[0-9a-f]{40,}|[A-Za-z0-9+/]{60,}={0,2})$/;

/** `texts`: wording of each question by its id. */
export function readAnswers(values: readonly string[], texts: Readonly<Record<string, string>>): Answers {
  const questions = values.flatMap((value) =>
    [...value.matchAll(ONE)].map(([, id = '', answer = '']): Question => {
      const text = Object.hasOwn(texts, id) ? texts[id] : Object.hasOwn(OWN, id) ? OWN[id] : undefined;
      const closed = ENCRYPTED.test(answer.trim());
      return { text: text ?? '', format: closed ? 'ENCRYPTED' : 'TEXT', ...(closed ? {} : { answer: answer.trim() }) };
    }),
  );
  if (questions.length > 0) return { is: 'set', questions };
  if (values.some((value) => ENCRYPTED.test(value.trim())))
    return { is: 'set', questions: [{ text: '', format: 'ENCRYPTED' }] };
  return { is: 'fault', says: 'The value holds no answer of the form {question}answer.' };
}
