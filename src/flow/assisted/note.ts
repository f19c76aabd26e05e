/** Notes of helpers say what was seen, never its number: what looks like the number of a document is refused. */

export const DOCUMENTS = [
  'passport',
  'identity-card',
  'driving-licence',
  'residence-permit',
  'staff-card',
  'student-card',
] as const;
export type Document = (typeof DOCUMENTS)[number];
export const isDocument = (name: string): name is Document => (DOCUMENTS as readonly string[]).includes(name);

/** Digits of any script; a time or a room has fewer. */
const MOST_DIGITS = 4;

export const holdsNumber = (note: string): boolean => (note.match(/\p{Nd}/gu)?.length ?? 0) > MOST_DIGITS;
