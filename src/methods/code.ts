/** Codes that people type: digits in any script and Crockford base32, with whatever separators they put between. */
import { randomInt } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Zeros of the decimal digit blocks that phones and keyboards produce: Arabic-Indic, Extended, Devanagari, full-width. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0xff10];

const asciiDigit = (char: string): string => {
  const point = char.codePointAt(0) as number;
  const zero = ZEROS.find((start) => point >= start && point <= start + 9);
  return zero === undefined ? char : String(point - zero);
};

/** Digits of other scripts become 0 to 9; the rest stays. */
export const asciiDigits = (typed: string): string => Array.from(typed, asciiDigit).join('');

/** Keeps digits only; accepts digits of other scripts. */
export const readDigits = (typed: string): string => asciiDigits(typed).replace(/\D/g, '');

/** Crockford base32 as typed by a person: any case, O for 0, I and L for 1, separators ignored. */
export const readCrockford = (typed: string): string =>
  asciiDigits(typed)
    .toUpperCase()
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
    .replace(/[^0-9A-HJKMNP-TV-Z]/g, '');

/** `length` random characters, 5 bits each. */
export const newCrockford = (length: number): string => Array.from({ length }, () => CROCKFORD[randomInt(32)]).join('');

/** Groups of four with hyphens, as shown and printed. */
export const grouped = (code: string): string => code.match(/.{1,4}/g)?.join('-') ?? '';
