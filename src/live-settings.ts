/**
 * Settings that change while a node runs. What parts work with is taken from the configuration once, and put in its place when
 * another version took force: in one go between two steps of any request, so that nobody ever sees half of it.
 */
import type { FastifyBaseLogger } from 'fastify';
import { brandOf } from './brand.ts';
import { days, seconds } from './kernel/clock.ts';
import type { VerificationMethod } from './methods/method.ts';
import type { SparekeyConfig } from './registries.ts';
import { ruleBookOf } from './rule-book.ts';
import { type InForce, type SparekeyLayers, settingsInForce } from './settings-in-force.ts';
import { currentNumber } from './storage/repositories/settings-versions.ts';
import type { Storage } from './storage/storage.ts';
import type { Language } from './text/index.ts';
import { paths } from './ui/paths.ts';

const EVERY = seconds(2);
/** km/h; nobody travels faster on a ticket. */
const AEROPLANE = 950;

/** A copy: what is put in place later changes nothing else. */
export function liveOf(config: SparekeyConfig) {
  const { policy, lifetimes, limits, organisation, language, texts } = config;
  const { countries, budgetPerDay, neighboursPerHour, unansweredPerHour } = texts;
  return structuredClone({
    rules: ruleBookOf(config),
    contacts: {
      recent: policy.recentContact,
      sharedPhone: policy.sharedPhone,
      reconfirmAfter: policy.reconfirmAfter,
    },
    alerts: { addresses: organisation.alerts, language: language.default },
    risk: { ...policy.risk, speedLimit: AEROPLANE },
    limits: {
      startsPerIdentifier: limits.starts.perIdentifierPerHour,
      startsPerNetwork: limits.starts.perIpPerHour,
      sendsPerHour: limits.sends.perAccountPerHour,
      sendsPerDay: limits.sends.perAccountPerDay,
      sendsPerDestination: limits.sends.perDestinationPerHour,
      tries: limits.triesPerCode,
      signInFailures: limits.signIn.failures,
      signInWindow: limits.signIn.window,
      ladder: {
        waitFrom: limits.ladder.freeTries,
        firstWaitMs: limits.ladder.firstWait,
        longestWaitMs: limits.ladder.longestWait,
        disableAt: limits.ladder.disableAt,
        keepMs: days(365),
      },
    },
    costs: { countries, budgetPerDay, neighboursPerHour, unansweredPerHour },
    lifetimes: { ...lifetimes, resendWait: limits.sends.resendWait },
    languages: language.offered,
    resends: limits.sends.resendsPerFlow,
    passwords: {
      minLength: policy.password.minLength,
      maxLength: policy.password.maxLength,
      history: policy.password.history,
      substrings: policy.password.substrings,
      leakedAtSignIn: config.breach.atSignIn,
      contextWords: [...policy.password.contextWords, organisation.name, ...organisation.name.split(/\s+/), 'sparekey'],
    },
    brand: brandOf(config),
    signInUrl: organisation.signInUrl ?? paths.signIn,
    defaultLanguage: language.default as Language,
  });
}

export type Live = ReturnType<typeof liveOf>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Makes `target` hold what `source` holds; objects and lists in it stay the same ones, so whoever has one sees the change. */
export function putInPlace(target: unknown, source: unknown): void {
  if (Array.isArray(target) && Array.isArray(source)) {
    target.splice(0, target.length, ...source);
    return;
  }
  if (!isRecord(target) || !isRecord(source)) return;
  for (const key of Object.keys(target)) if (!(key in source)) delete target[key];
  for (const [key, value] of Object.entries(source)) {
    const old = target[key];
    if ((isRecord(old) && isRecord(value)) || (Array.isArray(old) && Array.isArray(value))) putInPlace(old, value);
    else target[key] = value;
  }
}

/** Sections of the configuration in which something can change without a restart. */
const SECTIONS = [
  'policy',
  'wording',
  'organisation',
  'language',
  'limits',
  'lifetimes',
  'methods',
  'readiness',
] as const;

/** Changes `config` itself, which parts ask that look at it late. */
export function putSectionsInPlace(config: SparekeyConfig, next: SparekeyConfig): void {
  for (const section of SECTIONS) putInPlace(config[section], next[section]);
  const { senders: _, ...costs } = next.texts;
  putInPlace(config.texts, { ...costs, senders: config.texts.senders });
}

export interface LiveSettingsDeps {
  layers: SparekeyLayers;
  storage: Storage;
  /** What the node started with. */
  started: InForce;
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  open(config: SparekeyConfig): Promise<Map<string, VerificationMethod>>;
  /** Without a pause: no request may come between. */
  swap(config: SparekeyConfig, methods: Map<string, VerificationMethod>): void;
  /** Afterwards. */
  changed(): Promise<void>;
}

export type LiveSettings = ReturnType<typeof createLiveSettings>;

export function createLiveSettings({ layers, storage, started, log, open, swap, changed }: LiveSettingsDeps) {
  let { number: known } = started;
  let last: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let told = '';

  const tellIgnored = ({ number, ignored }: InForce): void => {
    for (const { path, why } of ignored)
      log.warn({ version: number, key: path, why }, 'A stored setting is ignored: see sparekey settings show.');
  };

  async function lookOnce(): Promise<void> {
    if ((await currentNumber(storage.db)) === known) return;
    const next = await settingsInForce(layers, storage);
    const methods = await open(next.config);
    swap(next.config, methods);
    known = next.number;
    told = '';
    log.info({ version: next.number }, 'Other settings are in force.');
    tellIgnored(next);
    await changed();
  }

  /** Resolves when what was in force at the call is in force here. */
  const look = (): Promise<void> => {
    last = last.catch(() => {}).then(lookOnce);
    return last;
  };

  return {
    look,
    /** Version that this node works with. */
    version: () => known,
    begin(): void {
      tellIgnored(started);
      timer = setInterval(() => {
        look().catch((error) => {
          const says = String(error);
          if (says !== told) log.error({ err: error }, 'Other settings could not be put in force; the old ones hold.');
          told = says;
        });
      }, EVERY);
      timer.unref();
    },
    async end(): Promise<void> {
      clearInterval(timer);
      await last.catch(() => {});
    },
  };
}
