/**
 * Form fields from outside, as plain strings or not at all: arrays, objects, doubled parameters, control characters,
 * broken UTF-8 and oversized values end the request with a sentence.
 */
import { SparekeyError } from '../kernel/errors.ts';

/** NUL and other control characters, lone surrogates, and what the decoder puts for broken UTF-8. */
const UNFIT = /[\p{Cc}\p{Cs}\uFFFD]/u;

export interface FieldRule {
  /** UTF-16 units. */
  max: number;
  optional?: boolean;
  /** Secrets may hold any character a keyboard makes; the password rules judge them. */
  secret?: boolean;
}

export type FieldRules = Readonly<Record<string, FieldRule>>;

export type Fields<Rules extends Record<string, FieldRule>> = {
  [Name in keyof Rules]: Rules[Name] extends { optional: true } ? string | undefined : string;
};

export function readFields<const Rules extends Record<string, FieldRule>>(body: unknown, rules: Rules): Fields<Rules> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new SparekeyError('bad-request', 'No form.');
  const given = body as Record<string, unknown>;
  const fields: Record<string, string | undefined> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined && rule.optional) continue;
    if (typeof value !== 'string')
      throw new SparekeyError('bad-request', `Field ${name} is ${value === undefined ? 'missing' : 'not one text'}.`);
    if (value.length > rule.max) throw new SparekeyError('bad-request', `Field ${name} is longer than ${rule.max}.`);
    if (!rule.secret && UNFIT.test(value))
      throw new SparekeyError('bad-request', `Field ${name} holds control characters or broken UTF-8.`);
    fields[name] = value;
  }
  return fields as Fields<Rules>;
}

/** application/x-www-form-urlencoded (WHATWG): a repeated name becomes an array, which `readFields` refuses. */
export function parseForm(text: string): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const known = fields[name];
    fields[name] = known === undefined ? value : [known, value].flat();
  }
  return fields;
}
