/** Lists every property of the schema with its path, once per branch of a union: for variables, explain and docs. */

import { discriminatorOf, type SchemaNode } from './kinds.ts';
import { fileKey, join } from './path.ts';

export interface Leaf {
  path: string;
  node: SchemaNode;
  /** The section it stands in. */
  parent: SchemaNode;
  name: string;
}

const isSection = (node: SchemaNode): boolean => node.properties !== undefined || discriminatorOf(node) !== undefined;

/** Properties that hold a value and not a section, in the order of the schema. */
export function leavesOf(schema: SchemaNode, path = ''): Leaf[] {
  if (discriminatorOf(schema)) return (schema.anyOf ?? []).flatMap((branch) => leavesOf(branch, path));
  return Object.entries(schema.properties ?? {}).flatMap(([name, node]) => {
    const here = join(path, name);
    return isSection(node) ? leavesOf(node, here) : [{ path: here, node, parent: schema, name }];
  });
}

/** Keys that may be written in a section: its properties, and `<name>File` for secrets. */
export const keysOf = (section: SchemaNode): string[] =>
  Object.entries(section.properties ?? {}).flatMap(([name, node]) => (node.secret ? [name, fileKey(name)] : [name]));
