/** Tells the effective value of a key, where it came from and what it means. Secrets are masked. */
import { formatDuration } from './duration.ts';
import { discriminatorOf, type SchemaNode } from './kinds.ts';
import type { LoadedConfig } from './load.ts';
import { nearest } from './nearest.ts';
import { join } from './path.ts';
import { placeOf } from './problem.ts';
import { MASK } from './veil.ts';
import { allowedWords, written } from './words.ts';

export interface Explanation {
  path: string;
  /** As it would be written; `undefined`: not set. */
  value: string | undefined;
  /** `sparekey.yaml:12:3`, `environment variable SPAREKEY_…` or `default`. */
  from: string;
  allowed: string;
  description: string;
}

export type Explained =
  | { is: 'explained'; entries: Explanation[] }
  /** `near`: what was probably meant. */
  | { is: 'unknown-key'; near: string | undefined };

type Ok = Pick<Extract<LoadedConfig, { is: 'ok' }>, 'schema' | 'originOf'> & { config: object };

function shown(node: SchemaNode, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (node.secret) return MASK;
  return node.duration ? formatDuration(value as number) : written(value);
}

/** Only the branch that is in use: what other plug-ins could be told is in docs/configuration.md. */
function entriesOf(loaded: Ok, node: SchemaNode, value: unknown, path: string): Explanation[] {
  const tag = discriminatorOf(node);
  if (tag) {
    const chosen = (value as Record<string, unknown>)[tag];
    const branch = node.anyOf?.find((candidate) => candidate.properties?.[tag]?.const === chosen);
    return branch ? entriesOf(loaded, branch, value, path) : [];
  }
  if (node.properties) {
    const section = value as Record<string, unknown> | undefined;
    return Object.entries(node.properties).flatMap(([name, property]) =>
      entriesOf(loaded, property, section?.[name], join(path, name)),
    );
  }
  const from = placeOf(loaded.originOf(path));
  return [
    { path, value: shown(node, value), from, allowed: allowedWords(node, path), description: node.description ?? '' },
  ];
}

/** Without a key: everything. With one: that key, or all of its section. */
export function explainConfig(loaded: Ok, key?: string): Explained {
  const all = entriesOf(loaded, loaded.schema, loaded.config, '');
  if (key === undefined) return { is: 'explained', entries: all };
  const entries = all.filter(({ path }) => path === key || path.startsWith(`${key}.`));
  if (entries.length > 0) return { is: 'explained', entries };
  return {
    is: 'unknown-key',
    near: nearest(
      key,
      all.map(({ path }) => path),
    ),
  };
}

export function renderExplanation({ path, value, from, allowed, description }: Explanation): string {
  return [
    `${path}: ${value ?? '(not set)'}`,
    `    from:    ${from}`,
    `    allowed: ${allowed}`,
    ...(description ? [`    ${description}`] : []),
  ].join('\n');
}
