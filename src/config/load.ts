/** Loads the configuration from file, environment and secret files, and tells every problem at once. Prints no secret. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Environment, overlayEnvironment } from './environment.ts';
import type { SchemaNode } from './kinds.ts';
import { parseConfig, positionOf } from './parse.ts';
import { fileKey } from './path.ts';
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

export type LoadedConfig<R extends Registries = Registries> =
  | {
      is: 'ok';
      config: ConfigFor<R>;
      warnings: Problem[];
      /** Where a value was set, for messages: `sparekey.yaml:12:3`, `environment variable …` or `default`. */
      lineOf(path: string): string;
      originOf(path: string): Origin;
      schema: SchemaNode;
    }
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

export function loadConfig<const R extends Registries>(source: ConfigSource<R>): LoadedConfig<R> {
  const { file, env, registries } = source;
  const schema = buildSchema(registries);
  const { root, positions, problems } = readSource(file);
  if (root === undefined) return { is: 'invalid', problems, warnings: [] };

  const warnings = overlayEnvironment(root, positions, schema, env);
  const folder = file === undefined ? process.cwd() : dirname(resolve(file));
  const config = parseConfig(schema, root, { positions, folder, problems, warnings }) as ConfigFor<R>;

  const broken = problems.map(({ path }) => path);
  for (const { is, ...finding } of crossCheck(config as unknown as Config, broken)) {
    (is === 'problem' ? problems : warnings).push({ ...finding, at: positionOf(positions, finding.path) });
  }
  if (problems.length > 0) return { is: 'invalid', problems, warnings };

  const originOf = (path: string): Origin => positions.get(path) ?? positions.get(fileKey(path)) ?? { is: 'default' };
  const lineOf = (path: string): string =>
    placeOf(positions.get(path) ?? positions.get(fileKey(path)) ?? positionOf(positions, path));
  return { is: 'ok', config, warnings, lineOf, originOf, schema };
}
