/** What the spread engine works with. */
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Storage, Trx } from '../storage/storage.ts';
import type { Whom } from './cargo.ts';
import type { ConnectedSystem } from './system.ts';

export interface SpreadSettings {
  /** ms after which what was not done is given up, and the password is erased. */
  deadline: number;
  /** ms after which an attempt is given up that outlasts the time limits of its connector. Less than `handlerMs` of the outbox. */
  attemptMs: number;
  /** ms; renewed while an attempt is under way. When its node dies, another may try after it. */
  leaseMs: number;
  /** ms between two attempts at first, doubling up to `longestMs`. */
  firstMs: number;
  longestMs: number;
  /** Failures in a row after which a system is left alone for a while. */
  breaker: { failures: number; firstMs: number; longestMs: number };
}

export interface SpreadDeps {
  storage: Storage;
  keyring: Keyring;
  clock: Clock;
  audit: Audit;
  outbox: Outbox;
  systems: ReadonlyMap<string, ConnectedSystem>;
  settings: SpreadSettings;
  /** 0 to 1; jitter only. */
  random: () => number;
  /** A system did not take it: writes, in the same transaction, what tells the person. */
  tellFailure(trx: Trx, accountId: string, whom: Whom, systemLabel: string): Promise<void>;
  log: { warn(detail: object, message: string): void };
}
