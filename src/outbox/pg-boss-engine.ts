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
import { createLedger } from './ledger.ts';
import type { Outbox } from './outbox.ts';

export interface PgBossEngineDeps extends LeaseEngineDeps {
  config: PostgresConfig;
}

const QUEUE = 'outbox';
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
  await boss.createQueue(QUEUE, queueOptions);

  let handlers: Handlers | undefined;
  let worker: string | undefined;
  let watching: NodeJS.Timeout | undefined;
  let running = 0;

  const wakeAt = async (ex: Executor, id: string, at: number): Promise<void> => {
    const after = Math.max(0, at - clock.now()) / 1_000;
    await boss.send(QUEUE, { id } satisfies Wake, { db: fromKysely(ex), ...(after > 0 ? { startAfter: after } : {}) });
  };

  async function work(id: string, known: Handlers): Promise<void> {
    const claim = await ledger.claim(id);
    if (claim.is === 'finished') return;
    if (claim.is === 'later') return wakeAt(storage.db, id, claim.at);
    const { job } = claim;
    const outcome = await runHandler(ledger, job, known, settings);
    if (!outcome) return wakeAt(storage.db, id, clock.now() + settings.leaseMs);
    await storage.transaction(async (trx) => {
      const settled = await ledger.settle(trx, job, outcome);
      if (settled.is === 'again') await wakeAt(trx, id, settled.at);
    });
  }

  async function wakeForgotten(): Promise<void> {
    const ids = await ledger.due(50);
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
      const waking = await boss.findJobs(QUEUE, { data: { id }, limit: 1, queued: true });
      if (waking.length === 0) await wakeAt(storage.db, id, clock.now());
    }
  }

  const nothingDue = async (): Promise<boolean> => running === 0 && (await ledger.due(1)).length === 0;

  return {
    async enqueue(trx, job) {
      const { id, runAt } = await ledger.enqueue(trx, job);
      await wakeAt(trx, id, runAt);
      return id;
    },
    async start(known) {
      handlers = known;
      const polling = Math.max(0.5, settings.pollMs / 1_000);
      const options = {
        localConcurrency: settings.concurrency,
        pollingIntervalSeconds: polling,
        // Retries become due without a NOTIFY.
        notifyPollingIntervalSeconds: polling,
      };
      worker = await boss.work<Wake>(QUEUE, options, async (jobs) => {
        running += 1;
        try {
          for (const { data } of jobs) await work(data.id, known);
        } finally {
          running -= 1;
        }
      });
      watching = setInterval(() => wakeForgotten().catch(onProblem), FORGOTTEN_MS);
      await wakeForgotten();
    },
    nudge() {
      if (worker !== undefined) boss.notifyWorker(worker);
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
