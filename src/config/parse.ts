/** Turns what was written into the configuration: checks every value, fills defaults in, and goes on after a problem. */
import { resolve } from 'node:path';
import { Value } from 'typebox/value';
import { parseDuration } from './duration.ts';
import { choicesOf, discriminatorOf, isPath, mustBeGiven, type SchemaNode } from './kinds.ts';
import { keysOf } from './leaves.ts';
import { nearest } from './nearest.ts';
import { fileKey, join, parentOf } from './path.ts';
import type { Origin, Problem } from './problem.ts';
import { readSecretFile } from './secret-file.ts';
import { veil } from './veil.ts';
import { allowedWords, written } from './words.ts';

export interface Parsing {
  /** Where every written key stands. */
  positions: ReadonlyMap<string, Origin>;
  /** Relative paths count from here. */
  folder: string;
  problems: Problem[];
  warnings: Problem[];
}

/** SQLite's name for a database without a file. */
const IN_MEMORY = ':memory:';

/** Marks a value that can't be used; its problem has been told. */
const BROKEN = Symbol('broken');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a section';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'true or false' : 'a number';
};

/** Where `path` stands, or the closest section around it. */
export function positionOf(positions: ReadonlyMap<string, Origin>, path: string): Origin | undefined {
  const own = positions.get(path);
  if (own || path === '') return own;
  return positionOf(positions, parentOf(path));
}

function quoted(node: SchemaNode, value: unknown): string {
  if (node.secret || typeof value === 'object') return '';
  const text = String(value);
  return ` ("${text.length > 60 ? `${text.slice(0, 60)}…` : text}")`;
}

const nameOf = (branch: SchemaNode, union: SchemaNode): string =>
  String(branch.properties?.[discriminatorOf(union) ?? '']?.const);

const tagsOf = (node: SchemaNode, tag: string): string[] =>
  (node.anyOf ?? []).map((branch) => String(branch.properties?.[tag]?.const));

function exampleOf(node: SchemaNode): string | undefined {
  const example = node.examples?.[0];
  if (example !== undefined && !node.secret) return written(example);
  const choices = choicesOf(node);
  return choices ? written(choices[0]) : undefined;
}

