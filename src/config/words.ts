/** Says in words what a property allows. The same words stand in error messages and in docs/configuration.md. */
import { choicesOf, isPath, type SchemaNode } from './kinds.ts';

function between(low: number | string | undefined, high: number | string | undefined, unit = ''): string {
  if (low !== undefined && high !== undefined) return low === high ? `${low}${unit}` : `${low} to ${high}${unit}`;
  if (low !== undefined) return `at least ${low}${unit}`;
  return high === undefined ? '' : `at most ${high}${unit}`;
}

const joined = (...parts: string[]): string => parts.filter((part) => part !== '').join(', ');

/** For example "a whole number, 1 to 100" or "a duration such as 10 min, 5 min to 24 h". `place`: its key, when known. */
export function allowedWords(node: SchemaNode, place = ''): string {
  const choices = choicesOf(node);
  if (choices) return choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(', ')}`;
  if (node.duration) {
    const range = node.duration === true ? '' : between(node.duration.min, node.duration.max);
    return joined('a duration such as 10 min', range);
  }
  switch (node.type) {
    case 'integer':
      return joined('a whole number', between(node.minimum, node.maximum));
    case 'number':
      return joined('a number', between(node.minimum, node.maximum));
    case 'boolean':
      return 'true or false';
    case 'array':
      return joined(
        `a list of (${node.items ? allowedWords(node.items) : 'anything'})`,
        between(
          node.minItems,
          node.maxItems,
          node.maxItems === undefined && node.minItems === 1 ? ' entry' : ' entries',
        ),
      );
    case 'string':
      return joined(
        isPath(node, place) ? 'a file path' : 'text',
        between(node.minLength === 1 ? undefined : node.minLength, node.maxLength, ' characters'),
      );
    default:
      return node.properties || node.anyOf || node.patternProperties ? 'a section with keys of its own' : 'anything';
  }
}

/** How a value reads in YAML, on one line. */
export const written = (value: unknown): string =>
  typeof value === 'string' ? (value === '' ? '""' : value) : JSON.stringify(value);
