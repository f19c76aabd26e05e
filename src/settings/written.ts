/** Values as people type them into a form or on a command line, and back. What does not fit stays text: the schema says why. */
import { parse, stringify } from 'yaml';
import { choicesOf, type SchemaNode } from '../config/kinds.ts';

/** A list of plain words stands one to a line; everything with a structure is YAML. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((entry) => typeof entry === 'string' && !entry.includes('\n'))
  )
    return value.join('\n');
  return typeof value === 'object' ? stringify(value).trimEnd() : String(value);
}

/** Empty: not set here any more (`undefined`). */
export function typedValue(text: string, node: SchemaNode): unknown {
  const typed = text.replaceAll('\r\n', '\n').trim();
  if (typed === '') return undefined;
  if (node.type === 'integer' || node.type === 'number') return /^-?\d+(\.\d+)?$/.test(typed) ? Number(typed) : typed;
  if (node.type === 'boolean') return typed === 'true' ? true : typed === 'false' ? false : typed;
  const words = node.type === 'array' && (node.items?.type === 'string' || (node.items && choicesOf(node.items)));
  if (words && !(typed.startsWith('[') && typed.endsWith(']')))
    return typed
      .split('\n')
      .map((line) => line.replace(/^- /, '').trim())
      .filter((line) => line !== '');
  if (node.type === 'string' || choicesOf(node)) return typed;
  try {
    return parse(typed, { prettyErrors: false }) as unknown;
  } catch {
    return typed;
  }
}
