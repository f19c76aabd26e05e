/** Reads attribute values of an ldapts entry without trusting their shape: absent is `[]` there, one value is not a list. */
import type { Entry } from 'ldapts';

/** Servers may write a name in their own way. */
const otherwiseWritten = (entry: Entry, attribute: string): string | undefined => {
  const wanted = attribute.toLowerCase();
  for (const key in entry) if (key.length === wanted.length && key.toLowerCase() === wanted) return key;
  return undefined;
};

const values = (entry: Entry, attribute: string): (string | Buffer)[] => {
  const value = entry[attribute] ?? entry[otherwiseWritten(entry, attribute) ?? attribute];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
};

export const texts = (entry: Entry, attribute: string): string[] =>
  values(entry, attribute).filter((value): value is string => typeof value === 'string' && value !== '');

export const text = (entry: Entry, attribute: string): string | undefined => texts(entry, attribute)[0];

export const buffers = (entry: Entry, attribute: string): Buffer[] =>
  values(entry, attribute).map((value) => (typeof value === 'string' ? Buffer.from(value, 'latin1') : value));

export function integer(entry: Entry, attribute: string): number | undefined {
  const found = text(entry, attribute);
  return found !== undefined && /^-?\d{1,15}$/.test(found) ? Number(found) : undefined;
}

export function big(entry: Entry, attribute: string): bigint | undefined {
  const found = text(entry, attribute);
  return found !== undefined && /^-?\d{1,20}$/.test(found) ? BigInt(found) : undefined;
}

export function flag(entry: Entry, attribute: string): boolean | undefined {
  const found = text(entry, attribute)?.toUpperCase();
  return found === 'TRUE' ? true : found === 'FALSE' ? false : undefined;
}

const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,](\d+))?Z$/;

/** GeneralizedTime (RFC 4517 §3.3.13, UTC only) in ms since 1970. */
export function time(entry: Entry, attribute: string): number | undefined {
  const found = GENERALIZED_TIME.exec(text(entry, attribute) ?? '');
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '0'] = found;
  const ms = Math.floor(Number(`0.${fraction}`) * 1000);
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), ms);
}
