/**
 * The outbox on PostgreSQL. pg-boss wakes a node at the right time and notices dead nodes; its job holds nothing but the
 * id of our row, which alone decides whether there is something to do. So a doubled or late wake-up does no harm.
 */
import { fromKysely, PgBoss } from 'pg-boss';
import { type PostgresConfig, postgresConnection } from '../storage/postgres/connection.ts';
import type { Executor } from '../storage/storage.ts';
import { type Handlers, runHandler } from './deliver.ts';
import { outboxFindings } from './health.ts';
import type { LeaseEngineDeps } from './lease-engine.ts';
import { createLedger, type Lane, lanes } from './ledger.ts';
import type { Outbox } from './outbox.ts';

export interface PgBossEngineDeps extends LeaseEngineDeps {
  config: PostgresConfig;
}

const QUEUES = { swift: 'outbox', slow: 'outbox-slow' } as const;
const POOL_SIZE = 3;
/** The least that pg-boss takes. */
const HEARTBEAT_SECONDS = 10;
const SUPERVISE_SECONDS = 10;
/** A row that is due for so long was forgotten by pg-boss (its schema was dropped, a backup restored). */
const FORGOTTEN_MS = 60_000;
const IDLE_POLL_MS = 20;

interface Wake {
  id: string;
}

function createBoss(config: PostgresConfig): PgBoss {
  return new PgBoss({
    ...postgresConnection(config),
    application_name: 'sparekey-outbox',
    max: POOL_SIZE,
    useListenNotify: true,
    schedule: false,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
  });
}

const queueOptions = {
  notify: true,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  // Our row counts the attempts; pg-boss only must never give up waking.
  retryLimit: 1_000_000,
  retryDelay: 1,
  deleteAfterSeconds: 3_600,
};

/** Makes pg-boss's own schema (locked by pg-boss, so that nodes may start together) and our queue. */
export async function createPgBossEngine(deps: PgBossEngineDeps): Promise<Outbox> {
  const { storage, clock, settings, onProblem } = deps;
  const ledger = createLedger(deps);
  const boss = createBoss(deps.config);
  boss.on('error', onProblem);
  await boss.start();
  for (const queue of Object.values(QUEUES)) await boss.createQueue(queue, queueOptions);

  let handlers: Handlers | undefined;
  const workers: string[] = [];
  let watching: NodeJS.Timeout | undefined;
  let running = 0;

  const laneOf = (kind: string): Lane => (kind === settings.slow.kind ? 'slow' : 'swift');
  const wakeAt = async (ex: Executor, lane: Lane, id: string, at: number): Promise<void> => {
    const after = Math.max(0, at - clock.now()) / 1_000;
    await boss.send(QUEUES[lane], { id } satisfies Wake, {
      db: fromKysely(ex),
      ...(after > 0 ? { startAfter: after } : {}),
    });
  };

  async function work(lane: Lane, id: string, known: Handlers): Promise<void> {
    const claim = await ledger.claim(id);
    if (claim.is === 'finished') return;
    if (claim.is === 'later') return wakeAt(storage.db, lane, id, claim.at);
    const { job } = claim;
    const outcome = await runHandler(ledger, job, known, settings);
    if (!outcome) return wakeAt(storage.db, lane, id, clock.now() + settings.leaseMs);
    await storage.transaction(async (trx) => {
      const settled = await ledger.settle(trx, job, outcome);
      if (settled.is === 'again') await wakeAt(trx, lane, id, settled.at);
    });
  }

  async function wakeForgotten(lane: Lane): Promise<void> {
    const ids = await ledger.due(lane, 50);
    const rows =
      ids.length === 0
        ? []
        : await storage.db
            .selectFrom('outbox')
            .select('id')
            .where('id', 'in', ids)
            .where('run_at', '<', clock.now() - FORGOTTEN_MS)
            .execute();
    for (const { id } of rows) {
      const waking = await boss.findJobs(QUEUES[lane], { data: { id }, limit: 1, queued: true });
      if (waking.length === 0) await wakeAt(storage.db, lane, id, clock.now());
    }
  }
  const wakeAllForgotten = async (): Promise<void> => {
    for (const lane of lanes) await wakeForgotten(lane);
  };

  async function workOff(lane: Lane, known: Handlers): Promise<void> {
    const polling = Math.max(0.5, settings.pollMs / 1_000);
    const options = {
      localConcurrency: lane === 'slow' ? settings.slow.concurrency : settings.concurrency,
      pollingIntervalSeconds: polling,
      // Retries become due without a NOTIFY.
      notifyPollingIntervalSeconds: polling,
    };
    const worker = await boss.work<Wake>(QUEUES[lane], options, async (jobs) => {
      running += 1;
      try {
        for (const { data } of jobs) await work(lane, data.id, known);
      } finally {
        running -= 1;
      }
    });
    workers.push(worker);
  }

  const nothingDue = async (): Promise<boolean> =>
    running === 0 && (await Promise.all(lanes.map((lane) => ledger.due(lane, 1)))).every(({ length }) => length === 0);

  return {
    async enqueue(trx, job) {
      const { id, runAt } = await ledger.enqueue(trx, job);
      await wakeAt(trx, laneOf(job.kind), id, runAt);
      return id;
    },
    // The wake-up still comes, and finds nothing to do.
    finish: (trx, id) => ledger.finish(trx, id),
    async start(known) {
      handlers = known;
      for (const lane of lanes) await workOff(lane, known);
      watching = setInterval(() => wakeAllForgotten().catch(onProblem), FORGOTTEN_MS);
      await wakeAllForgotten();
    },
    nudge() {
      for (const worker of workers) boss.notifyWorker(worker);
    },
    async idle() {
      while (handlers && !(await nothingDue())) await new Promise((next) => setTimeout(next, IDLE_POLL_MS));
    },
    dead: (limit) => ledger.dead(limit),
    check: () => outboxFindings(storage, clock),
    async stop() {
      handlers = undefined;
      clearInterval(watching);
      await boss.stop({ graceful: true, timeout: settings.stopMs });
    },
  };
}
