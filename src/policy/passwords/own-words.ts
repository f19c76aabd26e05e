/** Words that everybody tries first: those of the place and those of the person. */
import { AFFIX, fold } from './normalise.ts';
import { type BannedWords, START } from './score.ts';

/** What a person's password must not consist of. */
export interface PersonalWords {
  username: string;
  displayName: string;
  mail: readonly string[];
}

/** Shorter ones are found in everything. */
const SHORTEST = 3;
const SHORTEST_INSIDE = 4;
/** A display name is the directory's, so its length is not ours. */
const MOST = 64;

export function personalWords(person: PersonalWords): string[] {
  const parts = person.displayName.split(/[\s,.'’-]+/u);
  return [
    person.username,
    person.displayName,
    ...person.mail.flatMap((mail) => [mail, ...(mail.split('@')[0] ?? '').split(/[._+-]/)]),
    ...person.mail.map((mail) => mail.split('@')[0] ?? ''),
    ...parts,
  ].slice(0, MOST);
}

/** Folded, each once; a word that holds another one stands before it. */
const folded = (words: readonly string[], shortest: number): string[] =>
  [...new Set(words.map(fold))].filter(({ length }) => length >= shortest).sort((a, b) => b.length - a.length);

/** True when words, with a few digits and signs around them, are all there is. */
export function consistsOf(forms: readonly string[], words: readonly string[]): boolean {
  const known = folded(words, SHORTEST);
  return forms.some((form) => {
    let rest = form;
    for (const word of known) rest = rest.replaceAll(word, '');
    if (rest.length === form.length) return false;
    const letters = rest.replace(/[\p{N}\p{P}\p{S}\p{Z}]/gu, '').length;
    return letters <= 2 && rest.length - letters <= AFFIX;
  });
}

/** True when a word of four letters or more is anywhere in it. */
export const holdsOne = (forms: readonly string[], words: readonly string[]): boolean =>
  folded(words, SHORTEST_INSIDE).some((word) => forms.some((form) => form.includes(word)));

/** The same words, for the score. */
export function bannedAlso(banned: BannedWords, words: readonly string[]): BannedWords {
  const own = new Set(folded(words, SHORTEST_INSIDE));
  const longest = [...own].reduce((most, { length }) => Math.max(most, length), banned.longest);
  const starts = new Set([...own].map((word) => word.slice(0, START)));
  return {
    has: (word) => banned.has(word) || own.has(word),
    begins: (start) => banned.begins(start) || starts.has(start),
    longest,
  };
}
