/**
 * Works off who must be looked at again: asks the directory, gathers, judges, writes row and figures in one transaction. What
 * changes meanwhile is marked again and stays.
 */
import type { Walked } from '../../directory/directory.ts';
import { accountId } from '../../kernel/account.ts';
import { createLanes } from '../../kernel/lanes.ts';
import * as people from '../../storage/repositories/people.ts';
import * as store from '../../storage/repositories/readiness.ts';
import type { ReadinessDeps } from './deps.ts';
import { gather } from './facts.ts';
import { judge } from './judge.ts';

export type Drained =
  /** `left`: there may be more. */
  { is: 'done'; count: number; left: boolean } | { is: 'unavailable'; cause: string } | { is: 'lost' };

const BATCH = 200;
/** Leaves most of the connections to people who are recovering. */
const AT_ONCE = 3;

type Found = Extract<Walked, { is: 'found' }>;

export function createDrain(deps: ReadinessDeps) {
  const { storage, directory, authenticators, methods, judging, clock } = deps;

  const ask = async (key: string | undefined): Promise<Walked> => {
    if (key === undefined) return { is: 'none' };
    if (directory.walk) return directory.walk.read(key);
    const found = await directory.load(key);
    return found.is === 'none' ? { is: 'none' } : found;
  };

  const kept = (attributes: Found['account']['attributes']) =>
    Object.fromEntries(
      Object.entries(attributes).filter(([name, values]) => values.length > 0 && deps.keeps.includes(name)),
    );

  async function rowsOf(found: readonly { walked: Found; stamp: string | undefined }[]): Promise<store.ReadinessRow[]> {
    const ids = found.map(({ walked }) => walked.account.id);
    const own = await authenticators.listMany(storage.db, ids);
    const frozen = await people.frozen(storage.db, ids);
    const shared = await store.shared(storage.db, ids);
    const now = clock.now();
    return found.map(({ walked: { account, blocked }, stamp }): store.ReadinessRow => {
      const known = { frozen: frozen.has(account.id), sharedPhone: shared.has(account.id), blocked: blocked?.why };
      const { facts, recheckAt } = gather(methods, account, own.get(account.id) ?? [], known, now);
      return {
        accountId: account.id,
        directory: account.directory,
        directoryKey: account.key,
        username: account.username,
        displayName: account.displayName,
        locator: account.locator,
        groups: account.groups,
        attributes: kept(account.attributes),
        facts: JSON.stringify(facts),
        ...judge(facts, account, judging),
        stamp,
        readAt: now,
        checkedAt: now,
        recheckAt,
      };
    });
  }

  return async function drain(lease: { id: string; until: number }, walk: number): Promise<Drained> {
    const dirty = await store.dirty(storage.db, BATCH);
    if (dirty.length === 0) return { is: 'done', count: 0, left: false };
    const lane = createLanes(AT_ONCE);
    const asked = await Promise.all(dirty.map(async (one) => ({ one, walked: await lane(() => ask(one.key)) })));
    const down = asked.find(({ walked }) => walked.is === 'unavailable');
    const answered = asked.filter(({ walked }) => walked.is !== 'unavailable');
    const found = answered.flatMap(({ one, walked }) =>
      walked.is === 'found' && accountId(walked.account.directory, walked.account.key) === one.accountId
        ? [{ walked, stamp: one.stamp }]
        : [],
    );
    const rows = await rowsOf(found);
    const met = new Set(rows.map((row) => row.accountId));
    const gone = answered.map(({ one }) => one.accountId).filter((id) => !met.has(id));
    const done = answered.map(({ one }) => one);
    const held = await storage.transaction(async (trx) => {
      const cause = down?.walked.is === 'unavailable' ? down.walked.cause : null;
      if (!(await store.hold(trx, lease, { problem: cause }))) return false;
      await store.write(trx, { rows, gone, done, walk });
      return true;
    });
    if (!held) return { is: 'lost' };
    if (down?.walked.is === 'unavailable') return { is: 'unavailable', cause: down.walked.cause };
    return { is: 'done', count: dirty.length, left: dirty.length === BATCH };
  };
}
