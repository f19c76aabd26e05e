/**
 * Questions of ours: answers that last, that have many possible values, and that friends, colleagues and search engines rarely
 * know (OWASP: memorable, consistent, applicable, confidential, specific). Their texts are `question.<id>`; an id never changes.
 */
export const CATALOGUE = [
  'first-toy',
  'hiding-place',
  'neighbour',
  'refused-dish',
  'first-concert',
  'first-film',
  'strict-teacher',
  'hero',
  'first-earned',
  'lost-thing',
  'first-trip',
  'almost-studied',
] as const;

export const textKeyOf = (id: string): string => `question.${id}`;