export function parseConfig(schema: SchemaNode, root: unknown, parsing: Parsing): unknown {
  const { positions, folder, problems, warnings } = parsing;
  const at = (path: string) => positionOf(positions, path);
  const refuse = (path: string, what: string, more: { allowed?: string; fix?: string } = {}): typeof BROKEN => {
    problems.push({ path, at: at(path), what, ...more });
    return BROKEN;
  };

  function missing(path: string, name: string, node: SchemaNode): void {
    const tag = discriminatorOf(node);
    if (tag) {
      const allowed = tagsOf(node, tag).join(', ');
      refuse(path, 'is missing.', { allowed: `${tag}: ${allowed}`, fix: `Add ${name}: and below it ${tag}: …` });
      return;
    }
    const fix = node.secret
      ? `Name a file with it: ${fileKey(name)}: /run/secrets/${name}`
      : `Add ${name}: ${exampleOf(node) ?? '…'}`;
    refuse(path, 'is missing.', { allowed: node.description ?? allowedWords(node), fix });
  }

  function unknownKeys(node: SchemaNode, raw: Record<string, unknown>, path: string, union?: SchemaNode): void {
    const keys = keysOf(node);
    for (const name of Object.keys(raw)) {
      if (keys.includes(name)) continue;
      const close = nearest(
        name,
        keys.filter((key) => !(key in raw)),
      );
      const owner = union?.anyOf?.find((branch) => keysOf(branch).includes(name));
      const elsewhere =
        owner && union ? `Belongs to ${discriminatorOf(union)}: ${nameOf(owner, union)}.` : 'Remove it.';
      const fix = close ? `Did you mean ${close}?` : elsewhere;
      refuse(join(path, name), 'is not a known key.', { allowed: keys.join(', '), fix });
    }
  }

  /** The written value, or the content of the file that `<name>File` names. */
  function secretOf(raw: Record<string, unknown>, path: string, name: string): unknown {
    const named = raw[fileKey(name)];
    const place = join(path, name);
    const filePlace = join(path, fileKey(name));
    if (named === undefined || named === null) {
      if (raw[name] && at(place)?.is === 'file') {
        const fix = `Put it into a file of its own and write ${fileKey(name)}: instead.`;
        warnings.push({ path: place, at: at(place), what: 'a secret stands in the configuration file.', fix });
      }
      return raw[name];
    }
    if (raw[name] !== undefined && raw[name] !== null) {
      return refuse(place, `is given twice: here and as ${fileKey(name)}.`, { fix: 'Keep one of the two.' });
    }
    if (typeof named !== 'string' || named === '') {
      return refuse(filePlace, `must be a file path, but is ${kindOf(named)}.`, { allowed: 'a file path' });
    }
    const file = readSecretFile(resolve(folder, named));
    if (file.is === 'unreadable') return refuse(filePlace, `can’t read ${named}: ${file.cause}`, { fix: file.fix });
    if (file.readableByAll) {
      const fix = `chmod 600 ${named}`;
      warnings.push({
        path: filePlace,
        at: at(filePlace),
        what: 'every user of this machine can read the secret.',
        fix,
      });
    }
    return file.value;
  }

  function section(node: SchemaNode, raw: unknown, path: string, union?: SchemaNode): unknown {
    if (!isRecord(raw)) {
      const fix = 'Write its keys below it, indented by two spaces.';
      return refuse(path, `must be a section, but is ${kindOf(raw)}.`, { allowed: keysOf(node).join(', '), fix });
    }
    if (node.additionalProperties === false) unknownKeys(node, raw, path, union);
    const parsed: Record<string, unknown> = {};
    const secrets: string[] = [];
    for (const [name, property] of Object.entries(node.properties ?? {})) {
      const place = join(path, name);
      if (property.secret) secrets.push(name);
      const found = property.secret ? secretOf(raw, path, name) : raw[name];
      if (found === BROKEN) continue;
      const optional = !node.required?.includes(name);
      if ((found === undefined || found === null) && mustBeGiven(node, name)) missing(place, name, property);
      else if ((found === undefined || found === null) && optional && !('default' in property)) continue;
      else parsed[name] = value(property, found, place);
    }
    return secrets.length > 0 ? veil(parsed, secrets) : parsed;
  }

  function union(node: SchemaNode, tag: string, raw: unknown, path: string): unknown {
    const choices = tagsOf(node, tag);
    const allowed = choices.join(', ');
    if (!isRecord(raw))
      return refuse(path, `must be a section, but is ${kindOf(raw)}.`, { allowed: `${tag}: ${allowed}` });
    const chosen = raw[tag] ?? (node.default as Record<string, unknown> | undefined)?.[tag];
    if (chosen === undefined || chosen === null) {
      return refuse(join(path, tag), 'is missing.', { allowed, fix: `Add ${tag}: ${choices[0] ?? '…'}` });
    }
    const branch = node.anyOf?.find((candidate) => candidate.properties?.[tag]?.const === chosen);
    if (branch) return section(branch, { ...raw, [tag]: chosen }, path, node);
    const close = nearest(String(chosen), choices);
    return refuse(join(path, tag), `is not one of the choices${quoted({}, chosen)}.`, {
      allowed,
      ...(close ? { fix: `Did you mean ${close}?` } : {}),
    });
  }

  function record(node: SchemaNode, raw: unknown, path: string): unknown {
    const entry = Object.values(node.patternProperties ?? {})[0] ?? {};
    if (!isRecord(raw)) return refuse(path, `must be a section, but is ${kindOf(raw)}.`);
    return Object.fromEntries(
      Object.entries(raw).map(([name, found]) => [name, value(entry, found, join(path, name))]),
    );
  }

  function list(node: SchemaNode, raw: unknown, path: string): unknown {
    const allowed = allowedWords(node);
    if (!Array.isArray(raw)) {
      const fix =
        typeof raw === 'object' ? {} : { fix: `Write it in brackets: [${node.items?.secret ? '…' : String(raw)}]` };
      return refuse(path, `must be a list, but is ${kindOf(raw)}.`, { allowed, ...fix });
    }
    const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items = {} } = node;
    if (raw.length < minItems || raw.length > maxItems) return refuse(path, `has ${raw.length} entries.`, { allowed });
    const texts = raw.map((entry) => JSON.stringify(entry));
    texts.forEach((text, index) => {
      if (node.uniqueItems && texts.indexOf(text) !== index) {
        refuse(join(path, index), 'stands in the list twice.', { fix: 'Remove one of the two.' });
      }
    });
    return raw.map((entry, index) => value(items, entry, join(path, index)));
  }

  function duration(node: SchemaNode, raw: unknown, path: string): unknown {
    const allowed = allowedWords(node);
    const ms = typeof raw === 'string' ? parseDuration(raw) : undefined;
    if (ms === undefined) {
      const fix = /^[0-9]+$/.test(String(raw))
        ? `Add a unit: ${raw} s, ${raw} min or ${raw} h`
        : `Write ${node.default ?? '10 min'}`;
      return refuse(path, `is not a duration${quoted(node, raw)}.`, { allowed, fix });
    }
    const { min, max } = node.duration === true || !node.duration ? { min: '0 ms', max: '366 d' } : node.duration;
    const short = ms < (parseDuration(min) ?? 0);
    if (!short && ms <= (parseDuration(max) ?? Number.POSITIVE_INFINITY)) return ms;
    return refuse(path, `is too ${short ? 'short' : 'long'}${quoted(node, raw)}.`, { allowed });
  }

  function scalar(node: SchemaNode, raw: unknown, path: string): unknown {
    const [fault] = Value.Errors(node as object, raw);
    if (!fault) return isPath(node, path) && raw !== IN_MEMORY ? resolve(folder, raw as string) : raw;
    const allowed = allowedWords(node, path);
    const choices = choicesOf(node)?.map(String);
    if (choices) {
      const close = nearest(String(raw), choices);
      return refuse(path, `is not one of the choices${quoted(node, raw)}.`, {
        allowed,
        ...(close ? { fix: `Did you mean ${close}?` } : {}),
      });
    }
    if (fault.keyword === 'type') {
      const numeric = node.type === 'string' && typeof raw !== 'object';
      const quotedText = node.secret ? '"…"' : `"${String(raw)}"`;
      const fix = numeric ? { fix: `Put it in quotes: ${quotedText}` } : {};
      return refuse(path, `must be ${allowed}, but is ${kindOf(raw)}${quoted(node, raw)}.`, fix);
    }
    if (raw === '') return refuse(path, 'is empty.', { allowed });
    if (fault.keyword === 'pattern' || fault.keyword === 'format') {
      const example = exampleOf(node);
      const fix = example ? { fix: `Write it like ${example}` } : {};
      return refuse(path, `is not of the right form${quoted(node, raw)}.`, {
        allowed: node.description ?? allowed,
        ...fix,
      });
    }
    return refuse(path, `is out of range${quoted(node, raw)}.`, { allowed });
  }

  function value(node: SchemaNode, raw: unknown, path: string): unknown {
    const tag = discriminatorOf(node);
    const isSection = node.properties !== undefined || node.patternProperties !== undefined;
    const given = raw ?? node.default ?? (isSection || tag ? {} : raw);
    if (tag) return union(node, tag, given, path);
    if (node.properties) return section(node, given, path);
    if (node.patternProperties) return record(node, given, path);
    if (node.type === 'array') return list(node, given, path);
    if (given === undefined || given === null) return refuse(path, 'is empty.', { allowed: allowedWords(node) });
    return node.duration ? duration(node, given, path) : scalar(node, given, path);
  }

  return value(schema, root ?? {}, '');
}
