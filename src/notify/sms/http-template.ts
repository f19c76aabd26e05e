/**
 * Fills a message into a gateway's body. The template is parsed first and only its values are filled, then all of it is
 * encoded: whatever stands in the text or the number, it can't add a field, a parameter or a header.
 */
import type { Filled } from '../../outbound/exchange.ts';
import { alphabetOf } from '../texts/gsm.ts';

export type Encoding = 'json' | 'form' | 'query';

export const PLACEHOLDERS = ['to', 'digits', 'text', 'id', 'sender', 'coding', 'username', 'password'] as const;
export type Values = Record<(typeof PLACEHOLDERS)[number], string>;

export type Template = (values: Values) => Filled;

const PLACEHOLDER = /\{([A-Za-z]+)\}/g;

const fill = (template: string, values: Values): string =>
  template.replace(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name as keyof Values] : whole,
  );

function fillJson(node: unknown, values: Values): unknown {
  if (typeof node === 'string') return fill(node, values);
  if (Array.isArray(node)) return node.map((item) => fillJson(item, values));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, fillJson(item, values)]));
}

const textsIn = (node: unknown): string[] => {
  if (typeof node === 'string') return [node];
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(textsIn) : [];
};

function assertPlaceholders(values: string[]): void {
  const names = values.flatMap((value) => [...value.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
  const unknown = names.find((name) => !(PLACEHOLDERS as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new Error(`body: {${unknown}} is no placeholder. There are ${PLACEHOLDERS.join(', ')}.`);
  if (!names.includes('text')) throw new Error('body: {text} must stand in a value.');
  if (!names.includes('to') && !names.includes('digits'))
    throw new Error('body: {to} or {digits} must stand in a value.');
}

function readJson(body: string): Template {
  let tree: unknown;
  try {
    tree = JSON.parse(body);
  } catch {
    throw new Error('body: is not JSON. Placeholders stand inside quotes: {"to":"{to}"}.');
  }
  assertPlaceholders(textsIn(tree));
  return (values) => ({
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify(fillJson(tree, values)),
    query: '',
  });
}

function readPairs(body: string, encoding: 'form' | 'query'): Template {
  const pairs = [...new URLSearchParams(body)];
  assertPlaceholders(pairs.map(([, value]) => value));
  return (values) => {
    const text = new URLSearchParams(pairs.map(([name, value]) => [name, fill(value, values)])).toString();
    return encoding === 'query'
      ? { contentType: undefined, body: '', query: text }
      : { contentType: 'application/x-www-form-urlencoded; charset=utf-8', body: text, query: '' };
  };
}

/** @throws Error beginning with `body:` when the template can't carry a message. */
export const readTemplate = (body: string, encoding: Encoding): Template =>
  encoding === 'json' ? readJson(body) : readPairs(body, encoding);

export const codingOf = (text: string): string => (alphabetOf(text) === 'gsm' ? '0' : '2');
