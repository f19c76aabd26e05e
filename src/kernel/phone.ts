/**
 * Phone numbers: any national writing becomes E.164 or a reason that a page can turn into one sentence. Nothing here keeps,
 * logs or throws a number.
 */
import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  validatePhoneNumberLength,
  // The small tables know neither premium-rate nor personal numbers of most countries.
} from 'libphonenumber-js/max';

/** `+` and 7 to 15 digits (ITU-T E.164). */
export type E164 = `+${string}`;

export type PhoneFault =
  /** Letters, an address, nothing at all. */
  | 'not-a-number'
  /** No such country code, or a national writing and nobody said which country. */
  | 'invalid-country'
  | 'too-short'
  | 'too-long'
  /** Right length, but the country has no numbers that begin like this. */
  | 'not-in-use'
  /** A machine can't dial through a switchboard. */
  | 'extension'
  /** Premium-rate, shared-cost, personal, free-of-charge: nobody's own phone, and how telephony fraud earns (A14). */
  | 'premium-rate';

export type PhoneReading =
  /** `country`: ISO 3166-1, undefined for numbers of no country (satellite, +800). */
  { is: 'phone'; e164: E164; country: string | undefined } | { is: 'fault'; fault: PhoneFault };

const LONGEST_WRITING = 60;
const COSTLY = new Set(['PREMIUM_RATE', 'SHARED_COST', 'PERSONAL_NUMBER', 'TOLL_FREE', 'UAN', 'PAGER', 'VOICEMAIL']);

const lengthFaults: Record<string, PhoneFault> = {
  INVALID_COUNTRY: 'invalid-country',
  NOT_A_NUMBER: 'not-a-number',
  TOO_SHORT: 'too-short',
  TOO_LONG: 'too-long',
  INVALID_LENGTH: 'not-in-use',
};

const fault = (name: PhoneFault): PhoneReading => ({ is: 'fault', fault: name });

/** Copied numbers bring invisible marks (right-to-left contact lists) and a `tel:` with them. */
const tidy = (writing: string): string =>
  writing
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim()
    .replace(/^tel:/i, '');

/** Two-letter codes (ISO 3166-1) that a national writing can be read with, and allow-lists can name. */
export const isPhoneCountry = (code: string): boolean => isSupportedCountry(code);

/** `defaultCountry`: what a number without `+` is read with. */
export function readPhone(writing: string, defaultCountry?: string): PhoneReading {
  const text = tidy(writing);
  if (text === '' || text.length > LONGEST_WRITING) return fault('not-a-number');
  const known = defaultCountry !== undefined && isSupportedCountry(defaultCountry);
  const options = { extract: false, ...(known ? { defaultCountry: defaultCountry as CountryCode } : {}) };
  const length = validatePhoneNumberLength(text, options);
  if (length !== undefined) return fault(lengthFaults[length] ?? 'not-a-number');
  const number = parsePhoneNumberFromString(text, options);
  if (!number) return fault('not-a-number');
  if (number.ext) return fault('extension');
  if (!number.isValid()) return fault('not-in-use');
  if (COSTLY.has(number.getType() ?? '')) return fault('premium-rate');
  return { is: 'phone', e164: number.number as E164, country: number.country };
}

/** Shape only: what a sender may pass on without asking the library again. */
export const isE164 = (text: string): text is E164 => /^\+[1-9][0-9]{6,14}$/.test(text);

/** For allow-lists; undefined where a number belongs to no country. */
export const countryOfPhone = (e164: E164): string | undefined => parsePhoneNumberFromString(e164)?.country;

/** Always the same shape, so that it tells neither length nor country. */
export const maskPhone = (e164: E164): string => `•••• ••• ${e164.slice(-2)}`;
