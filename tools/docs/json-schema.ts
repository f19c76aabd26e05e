/** docs/sparekey.schema.json: what editors check `sparekey.yaml` against. Plain JSON Schema, without our own keywords. */

import { choicesOf, mustBeGiven, type SchemaNode } from '../../src/config/kinds.ts';
import { fileKey } from '../../src/config/path.ts';
import { DURATION_PATTERN } from '../../src/kernel/setting.ts';

type Json = Record<string, unknown>;

const secretFile = (name: string): Json => ({
  type: 'string',
  minLength: 1,
  description: `File that holds ${name}, in place of writing it here.`,
});

function properties(node: SchemaNode): Json {
  const entries = Object.entries(node.properties ?? {}).flatMap(([name, property]): [string, Json][] => {
    const own: [string, Json] = [name, converted(property)];
    return property.secret ? [own, [fileKey(name), secretFile(name)]] : [own];
  });
  return Object.fromEntries(entries);
}

/** A secret may come from a file or the environment, so an editor can't miss it. */
const required = (node: SchemaNode): string[] =>
  Object.entries(node.properties ?? {})
    .filter(([name, property]) => mustBeGiven(node, name) && !property.secret)
    .map(([name]) => name);

function converted(node: SchemaNode): Json {
  const { secret, path, duration, required: _, properties: __, anyOf, items, patternProperties, ...plain } = node;
  const choices = anyOf && choicesOf(node);
  return {
    ...plain,
    ...(duration ? { pattern: DURATION_PATTERN, examples: ['60 s', '10 min', '8 h'] } : {}),
    ...(secret ? { writeOnly: true } : {}),
    ...(node.properties ? { properties: properties(node), required: required(node) } : {}),
    ...(choices ? { enum: choices } : anyOf ? { anyOf: anyOf.map(converted) } : {}),
    ...(items ? { items: converted(items) } : {}),
    ...(patternProperties
      ? { patternProperties: Object.fromEntries(Object.entries(patternProperties).map(([k, v]) => [k, converted(v)])) }
      : {}),
  };
}

export const jsonSchema = (schema: SchemaNode): string =>
  `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...converted(schema) }, undefined, 2)}\n`;
