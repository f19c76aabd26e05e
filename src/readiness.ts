/** Readiness, preview and trial run as the configuration wants them. */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { changedPolicy } from './changed-policy.ts';
import { systemLabelsOf } from './connected-systems.ts';
import type { ConsoleRoutes } from './console/console.ts';
import { readinessArea } from './console/readiness/index.tsx';
import { type RulesPort, rulesArea } from './console/rules/index.tsx';
import type { FlowDeps } from './flow/deps.ts';
import { mayBeFirst } from './flow/usable.ts';
import { createFigures } from './insight/readiness/figures.ts';
import type { Judging } from './insight/readiness/judge.ts';
import { createReadiness } from './insight/readiness/readiness.ts';
import { createTrial } from './insight/trial/trial.ts';
import { methodPlugins } from './methods/index.ts';
import type { VerificationMethod } from './methods/method.ts';
import { openMethods } from './open.ts';
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
  'storage' | 'directory' | 'authenticators' | 'clock' | 'alerts' | 'outbox' | 'audit' | 'log' | 'keyring'
>;

export type OpenReadiness = Awaited<ReturnType<typeof openReadiness>>;

/** All ways to verify that are set up, so that what people have is known whatever the rules say today. */
async function openAllMethods(config: SparekeyConfig, input: ReadinessInput) {
  const { storage, keyring, clock, directory } = input;
  const used = methodsInUse(ruleBookOf(config));
  const opened: [string, VerificationMethod][] = [];
  for (const id of Object.keys(methodPlugins)) {
    const one = openMethods(config, keyring, storage, clock, undefined, () => directory, new Set([id]));
    // What is not set up is nobody's way; what the rules name must be.
    opened.push(...(used.has(id) ? await one : await one.catch(() => new Map<string, VerificationMethod>())));
  }
  return new Map(opened);
}

export async function openReadiness(config: SparekeyConfig, input: ReadinessInput) {
  const { storage } = input;
  const methods = await openAllMethods(config, input);
  const day = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone: config.organisation.timeZone });
  const dayOf = (at: number): string => day.format(at);
  const keeps = [...new Set([...attributesOf(ruleBookOf(config)), ...attributesOfRoles(config.console.roles)])];
  const judging = judgingOf(config, methods);
  const { keep: keepDays, ...settings } = config.readiness;
  const deps = { ...input, methods, judging, keeps, settings: { ...settings, keepDays }, dayOf };
  return {
    ...createReadiness({ ...deps, fingerprint: fingerprintOf(config) }),
    figures: createFigures({ storage, dayOf }),
    judging,
    /** As the rules of a changed configuration would judge. */
    judgingBy: (changed: SparekeyConfig): Judging => judgingOf(changed, methods),
    /** Attributes that changed rules look at and nobody has read yet: whoever is meant by them only, is not seen. */
    unread: (changed: SparekeyConfig): string[] =>
      attributesOf(ruleBookOf(changed)).filter((name) => !keeps.includes(name)),
  };
}

/** km/h, as for journeys. */
const AEROPLANE = 950;

export const trialOf = (config: SparekeyConfig, flow: FlowDeps) =>
  createTrial({
    flow,
    get risk() {
      return { ...config.policy.risk, speedLimit: AEROPLANE };
    },
    systemsOf: (account) => systemLabelsOf(config, account),
  });

/** Readiness and rules in the console, and what keeps the figures up to date. */
export function readinessPart({ flow, config }: { flow: FlowDeps; config: SparekeyConfig }) {
  let opened: Promise<OpenReadiness> | undefined;
  const open = () => {
    opened ??= openReadiness(config, flow);
    return opened;
  };
  let begun: Promise<() => void | Promise<void>> | undefined;
  const begin = () => {
    begun = open().then((readiness) => readiness.begin());
    begun.catch((error) => flow.log.error({ err: error }, 'Readiness could not begin.'));
  };
  const end = async () => {
    const ended = begun;
    begun = undefined;
    await (await ended?.catch(() => undefined))?.();
  };
  const trial = trialOf(config, flow);
  const rules: RulesPort = {
    policy: () => stringify(shownPolicy(config)),
    async change(text, staff) {
      const changed = changedPolicy(config, text);
      if (changed.is === 'invalid') return changed;
      const { judging, judgingBy, unread } = await open();
      const input = { storage: flow.storage, present: judging, changed: judgingBy(changed.config), staff };
      return { is: 'ok', input, warnings: changed.warnings, unread: unread(changed.config) };
    },
    trial,
  };
  return {
    area: (routes: ConsoleRoutes) => {
      readinessArea({ flow, figures: async () => (await open()).figures })(routes);
      rulesArea({ flow, rules })(routes);
    },
    begin() {
      begin();
      return end;
    },
    /** By other rules everybody is judged anew. */
    async changed() {
      const running = begun !== undefined;
      await end();
      opened = undefined;
      if (running) begin();
    },
  };
}

/** What people change when they change rules, as they would write it. */
const shownPolicy = ({ policy: { recovery, privileged, groups } }: SparekeyConfig) => ({
  policy: { recovery, privileged, groups },
});
