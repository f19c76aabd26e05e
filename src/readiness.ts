/** Readiness as the configuration wants it. */
import { createHash } from 'node:crypto';
import type { FlowDeps } from './flow/deps.ts';
import { mayBeFirst } from './flow/usable.ts';
import { createFigures } from './insight/readiness/figures.ts';
import type { Judging } from './insight/readiness/judge.ts';
import { createReadiness } from './insight/readiness/readiness.ts';
import { methodPlugins } from './methods/index.ts';
import type { VerificationMethod } from './methods/method.ts';
import { attributesOf } from './policy/rules.ts';
import type { SparekeyConfig } from './registries.ts';
import { methodsInUse, ruleBookOf } from './rule-book.ts';
import { attributesOfRoles } from './staff/roles.ts';

export const judgingOf = (
  config: SparekeyConfig,
  methods: ReadonlyMap<string, Pick<VerificationMethod, 'first'>>,
): Judging => {
  const book = ruleBookOf(config);
  return {
    book,
    inUse: methodsInUse(book),
    mayBeFirst: mayBeFirst(methods as ReadonlyMap<string, VerificationMethod>),
  };
};

/** Whatever the verdict hangs on beside people themselves. */
const fingerprintOf = (config: SparekeyConfig): string =>
  createHash('sha256')
    .update(JSON.stringify([config.policy, config.methods, Object.keys(methodPlugins)]))
    .digest('base64url')
    .slice(0, 22);

export type ReadinessInput = Pick<
  FlowDeps,
  'storage' | 'directory' | 'authenticators' | 'clock' | 'alerts' | 'outbox' | 'audit' | 'log'
>;

/** `methods`: all that could be opened, so that what people have is known whatever the rules say today. */
export function readinessOf(
  config: SparekeyConfig,
  input: ReadinessInput,
  methods: ReadonlyMap<string, VerificationMethod>,
) {
  const day = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone: config.organisation.timeZone });
  const dayOf = (at: number): string => day.format(at);
  const { keep: keepDays, ...settings } = config.readiness;
  const readiness = createReadiness({
    ...input,
    methods,
    judging: judgingOf(config, methods),
    keeps: [...new Set([...attributesOf(ruleBookOf(config)), ...attributesOfRoles(config.console.roles)])],
    fingerprint: fingerprintOf(config),
    settings: { ...settings, keepDays },
    dayOf,
  });
  return { ...readiness, figures: createFigures({ storage: input.storage, dayOf }) };
}
