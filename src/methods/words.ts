/** What people type as an answer, in the forms in which it is compared: case, width of characters and blanks never matter. */

/** NFKC, lower case, trimmed, inner blanks collapsed: how answers are kept (standards: "Security questions"). */
export const plain = (typed: string): string =>
  typed.normalize('NFKC').toLowerCase().normalize('NFKC').replace(/\s+/gu, ' ').trim();

/** Letters and digits only, without accents: how two texts are found to be alike. */
export const bare = (typed: string): string =>
  plain(typed)
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .normalize('NFKC');

/** Its words, bare. */
export const wordsOf = (text: string): string[] =>
  plain(text)
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .map(bare)
    .filter((word) => word !== '');

/** On one line, without what can't be seen or turns the direction of what follows. */
export const oneLine = (typed: string): string => typed.replace(/\p{C}/gu, ' ').replace(/\s+/gu, ' ').trim();
