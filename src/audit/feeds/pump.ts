/**
 * Brings records to a feed: in order, each at least once, by one node at a time. How far it is, is in the database and moves only
 * after the receiver has it, so neither an outage nor a crash loses a record; what was sent in between comes again.
 */
import { type Clock, hours, seconds } from '../../kernel/clock.ts';
import { newId } from '../../kernel/random.ts';
import * as store from '../../storage/repositories/audit-feeds.ts';
import type { Storage, Trx } from '../../storage/storage.ts';
import type { Audit } from '../audit.ts';
import { storedCheckpoint } from '../checkpoint.ts';
import type { AuditEntry } from '../read.ts';
import type { Feed, FeedRecord, Sent } from './feed.ts';

/** Looked at in one go. */
const BATCH = 500;
/** Sent in one go: bytes of bodies. */
const MOST_BYTES = 512 * 1024;
/** On top of the longest delivery. */
const LEASE = seconds(20);
/** An outage of so long is told. */
const STUCK_AFTER = hours(1);

export interface PumpDeps {
  storage: Storage;
  audit: Pick<Audit, 'append'>;
  clock: Clock;
  /** ms until the next attempt, after so many failures in a row. */
  wait(failures: number): number;
  /** Tells operators, in the same transaction. */
  alarm(trx: Trx, says: string): Promise<void>;
}

export type Pumped = 'idle' | 'sent' | 'failed' | 'busy';

async function recordsAfter(storage: Storage, seq: number): Promise<FeedRecord[]> {
  const rows = await storage.db
    .selectFrom('audit')
    .select(['seq', 'body', 'previous', 'hash'])
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(BATCH)
    .execute();
  return rows.flatMap((row) => {
    try {
      return [{ ...row, entry: JSON.parse(row.body) as AuditEntry }];
    } catch {
      // Somebody tampered with it: `verify` names it; the receiver is not held up.
      return [];
    }
  });
}

/** As many as fit into one message, and the number of the last one that was looked at. */
function portion(records: readonly FeedRecord[], feed: Feed): { wanted: FeedRecord[]; upTo: number | undefined } {
  const wanted: FeedRecord[] = [];
  let bytes = 0;
  let upTo: number | undefined;
  for (const record of records) {
    const takes = feed.takes(record.entry.event);
    if (takes && bytes > 0 && bytes + record.body.length > MOST_BYTES) break;
    if (takes) {
      wanted.push(record);
      bytes += record.body.length;
    }
    upTo = record.seq;
  }
  return { wanted, upTo };
}

export function createPump({ storage, audit, clock, wait, alarm }: PumpDeps, feed: Feed) {
  const own = newId();
  const lease = (): store.Lease => ({ id: own, until: clock.now() + feed.longest + LEASE });
  let known = false;

  async function begin(): Promise<void> {
    if (known) return;
    const head = await storage.db.selectFrom('audit_head').select('seq').executeTakeFirst();
    const checkpoint = await storedCheckpoint(storage.db);
    await store.ensure(storage.db, feed.id, feed.from === 'now' ? (head?.seq ?? 0) : (checkpoint?.seq ?? 0));
    known = true;
  }

  /** What was deleted before it could be delivered is told, and in the feed itself. @returns where it goes on. */
  async function skipDeleted({ seq }: store.FeedRow): Promise<number> {
    const checkpoint = await storedCheckpoint(storage.db);
    if (!checkpoint || checkpoint.seq <= seq) return seq;
    await storage.transaction(async (trx) => {
      if (!(await store.move(trx, feed.id, lease(), { seq: checkpoint.seq }))) return;
      await audit.append(trx, {
        event: 'audit.feed-lost',
        outcome: 'failure',
        actor: 'system',
        detail: { feed: feed.id, from: seq + 1, to: checkpoint.seq },
      });
      await alarm(
        trx,
        `The feed ${feed.id} of the audit lost records ${seq + 1} to ${checkpoint.seq}: they were deleted.`,
      );
    });
    return checkpoint.seq;
  }

  async function failed(row: store.FeedRow, { cause, fix }: Extract<Sent, { is: 'failed' }>): Promise<void> {
    const now = clock.now();
    const failures = row.failures + 1;
    const since = row.failing_since ?? now;
    const stuck = row.told === 0 && now - since >= STUCK_AFTER;
    const set = {
      failures,
      failing_since: since,
      next_at: now + wait(failures),
      told: stuck ? 1 : row.told,
      cause,
      fix,
    };
    await storage.transaction(async (trx) => {
      if (!(await store.move(trx, feed.id, lease(), set)) || !stuck) return;
      await audit.append(trx, {
        event: 'audit.feed-stuck',
        outcome: 'failure',
        actor: 'system',
        reason: cause,
        detail: { feed: feed.id, since: new Date(since).toISOString() },
      });
      await alarm(trx, `The feed ${feed.id} of the audit reaches ${feed.to} no more: ${cause} Records wait.`);
    });
  }

  /** Everything that waits. `stopped`: asked between two deliveries. */
  async function work(stopped: () => boolean = () => false): Promise<Pumped> {
    await begin();
    const [seen, head] = [
      await store.find(storage.db, feed.id),
      await storage.db.selectFrom('audit_head').select('seq').executeTakeFirst(),
    ];
    if (!seen || seen.seq >= (head?.seq ?? 0)) return 'idle';
    const row = await store.claim(storage.db, feed.id, lease(), clock.now());
    if (!row) return 'busy';
    try {
      let at = await skipDeleted(row);
      while (!stopped()) {
        const records = await recordsAfter(storage, at);
        const { wanted, upTo } = portion(records, feed);
        if (upTo === undefined) break;
        const sent: Sent = wanted.length === 0 ? { is: 'delivered' } : await feed.carry(wanted);
        if (sent.is === 'failed') {
          await failed(row, sent);
          return 'failed';
        }
        const delivered = wanted.length === 0 ? {} : { delivered_at: clock.now() };
        const well = { failures: 0, failing_since: null, told: 0, next_at: 0, cause: null, fix: null };
        if (!(await store.move(storage.db, feed.id, lease(), { seq: upTo, ...delivered, ...well }))) return 'busy';
        at = upTo;
      }
      return 'sent';
    } finally {
      await store.letGo(storage.db, feed.id, own).catch(() => undefined);
    }
  }

  return { work };
}
