/** The outbox of the embedded engine: looks for due rows, takes a lease on each, and works off a bounded number at a time. */
import { type Handlers, runHandler } from './deliver.ts';
import { outboxFindings } from './health.ts';
import { createLedger, type Lane, type LedgerDeps, lanes } from './ledger.ts';
import type { Outbox } from './outbox.ts';

export interface LeaseEngineDeps extends LedgerDeps {
  /** Told when the database does not answer; the work goes on with the next poll. */
  onProblem(cause: unknown): void;
}

export function createLeaseEngine(deps: LeaseEngineDeps): Outbox {
  const { storage, clock, settings, onProblem } = deps;
  const ledger = createLedger(deps);
  const running = new Map<string, Promise<void>>();
  const slow = new Set<string>();
  let handlers: Handlers | undefined;
  let polling: NodeJS.Timeout | undefined;
  let round: Promise<number> | undefined;
  let again = false;
  /** Lanes with more work than room. */
  const crowded = new Set<Lane>();

  async function work(id: string, known: Handlers): Promise<void> {
    try {
      const claim = await ledger.claim(id);
      if (claim.is !== 'claimed') return;
      const outcome = await runHandler(ledger, claim.job, known, settings);
      if (outcome) await ledger.settle(storage.db, claim.job, outcome);
    } catch (cause) {
      onProblem(cause);
    }
  }

  /** Starts what is due on a lane, as far as there is room. @returns how many it started. */
  async function startLane(lane: Lane): Promise<number> {
    const known = handlers;
    const most = lane === 'slow' ? settings.slow.concurrency : settings.concurrency;
    const room = most - (lane === 'slow' ? slow.size : running.size - slow.size);
    if (!known) return 0;
    if (room <= 0) {
      crowded.add(lane);
      return 0;
    }
    const due = await ledger.due(lane, most);
    if (due.length === most) crowded.add(lane);
    const ids = due.filter((id) => !running.has(id)).slice(0, room);
    if (!handlers) return 0;
    for (const id of ids) {
      if (lane === 'slow') slow.add(id);
      const job = work(id, known).finally(() => {
        running.delete(id);
        slow.delete(id);
        // What a job left behind is found when the last one has ended; while others run, only what had no room is looked for.
        if (crowded.delete(lane) || running.size === 0) look();
      });
      running.set(id, job);
    }
    return ids.length;
  }

  async function startDue(): Promise<number> {
    let started = 0;
    for (const lane of lanes) started += await startLane(lane);
    return started;
  }

  /** One look at a time; a nudge during a look causes another one. */
  async function lookOnce(): Promise<number> {
    if (round) {
      again = true;
      return round;
    }
    round = startDue();
    try {
      return await round;
    } finally {
      round = undefined;
      if (again) {
        again = false;
        look();
      }
    }
  }

  function look(): void {
    if (handlers) lookOnce().catch(onProblem);
  }

  return {
    async enqueue(trx, job) {
      return (await ledger.enqueue(trx, job)).id;
    },
    finish: (trx, id) => ledger.finish(trx, id),
    async start(known) {
      handlers = known;
      polling = setInterval(look, settings.pollMs);
      look();
    },
    nudge: look,
    async idle() {
      for (;;) {
        // A look that began before this call may have missed what was committed since.
        while (round) await round.catch(() => 0);
        const started = await lookOnce();
        if (started === 0 && running.size === 0 && !round) return;
        if (running.size > 0) await Promise.race(running.values());
      }
    },
    dead: (limit) => ledger.dead(limit),
    check: () => outboxFindings(storage, clock),
    async stop() {
      handlers = undefined;
      clearInterval(polling);
      let bound: NodeJS.Timeout | undefined;
      const bounded = new Promise<void>((resolve) => {
        bound = setTimeout(resolve, settings.stopMs);
      });
      const finished = async () => {
        await round?.catch(() => {});
        await Promise.all(running.values());
      };
      await Promise.race([finished(), bounded]);
      clearTimeout(bound);
    },
  };
}
