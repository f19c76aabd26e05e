/**
 * Estimates of strength, away from the event loop: one worker for the process, started when the first estimate is
 * asked for. It is advice, so whatever goes wrong (too slow, too many, a broken worker) ends as "no estimate" and nothing else.
 */
import { Worker } from 'node:worker_threads';
import { type Clock, minutes, seconds } from '../../kernel/clock.ts';
import { type Estimate, type Strength, strengthOf } from '../../policy/passwords/strength.ts';
import type { Question } from './estimate.ts';

export interface Meter {
  /** `undefined`: there is none in time. Never throws. */
  measure(password: string, words: readonly string[]): Promise<Strength | undefined>;
  close(): Promise<void>;
}

export interface MeterDeps {
  clock: Clock;
  log: { warn(detail: object, message: string): void };
  /** Module of the worker. */
  entry?: URL;
  /** ms that a caller waits. */
  patience?: number;
  /** ms that one estimate may take before its worker is ended. */
  limit?: number;
}

/** What an estimate reads: the time it takes grows faster than the length, and whoever types more is safe already. */
const READ = 64;
/** Callers that may wait; the oldest gives way. */
const WAITING = 8;
const WORD_LIMIT = 32;
const FIRST_PAUSE = seconds(2);
const LONGEST_PAUSE = minutes(10);

const own = import.meta.url;
const ESTIMATE = new URL(own.endsWith('.ts') ? 'estimate.ts' : 'estimate.js', own);

interface Job {
  question: Question;
  answer(strength: Strength | undefined): void;
}

export function createMeter(deps: MeterDeps): Meter {
  const { clock, log, entry = ESTIMATE, patience = 600, limit = seconds(5) } = deps;
  let worker: Worker | undefined;
  let running: Job | undefined;
  let watch: NodeJS.Timeout | undefined;
  let waiting: Job[] = [];
  let pause = FIRST_PAUSE;
  let restartAt = 0;
  let closed = false;

  const usable = (): boolean => {
    if (worker) return true;
    if (closed || clock.now() < restartAt) return false;
    try {
      worker = start();
    } catch (error) {
      fail(error);
    }
    return worker !== undefined;
  };

  function start(): Worker {
    const fresh = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: 256 } });
    // A worker that nobody closed must not keep a finished command alive.
    fresh.unref();
    fresh.on('message', (estimate: Estimate) => {
      pause = FIRST_PAUSE;
      finish(strengthOf(estimate));
      next();
    });
    fresh.on('error', fail);
    fresh.on('exit', () => {
      if (worker === fresh) fail(new Error('The worker ended.'));
    });
    return fresh;
  }

  function finish(strength: Strength | undefined): void {
    clearTimeout(watch);
    running?.answer(strength);
    running = undefined;
  }

  function fail(cause: unknown): void {
    const broken = worker;
    worker = undefined;
    finish(undefined);
    for (const job of waiting.splice(0)) job.answer(undefined);
    restartAt = clock.now() + pause;
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    if (!closed)
      log.warn({ err: cause, again: restartAt }, 'There is no strength meter for now; passwords are judged as ever.');
    broken
      ?.removeAllListeners('exit')
      .terminate()
      .catch(() => {});
  }

  function next(): void {
    if (running) return;
    running = waiting.shift();
    if (!running) return;
    worker?.postMessage(running.question);
    watch = setTimeout(() => fail(new Error(`An estimate took more than ${limit} ms.`)), limit);
    watch.unref();
  }

  return {
    measure(password, words) {
      if (password === '' || !usable()) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const late = setTimeout(() => answer(undefined), patience);
        const answer = (strength: Strength | undefined) => {
          clearTimeout(late);
          // Nobody waits for it any more, so it need not be begun.
          waiting = waiting.filter((one) => one !== job);
          resolve(strength);
        };
        const text = Array.from(password.slice(0, 2 * READ))
          .slice(0, READ)
          .join('');
        const job: Job = { question: { text, words: words.slice(0, WORD_LIMIT) }, answer };
        waiting.push(job);
        if (waiting.length > WAITING) waiting[0]?.answer(undefined);
        next();
      });
    },
    async close() {
      closed = true;
      const last = worker;
      worker = undefined;
      finish(undefined);
      for (const job of [...waiting]) job.answer(undefined);
      await last?.terminate();
    },
  };
}
