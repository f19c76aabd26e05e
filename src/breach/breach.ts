/**
 * One port for the question "is this password in a known leak?". The range API is asked first when it is switched on, the
 * corpus file answers when it can't, and when neither can, the answer is `unavailable`: the blocklist that Sparekey ships is
 * still enforced by the caller, and `whenUnavailable` says whether the password is taken (H-04).
 */
import type { Clock } from '../kernel/clock.ts';
import type { Finding, Resource } from '../kernel/plugin.ts';
import type { Secret } from '../kernel/secret.ts';
import { createRangeApi, type RangeApi } from './range-api.ts';
import { createWatchedCorpus, type WatchedCorpus } from './watched-corpus.ts';

export type BreachAnswer =
  | { is: 'clean' }
  /** `count`: how often it was seen in leaks, when the source tells. */
  | { is: 'breached'; count?: number }
  /** No source could answer. `cause` is for operators and holds neither password nor hash. */
  | { is: 'unavailable'; cause: string };

/** `here`: only the file; nothing of what is still being typed leaves this machine. */
export type Reach = 'anywhere' | 'here';

export interface BreachCorpus extends Resource {
  /** What a caller does with `unavailable`. */
  readonly whenUnavailable: 'accept' | 'refuse';
  /** Never throws. What is `unavailable` has been logged. */
  lookUp(password: Secret, reach?: Reach): Promise<BreachAnswer>;
}

/** The section `breach` of the configuration. */
export interface BreachConfig {
  /** Absolute path of a file made by `sparekey breach build`. */
  file?: string;
  /** `timeout` in ms. */
  online: { enabled: boolean; url: string; timeout: number };
  whenUnavailable: 'accept' | 'refuse';
}

/** A logger such as that of the server. */
export interface BreachLog {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
  error(about: object, message: string): void;
}

export interface BreachPorts {
  clock: Clock;
  log: BreachLog;
  fetch?: typeof fetch;
}

/** `undefined` when nothing is configured. A source that doesn't work yet is no reason not to start: it is asked again later. */
export function openBreach(
  config: BreachConfig,
  { clock, log, fetch: send = fetch }: BreachPorts,
): BreachCorpus | undefined {
  const corpus = config.file === undefined ? undefined : createWatchedCorpus(config.file, { clock, log });
  const online = config.online.enabled ? createRangeApi(config.online, { clock, log, fetch: send }) : undefined;
  return corpus || online ? join(config, log, online, corpus) : undefined;
}

function join(
  { whenUnavailable }: BreachConfig,
  log: BreachLog,
  online: RangeApi | undefined,
  corpus: WatchedCorpus | undefined,
): BreachCorpus {
  return {
    whenUnavailable,
    async lookUp(secret, reach = 'anywhere') {
      const password = secret.reveal();
      if (reach === 'here' && !corpus) return { is: 'unavailable', cause: 'There is no file to look it up in.' };
      const causes: string[] = [];
      const asked = reach === 'here' ? undefined : await online?.lookUp(password);
      if (asked && asked.is !== 'unavailable') return asked;
      if (asked) causes.push(asked.cause);
      const found = corpus?.lookUp(password);
      if (found && found.is !== 'unavailable') return found;
      if (found) causes.push(found.cause);
      const cause = causes.join(' ');
      log.warn({ cause, password: whenUnavailable }, 'A password could not be looked up among the breached ones.');
      return { is: 'unavailable', cause };
    },
    async check(): Promise<Finding[]> {
      return [...((await online?.check()) ?? []), ...(corpus?.check() ?? [])];
    },
    async close() {
      corpus?.close();
    },
  };
}
