/** Sparekey's schemas as data: what the parser, the docs and the JSON Schema look at. */

/** The part of JSON Schema that Sparekey's own schemas and those of plug-ins use, plus our three keywords. */
export interface SchemaNode {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, SchemaNode>;
  required?: string[];
  additionalProperties?: boolean | SchemaNode;
  patternProperties?: Record<string, SchemaNode>;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  pattern?: string;
  format?: string;
  secret?: boolean;
  path?: boolean;
  duration?: { min: string; max: string } | true;
}

export const asNode = (schema: object): SchemaNode => schema as SchemaNode;

/** Every value that a property may have when there is a closed list of them. */
export function choicesOf(node: SchemaNode): unknown[] | undefined {
  if (node.enum) return node.enum;
  if ('const' in node) return [node.const];
  const branches = node.anyOf?.map((branch) => branch.const);
  return branches?.every((choice) => choice !== undefined) ? branches : undefined;
}

/** The property whose fixed value tells the branches of a union apart, for example `type`. */
export function discriminatorOf(node: SchemaNode): string | undefined {
  const [first, ...rest] = node.anyOf ?? [];
  return Object.keys(first?.properties ?? {}).find(
    (name) =>
      first?.properties?.[name]?.const !== undefined &&
      rest.every((branch) => branch.properties?.[name]?.const !== undefined),
  );
}

/** Keys that somebody must write: listed as required, without a default, and not a section that fills itself. */
export const mustBeGiven = (parent: SchemaNode, name: string): boolean => {
  const node = parent.properties?.[name];
  if (!parent.required?.includes(name) || !node || 'default' in node) return false;
  return node.properties === undefined && node.patternProperties === undefined;
};

/** By keyword, or by name: the `caFile` of a plug-in is a path without saying so. `place`: its key or key path. */
export const isPath = (node: SchemaNode, place: string): boolean =>
  node.path === true || (node.type === 'string' && place.endsWith('File'));
