/**
 * Which settings may be changed while Sparekey runs, each with its value, where it comes from and when a change takes effect. Never
 * among them: secrets, where secrets are sent to (hosts, issuers), files of a node, and who may open the console.
 */
import { formatDuration } from '../config/duration.ts';
import { choicesOf, discriminatorOf, isPath, type SchemaNode } from '../config/kinds.ts';
import type { Layers } from '../config/load.ts';
import { join, parentOf } from '../config/path.ts';
import { placeOf } from '../config/problem.ts';
import { allowedWords } from '../config/words.ts';

export type TakesEffect = 'at-once' | 'at-restart';

export interface Editable {
  path: string;
  node: SchemaNode;
  takesEffect: TakesEffect;
}

export interface Setting {
  path: string;
  /** The path of what it stands in: settings of one section are changed together. */
  section: string;
  /** In force on this node, as it would be written; `undefined`: not set. */
  value: unknown;
  from: 'file' | 'settings' | 'default';
  /** Where the file or the environment fixes it; `undefined`: it may be changed here. */
  lockedBy: string | undefined;
  takesEffect: TakesEffect;
  /** English, of the schema. */
  description: string;
  allowed: string;
  choices: readonly string[] | undefined;
}

/** The first that fits is taken. `never`: not here. */
const RULES: readonly (readonly [RegExp, TakesEffect | 'never'])[] = [
  [/^(policy|wording|organisation|language|limits|readiness)\./, 'at-once'],
  [/^lifetimes\.connectedSystems$/, 'at-restart'],
  [/^lifetimes\./, 'at-once'],
  [/^texts\.(countries|budgetPerDay|neighboursPerHour|unansweredPerHour)$/, 'at-once'],
  // Where a provider is, whose keys are asked for, and what must be read of everybody in the directory.
  [
    /^methods\.(oidc\.(issuer|clientId)|passkey\.rpId|contact-approval\.managerAttribute|directory-facts\.facts)$/,
    'never',
  ],
  [/^methods\.\w+\.directoryAttribute$/, 'never'],
  [/^methods\./, 'at-once'],
  [/^mail\.(from|connections|connectTimeout|replyTimeout)$/, 'at-restart'],
  [/^calls\.(ringTimeout|keyTimeout|detectMachines)$/, 'at-restart'],
];

const holdsSecret = (node: SchemaNode): boolean =>
  node.secret === true ||
  [...Object.values(node.properties ?? {}), ...(node.anyOf ?? []), ...(node.items ? [node.items] : [])].some(
    holdsSecret,
  );

function walk(node: SchemaNode, value: unknown, path: string): Editable[] {
  const tag = discriminatorOf(node);
  if (tag) {
    // Only the branch that is in use.
    const chosen = (value as Record<string, unknown> | undefined)?.[tag];
    const branch = node.anyOf?.find((candidate) => candidate.properties?.[tag]?.const === chosen);
    return branch ? walk(branch, value, path) : [];
  }
  if (node.properties)
    return Object.entries(node.properties).flatMap(([name, property]) =>
      walk(property, (value as Record<string, unknown> | undefined)?.[name], join(path, name)),
    );
  const takesEffect = RULES.find(([pattern]) => pattern.test(path))?.[1] ?? 'never';
  if (takesEffect === 'never' || holdsSecret(node) || isPath(node, path)) return [];
  return [{ path, node, takesEffect }];
}

/** In the order of the schema. */
export const editableOf = ({ schema, config }: Pick<Layers, 'schema' | 'config'>): Editable[] =>
  walk(schema, config, '');

const valueAt = (config: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((section, name) => (section as Record<string, unknown> | undefined)?.[name], config);

/** As it would be written: durations with their unit. */
const writtenOf = (node: SchemaNode, value: unknown): unknown =>
  node.duration && typeof value === 'number' ? formatDuration(value) : value;

/** `layers`: file and environment alone. `effective`: over them, what is set here. */
export function settingsOf(layers: Layers, effective: Pick<Layers, 'config' | 'fixedAt'>): Setting[] {
  return editableOf(layers).map(({ path, node, takesEffect }) => {
    const fixed = layers.fixedAt(path);
    return {
      path,
      section: parentOf(path),
      value: writtenOf(node, valueAt(effective.config, path)),
      from: fixed ? 'file' : effective.fixedAt(path) ? 'settings' : 'default',
      lockedBy: fixed && placeOf(fixed),
      takesEffect,
      description: node.description ?? '',
      allowed: allowedWords(node, path),
      choices: node.type === 'boolean' ? ['true', 'false'] : choicesOf(node)?.map(String),
    };
  });
}
