/** What an operator must know of the outbox: does work wait too long, and did some die. */
import { type Clock, days, minutes } from '../kernel/clock.ts';
import type { Finding } from '../kernel/plugin.ts';
import type { Storage } from '../storage/storage.ts';

const LATE = minutes(5);
const RECENT = days(1);

async function waitingFinding({ db }: Storage, now: number): Promise<Finding> {
  const what = 'messages and jobs are sent in time';
  const { late } = await db
    .selectFrom('outbox')
    .select((eb) => eb.fn.countAll<number>().as('late'))
    .where('state', '=', 'waiting')
    .where('run_at', '<', now - LATE)
    .where('lease_until', '<', now)
    .executeTakeFirstOrThrow();
  if (Number(late) === 0) return { is: 'ok', what };
  const cause = `${late} jobs are due for more than five minutes and nobody works on them.`;
  return { is: 'failed', what, cause, fix: 'Look whether a node runs and what its log says.' };
}

async function deadFinding({ db }: Storage, now: number): Promise<Finding> {
  const what = 'no message or job was given up today';
  const { count, reason } = await db
    .selectFrom('outbox')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.max('reason').as('reason')])
    .where('state', '=', 'dead')
    .where('finished_at', '>', now - RECENT)
    .executeTakeFirstOrThrow();
  if (Number(count) === 0) return { is: 'ok', what };
  return { is: 'warning', what, cause: `${count} were given up, for example: ${reason ?? 'no reason given'}` };
}

export async function outboxFindings(storage: Storage, clock: Clock): Promise<Finding[]> {
  try {
    return [await waitingFinding(storage, clock.now()), await deadFinding(storage, clock.now())];
  } catch (error) {
    const cause = error instanceof Error ? error.message : 'unknown error';
    return [{ is: 'failed', what: 'the outbox can be read', cause }];
  }
}
