/** One attempt at one job: the lease is renewed while the handler runs, a throw counts as `retry`, nothing escapes. */
import type { Claimed, Ledger } from './ledger.ts';
import type { JobHandler, JobOutcome } from './outbox.ts';
import type { OutboxSettings } from './settings.ts';

export type Handlers = Record<string, JobHandler>;

const causeOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : 'unknown error');

async function attempt(ledger: Ledger, job: Claimed, handlers: Handlers): Promise<JobOutcome> {
  const handler = Object.hasOwn(handlers, job.kind) ? handlers[job.kind] : undefined;
  // During a rolling upgrade another node may know it.
  if (!handler) return { is: 'retry', cause: `This node has no handler for "${job.kind}".` };
  try {
    return await handler(ledger.open(job));
  } catch (error) {
    return { is: 'retry', cause: causeOf(error) };
  }
}

/** Runs the handler. `undefined`: it took too long and was given up; another attempt follows when the lease has run out. */
export async function runHandler(
  ledger: Ledger,
  job: Claimed,
  handlers: Handlers,
  { leaseMs, handlerMs }: OutboxSettings,
): Promise<JobOutcome | undefined> {
  // A failed renewal needs no answer: then the lease runs out, and the fence does the rest.
  const renewing = setInterval(() => ledger.renew(job).catch(() => {}), leaseMs / 3);
  let giveUp: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    giveUp = setTimeout(() => resolve(undefined), handlerMs);
  });
  try {
    return await Promise.race([attempt(ledger, job, handlers), late]);
  } finally {
    clearInterval(renewing);
    clearTimeout(giveUp);
  }
}
