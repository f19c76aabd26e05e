/**
 * The text that carries a code. Its last line is `@host #code`, to the letter, so that a phone fills the code in on that host
 * only (WICG origin-bound one-time codes, P-03); the whole stays within one segment where any wording allows it.
 */
import { alphabetOf, segment } from './gsm.ts';

export interface CodeText {
  /** Wordings in the reader's language, the best first; each holds the code already. */
  wordings: readonly [string, ...string[]];
  /** Host name of the portal, as the browser spells it: lower case, Punycode, no port. */
  host: string;
  code: string;
}

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const CODE = /^[0-9A-Za-z]{4,12}$/;

/** Typographic signs cost half of the room: one of them turns the whole text into UCS-2. */
const PLAIN: Record<string, string> = {
  '‘': "'",
  '’': "'",
  '‚': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '\u00a0': ' ',
  '\u202f': ' ',
};

/** Only where it helps: a text that needs UCS-2 anyway keeps its typography. */
export function plainWhereItHelps(text: string): string {
  const plain = text.replace(/[‘’‚“”„«»–—…\u00a0\u202f]/g, (sign) => PLAIN[sign] ?? sign);
  return alphabetOf(plain) === 'gsm' ? plain : text;
}

/** @throws Error when host or code can't stand in the last line: a fault of the caller, never of a person. */
export function codeText({ wordings, host, code }: CodeText): string {
  if (!HOST.test(host)) throw new Error('A text with a code needs the host name of the portal.');
  if (!CODE.test(code)) throw new Error('A text can carry codes of 4 to 12 letters or digits.');
  const texts = wordings.map((wording) => plainWhereItHelps(`${wording.trim()}\n\n@${host} #${code}`));
  const fewest = Math.min(...texts.map((text) => segment(text).parts.length));
  return texts.find((text) => segment(text).parts.length === fewest) ?? '';
}
