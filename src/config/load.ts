/** Loads the configuration from file, environment and secret files, and tells every problem at once. Prints no secret. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Environment, overlayEnvironment, sectionAt } from './environment.ts';
import { type Finding, problem } from './finding.ts';
import type { SchemaNode } from './kinds.ts';
import { parseConfig, positionOf } from './parse.ts';
import { fileKey, lastStep, parentOf } from './path.ts';
import { type Origin, type Problem, placeOf } from './problem.ts';
import { buildSchema, type Config, type Registries } from './schema.ts';
import { crossCheck } from './validate.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

export interface ConfigSource<R extends Registries = Registries> {
  /** Path of `sparekey.yaml`; `undefined`: everything from the environment. */
  file: string | undefined;
  env: Environment;
  registries: R;
}

type ConfigFor<R extends Registries> = Config<
  R['directories'],
  R['notifiers'],
  R['methods'],
  R['textNotifiers'],
  R['voiceNotifiers'],
  R['connectors']
>;

/** Written as in the file, by path. */
export type StoredValues = Readonly<Record<string, unknown>>;

/** What the file and the environment say, and what may lie beneath. */
export interface Layers<R extends Registries = Registries> {
  config: ConfigFor<R>;
  schema: SchemaNode;
  /** Where file or environment set this; `undefined`: neither does. */
  fixedAt(path: string): Origin | undefined;
  /** The same file and environment over stored values: the file wins, schema and cross checks are the same. */
  over(values: StoredValues, version: number): LoadedConfig<R>;
}

export type LoadedConfig<R extends Registries = Registries> =
  | (Layers<R> & {
      is: 'ok';
      warnings: Problem[];
      /** Where a value was set, for messages: `sparekey.yaml:12:3`, `environment variable …` or `default`. */
      lineOf(path: string): string;
      originOf(path: string): Origin;
    })
  | { is: 'invalid'; problems: Problem[]; warnings: Problem[] };

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file.',
  EACCES: 'the file may not be read by this user.',
  EISDIR: 'this is a folder.',
};

function readSource(file: string | undefined): YamlFile {
  if (file === undefined) return { root: {}, positions: new Map(), problems: [] };
  try {
    return readYaml(readFileSync(file, 'utf8'), file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const what = REASONS[code] ?? `reading the file fails (${code}).`;
    const fix = 'Name the file with --config, or make one with `sparekey init`.';
    const at: Origin = { is: 'file', file, line: 1, column: 1 };
    return { root: undefined, positions: new Map(), problems: [{ path: '', at, what, fix }] };
  }
}

interface Written<R extends Registries> {
  registries: R;
  schema: SchemaNode;
  root: Record<string, unknown>;
  positions: ReadonlyMap<string, Origin>;
  folder: string;
  problems: readonly Problem[];
  warnings: readonly Problem[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (root: Record<string, unknown>, path: string): unknown =>
  path.split('.').reduce<unknown>((section, name) => (isRecord(section) ? section[name] : undefined), root);

/** The stored values beneath what is written. */
function beneath<R extends Registries>(written: Written<R>, values: StoredValues, version: number): Written<R> {
  const root = structuredClone(written.root);
  const positions = new Map(written.positions);
  for (const [path, value] of Object.entries(values)) {
    if ((valueAt(root, path) ?? undefined) !== undefined) continue;
    sectionAt(root, parentOf(path))[lastStep(path)] = structuredClone(value);
    positions.set(path, { is: 'stored', version });
  }
  return { ...written, root, positions };
}

function wordingFindings({ wording = {} }: Partial<Config>, { wordingFault }: Registries): Finding[] {
  if (!wordingFault) return [];
  return Object.entries(wording).flatMap(([language, texts]) =>
    Object.entries(texts ?? {}).flatMap(([key, text]) => {
      const fault = wordingFault(language, key, String(text));
      return fault
        ? [problem(`wording.${language}.${key}`, fault, 'Correct it, or leave it out: then ours is shown.')]
        : [];
    }),
  );
}

function judge<R extends Registries>(written: Written<R>): LoadedConfig<R> {
  const { registries, schema, root, positions, folder } = written;
  const problems = [...written.problems];
  const warnings = [...written.warnings];
  const config = parseConfig(schema, root, { positions, folder, problems, warnings }) as ConfigFor<R>;

  const broken = problems.map(({ path }) => path);
  const plain = config as unknown as Config;
  const found = [
    ...crossCheck(plain, broken),
    ...(broken.some((path) => path.startsWith('wording')) ? [] : wordingFindings(plain, registries)),
  ];
  for (const { is, ...finding } of found) {
    (is === 'problem' ? problems : warnings).push({ ...finding, at: positionOf(positions, finding.path) });
  }
  if (problems.length > 0) return { is: 'invalid', problems, warnings };

  const originOf = (path: string): Origin => positions.get(path) ?? positions.get(fileKey(path)) ?? { is: 'default' };
  const lineOf = (path: string): string =>
    placeOf(positions.get(path) ?? positions.get(fileKey(path)) ?? positionOf(positions, path));
  return {
    is: 'ok',
    config,
    warnings,
    lineOf,
    originOf,
    schema,
    fixedAt: (path) => ((valueAt(root, path) ?? undefined) === undefined ? undefined : originOf(path)),
    over: (values, version) => judge(beneath(written, values, version)),
  };
}

export function loadConfig<const R extends Registries>(source: ConfigSource<R>): LoadedConfig<R> {
  const { file, env, registries } = source;
  const schema = buildSchema(registries);
  const { root, positions, problems } = readSource(file);
  if (root === undefined) return { is: 'invalid', problems, warnings: [] };
  const warnings = overlayEnvironment(root, positions, schema, env);
  const folder = file === undefined ? process.cwd() : dirname(resolve(file));
  return judge({ registries, schema, root, positions, folder, problems, warnings });
}
