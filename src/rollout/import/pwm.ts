/**
 * Answers as PWM (LDAP Chai) keeps them: one XML document a person, in an attribute with or without the record header
 * `0002#.#.#`. Only answers in clear can be taken over; of the others no more than the question is known.
 */
import { XMLParser } from 'fast-xml-parser';
import type { Question } from './entry.ts';

export type ResponseSet = { is: 'set'; questions: Question[] } | { is: 'fault'; says: string };

const RECORD = /^[^#<]{1,8}#[^#<]*#[^#<]*#/;
const MOST = 50;
const LONGEST = 500;

// No document of ours has a type of its own: entities could name files or grow without end.
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  processEntities: false,
  htmlEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  isArray: (name) => name === 'response',
});

const BASIC: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
/** The five that every document has, and characters by number. */
const plain = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|quot|apos|amp));/gi, (whole, hex, decimal, name) => {
    if (name) return BASIC[String(name).toLowerCase()] ?? whole;
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });

const textOf = (node: unknown): string => {
  if (typeof node === 'string') return plain(node);
  const inner = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)['#text'] : undefined;
  return typeof inner === 'string' ? plain(inner) : '';
};

const attribute = (node: unknown, name: string): string => {
  const value = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[`@${name}`] : undefined;
  return typeof value === 'string' ? plain(value) : '';
};

export function readResponseSet(value: string): ResponseSet {
  const xml = value.trim().replace(RECORD, '').trim();
  if (!xml.startsWith('<')) return { is: 'fault', says: 'The value is no response set of PWM (XML).' };
  if (/<!(DOCTYPE|ENTITY)/i.test(xml))
    return { is: 'fault', says: 'The XML brings a document type, which no response set has.' };
  let root: Record<string, unknown>;
  try {
    root = parser.parse(xml, true) as Record<string, unknown>;
  } catch {
    return { is: 'fault', says: 'The XML of the response set is broken.' };
  }
  const set = root['ResponseSet'] as Record<string, unknown> | undefined;
  const responses = typeof set === 'object' ? set['response'] : undefined;
  if (!Array.isArray(responses) || responses.length === 0)
    return { is: 'fault', says: 'The response set holds no answers.' };
  const questions = responses.slice(0, MOST).map((response: unknown): Question => {
    const { challenge, answer } = (response ?? {}) as Record<string, unknown>;
    const text = textOf(challenge).slice(0, LONGEST);
    // Without a mark it is in clear.
    const format = attribute(answer, 'format') || 'TEXT';
    return { text, format, ...(format === 'TEXT' ? { answer: textOf(answer).slice(0, LONGEST) } : {}) };
  });
  return { is: 'set', questions };
}
