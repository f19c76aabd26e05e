/** Opens the outbox that fits the database. */
import type { Clock } from '../kernel/clock.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { StorageConfig } from '../storage/index.ts';
import type { Storage } from '../storage/storage.ts';
import { createLeaseEngine } from './lease-engine.ts';
import type { DeadJob } from './ledger.ts';
import type { Outbox } from './outbox.ts';
import { OUTBOX_DEFAULTS, type OutboxSettings } from './settings.ts';

export interface OutboxDeps {
  storage: Storage;
  /** The one that `storage` was opened with: pg-boss needs connections of its own. */
  config: StorageConfig;
  keyring: Keyring;
  clock: Clock;
  settings?: Partial<OutboxSettings>;
  /** 0 to 1; `Math.random` when absent. Jitter only. */
  random?: () => number;
  /** For the log: the database did not answer and the outbox will try again. */
  onProblem?: (cause: unknown) => void;
  /** A job was given up for good: for log and audit. */
  onDead?: (job: DeadJob) => void;
}

export async function createOutbox({
  config,
  settings,
  random,
  onProblem,
  onDead,
  ...rest
}: OutboxDeps): Promise<Outbox> {
  const deps = {
    ...rest,
    settings: { ...OUTBOX_DEFAULTS, ...settings },
    random: random ?? Math.random,
    onProblem: onProblem ?? (() => {}),
    onDead,
  };
  if (config.engine !== 'postgres') return createLeaseEngine(deps);
  // 30 MiB that a node on the embedded engine need not hold.
  const { createPgBossEngine } = await import('./pg-boss-engine.ts');
  return createPgBossEngine({ ...deps, config });
}

export { outboxFindings } from './health.ts';
export { sweepOutbox } from './ledger.ts';
