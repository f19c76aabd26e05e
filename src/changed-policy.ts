/**
 * A changed `policy:` as the configuration would take it: the same schema, the same cross checks, and what is not written stays as
 * it is. Nothing is put in force.
 */
import { parseConfig, positionOf } from './config/parse.ts';
import type { Problem } from './config/problem.ts';
import { buildSchema, type Config } from './config/schema.ts';
import { crossCheck } from './config/validate.ts';
import { readYaml } from './config/yaml-file.ts';
import { registries, type SparekeyConfig } from './registries.ts';

export type ChangedPolicy =
  | { is: 'ok'; config: SparekeyConfig; warnings: Problem[] }
  | { is: 'invalid'; problems: Problem[] };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sections of which single keys may be written. */
const SECTIONS = ['recovery', 'privileged', 'risk', 'password'];

/** `written` says which keys of `parsed` are meant. */
function merged(now: Record<string, unknown>, parsed: Record<string, unknown>, written: Record<string, unknown>) {
  const change = Object.keys(written).map((key): [string, unknown] => {
    const [own, fresh, keys] = [now[key], parsed[key], written[key]];
    const inside = SECTIONS.includes(key) && isRecord(own) && isRecord(fresh) && isRecord(keys);
    return [
      key,
      inside ? { ...own, ...Object.fromEntries(Object.keys(keys).map((name) => [name, fresh[name]])) } : fresh,
    ];
  });
  return { ...now, ...Object.fromEntries(change) };
}

/** `text`: YAML, with or without the line `policy:` around it. */
export function changedPolicy(config: SparekeyConfig, text: string, name = 'policy'): ChangedPolicy {
  const { root, positions, problems } = readYaml(text, name);
  if (root === undefined) return { is: 'invalid', problems };
  const bare = !('policy' in root);
  const whole = bare ? { policy: root } : root;
  const places = bare
    ? new Map([...positions].map(([path, at]) => [path === '' ? 'policy' : `policy.${path}`, at]))
    : positions;
  const policy = buildSchema(registries).properties?.['policy'];
  const schema = { type: 'object', properties: { policy: policy ?? {} }, required: [], additionalProperties: false };
  const warnings: Problem[] = [];
  const parsing = { positions: places, folder: process.cwd(), problems, warnings };
  const parsed = parseConfig(schema, whole, parsing) as { policy: Record<string, unknown> };
  if (problems.length > 0) return { is: 'invalid', problems };
  const written = isRecord(whole['policy']) ? whole['policy'] : {};
  const changed = { ...config, policy: merged(config.policy, parsed.policy, written) } as SparekeyConfig;
  for (const { is, ...finding } of crossCheck(changed as unknown as Config, [])) {
    // What is wrong elsewhere was told when Sparekey started.
    if (finding.path !== 'policy' && !finding.path.startsWith('policy.')) continue;
    (is === 'problem' ? problems : warnings).push({ ...finding, at: positionOf(places, finding.path) });
  }
  return problems.length > 0 ? { is: 'invalid', problems } : { is: 'ok', config: changed, warnings };
}
