/** The few simple disguises that people put on a known password, undone. Every step is linear in the length. */
import { onOtherKeys } from './keyboard.ts';

const LEET: Record<string, string> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
  '+': 't',
};
const LETTER = /\p{L}/u;

/** What is read of a password: compatibility forms may make eighteen characters of one. */
const READ = 256;
/** Digits and signs around a word that count as disguise; more of them are a part of the password. */
export const AFFIX = 10;

/** Lower case, without accents, invisible characters and compatibility forms; at most 256 UTF-16 units. */
export const fold = (text: string): string =>
  // Lower case first: the capital İ becomes i and a mark.
  text
    .slice(0, READ)
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{Mn}\p{Cf}]/gu, '')
    .replaceAll('ß', 'ss')
    .slice(0, READ);

export const unleet = (text: string): string => Array.from(text, (char) => LEET[char] ?? char).join('');

/** Without the digits and signs around it, unless they are more than a suffix. */
export function bare(text: string): string {
  const chars = Array.from(text);
  const first = chars.findIndex((char) => LETTER.test(char));
  const last = chars.findLastIndex((char) => LETTER.test(char));
  const around = chars.length - (last - first + 1);
  return first < 0 || around > AFFIX ? text : chars.slice(first, last + 1).join('');
}

/** The shortest unit that `text` is a repetition of: "abcabc" → "abc". */
function unit(text: string): string {
  const at = (text + text).indexOf(text, 1);
  return at > 0 && at < text.length ? text.slice(0, at) : text;
}

/** The password itself and what it would be without disguise; each once, none empty. */
export function derivatives(password: string): string[] {
  const lower = fold(password);
  const spaceless = lower.replace(/\s+/gu, '');
  const core = bare(spaceless);
  const plain = unleet(spaceless);
  const forms = [
    lower,
    spaceless,
    unit(spaceless),
    core,
    plain,
    bare(plain),
    unleet(core),
    unit(bare(plain)),
    // The one digit that stands for two letters.
    bare(unleet(spaceless.replaceAll('1', 'i'))),
    Array.from(core).reverse().join(''),
    // With the hands one key beside their place, signs for letters included.
    ...onOtherKeys(spaceless),
    ...onOtherKeys(core),
  ];
  return [...new Set(forms)].filter((form) => form.length > 0);
}
