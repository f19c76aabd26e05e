/** `SPAREKEY_<PATH>` variables laid over what the file says. An empty variable counts as not set. */
import { parse } from 'yaml';
import { choicesOf, type SchemaNode } from './kinds.ts';
import { type Leaf, leavesOf } from './leaves.ts';
import { nearest } from './nearest.ts';
import { envName, fileKey, lastStep, parentOf } from './path.ts';
import type { Origin, Problem } from './problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'SPAREKEY_';
/** Belong to the command line, not to the configuration. */
const OTHERS = new Set(['SPAREKEY_CONFIG']);

/** Text as the schema wants it; what doesn't fit stays text, so that validation can name the problem. */
function typed(text: string, node: SchemaNode): unknown {
  if (node.type === 'integer' || node.type === 'number') {
    return /^-?[0-9]+(\.[0-9]+)?$/.test(text.trim()) ? Number(text) : text;
  }
  if (node.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (node.type === 'array' && (node.items?.type === 'string' || (node.items && choicesOf(node.items)))) {
    return text.split(',').map((entry) => entry.trim());
  }
  if (node.type === 'string' || choicesOf(node)) return text;
  try {
    return parse(text, { prettyErrors: false }) as unknown;
  } catch {
    return text;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The section of that path; made where there is none. */
export function sectionAt(root: Record<string, unknown>, path: string): Record<string, unknown> {
  if (path === '') return root;
  const parent = sectionAt(root, parentOf(path));
  const name = lastStep(path);
  if (!isRecord(parent[name])) parent[name] = {};
  return parent[name] as Record<string, unknown>;
}

interface Target {
  path: string;
  node: SchemaNode;
  /** The key that this one replaces when the file has it: `bindPassword` for `bindPasswordFile` and back. */
  rival?: string;
}

function targetsOf(leaf: Leaf): [string, Target][] {
  const own: Target = { path: leaf.path, node: leaf.node };
  if (!leaf.node.secret) return [[envName(leaf.path), own]];
  const file = fileKey(leaf.path);
  return [
    [envName(leaf.path), { ...own, rival: file }],
    [envName(file), { path: file, node: { type: 'string' }, rival: leaf.path }],
  ];
}

/** Changes `root` and `positions`; returns warnings about variables that mean nothing. */
export function overlayEnvironment(
  root: Record<string, unknown>,
  positions: Map<string, Origin>,
  schema: SchemaNode,
  env: Environment,
): Problem[] {
  const targets = new Map<string, Target>();
  for (const [name, target] of leavesOf(schema).flatMap(targetsOf)) if (!targets.has(name)) targets.set(name, target);
  const warnings: Problem[] = [];

  for (const [name, text] of Object.entries(env).toSorted()) {
    if (!name.startsWith(PREFIX) || !text || OTHERS.has(name)) continue;
    const target = targets.get(name);
    if (!target) {
      // Not a refusal: Kubernetes adds variables such as SPAREKEY_SERVICE_HOST on its own.
      const close = nearest(
        name.replace(PREFIX, ''),
        [...targets.keys()].map((known) => known.replace(PREFIX, '')),
      );
      warnings.push({
        path: '',
        at: { is: 'environment', name },
        what: 'is not a setting and does nothing.',
        ...(close ? { fix: `Did you mean ${PREFIX}${close}?` } : {}),
      });
      continue;
    }
    sectionAt(root, parentOf(target.path))[lastStep(target.path)] = typed(text, target.node);
    positions.set(target.path, { is: 'environment', name });
    const rival = target.rival;
    if (rival && positions.get(rival)?.is !== 'environment') {
      delete sectionAt(root, parentOf(rival))[lastStep(rival)];
      positions.delete(rival);
    }
  }
  return warnings;
}
