/** One line of a list as it was read, before anybody was looked up. */

export interface Question {
  /** As the person saw it. */
  text: string;
  /** In clear. Absent: only a hash of it is known. */
  answer?: string;
  /** How the answer was kept there: `TEXT`, `SHA1_SALT` … */
  format: string;
}

export interface Entry {
  /** What to look the person up by: a username, or a DN where there is none. */
  username: string;
  dn?: string;
  mail?: string;
  phone?: string;
  language?: string;
  questions?: readonly Question[];
}

export type ReadLine =
  | { is: 'entry'; line: number; entry: Entry }
  /** `says`: one sentence why this line can't be used. */
  | { is: 'broken'; line: number; username: string; says: string };

/** Nothing in the file can be used. `message`: a sentence for the operator. */
export class UnusableFile extends Error {}

const LONGEST = 320;
const UNFIT = /[\p{Cc}\p{Cs}\uFFFD]/u;
/** What a spreadsheet would work out; a phone number may begin with a plus. */
const FORMULA = /^[=@]|^[-+](?![\d\s()./-]+$)/;

/** Why a cell can't be what it should be. */
export function cellFault(name: string, value: string): string | undefined {
  if (value.length > LONGEST) return `${name} is longer than ${LONGEST} characters.`;
  if (UNFIT.test(value)) return `${name} holds control characters or characters of another encoding.`;
  if (FORMULA.test(value)) return `${name} begins like a formula.`;
  return undefined;
}
