/**
 * The audit as the configuration wants it: feeds to other systems, and how long records are kept. What a feed has not delivered
 * is kept longer, for a bounded time; what goes then is told by the feed itself and as an incident.
 */

import type { Feed } from './audit/feeds/feed.ts';
import { deliveredUpTo, feedHealth } from './audit/feeds/health.ts';
import { openFeed } from './audit/feeds/open.ts';
import { createPump } from './audit/feeds/pump.ts';
import { fillStep } from './audit/fill.ts';
import { auditArea } from './console/audit/index.tsx';
import type { FlowDeps } from './flow/deps.ts';
import { openIncident } from './flow/incident.ts';
import { type Clock, minutes, seconds } from './kernel/clock.ts';
import { backOff } from './outbox/back-off.ts';
import { dayOf } from './privacy/sweep.ts';
import type { SparekeyConfig } from './registries.ts';
import { noteDeleted } from './storage/repositories/privacy.ts';
import { version } from './version.ts';

const LOOK_EVERY = seconds(2);
const KEEP_EVERY = minutes(10);
const RETRY = { attempts: Number.POSITIVE_INFINITY, firstMs: seconds(2), longestMs: minutes(5) };

type Settings = Pick<SparekeyConfig, 'audit' | 'publicUrl'>;

const portsOf = ({ publicUrl }: Settings, clock: Clock) => ({ clock, version, hostname: new URL(publicUrl).hostname });

/** @throws Error that names the key of the feed. */
export const openFeedAt = (config: Settings, index: number, clock: Clock): Feed => {
  const settings = config.audit.feeds[index];
  if (!settings) throw new Error(`There is no feed ${index}.`);
  return openFeed(settings, portsOf(config, clock));
};

/** @throws Error that names the key and its feed. */
export const openFeeds = (config: Settings, clock: Clock): Feed[] =>
  config.audit.feeds.map((_, index) => {
    try {
      return openFeedAt(config, index, clock);
    } catch (error) {
      throw new Error(`audit.feeds[${index}].${error instanceof Error ? error.message : String(error)}`);
    }
  });

type Deps = Pick<FlowDeps, 'storage' | 'audit' | 'clock' | 'alerts' | 'outbox' | 'log'>;

/** Deletes what is older than it is kept. @returns how many records went. */
export async function pruneByAge(
  { storage, audit, clock }: Pick<Deps, 'storage' | 'audit' | 'clock'>,
  { audit: { keep, holdForFeeds, feeds } }: Settings,
  onProgress: (deleted: number, all: number) => void = () => {},
): Promise<number> {
  const held = await deliveredUpTo(
    storage.db,
    feeds.map(({ id }) => id),
  );
  const now = clock.now();
  const late = held === undefined ? 0 : await audit.prune(storage, { before: now - keep - holdForFeeds, onProgress });
  const upTo = held === undefined ? {} : { upTo: held };
  const deleted = late + (await audit.prune(storage, { before: now - keep, ...upTo, onProgress }));
  await noteDeleted(storage.db, dayOf(now), 'audit', deleted);
  return deleted;
}

/** Every so often, and never twice at once. @returns how to end it. */
function repeat(every: number, work: () => Promise<unknown>, onProblem: (error: unknown) => void) {
  let working: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    working ??= work()
      .catch(onProblem)
      .finally(() => {
        working = undefined;
      });
  }, every);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await working;
  };
}

/** The audit in the console, and what a node does for it. @throws Error that names a key which can't be used. */
export function auditPart({ flow, config }: { flow: FlowDeps; config: SparekeyConfig }) {
  const feeds = openFeeds(config, flow.clock);
  const pumps = feeds.map((feed) =>
    createPump(
      {
        ...flow,
        wait: (failures) => backOff(RETRY, failures, Math.random()),
        alarm: async (trx, says) => {
          await openIncident(flow, trx, { accountId: '', kind: 'audit-feed', says });
        },
      },
      feed,
    ),
  );
  return {
    area: auditArea({
      ...flow,
      feeds: {
        health: () => feedHealth(flow.storage.db, feeds),
        check: async () => Promise.all(feeds.map(async (feed) => ({ id: feed.id, findings: await feed.check() }))),
      },
    }),
    begin() {
      let stopped = false;
      const keep = async () => {
        while (!stopped && !(await fillStep(flow.storage)).all);
        if (!stopped) await pruneByAge(flow, config);
      };
      const warn = (what: string) => (error: unknown) => flow.log.warn({ err: error }, what);
      const ends = [
        ...pumps.map(({ work }) =>
          repeat(LOOK_EVERY, () => work(() => stopped), warn('A feed of the audit waits for the database.')),
        ),
        repeat(KEEP_EVERY, keep, warn('Old records of the audit could not be deleted; it will be tried again.')),
      ];
      return async () => {
        stopped = true;
        for (const end of ends) await end();
      };
    },
  };
}
