/** The rules have changed: everybody is judged anew from what is known of them, in pages, taken up where it broke off. */
import * as store from '../../storage/repositories/readiness.ts';
import type { ReadinessDeps } from './deps.ts';
import { type Facts, judge } from './judge.ts';

const PAGE = 500;

/** One page. @returns false when the lease went to another node, else where it is now; null: done. */
export async function rejudge(
  { storage, judging, fingerprint, clock }: ReadinessDeps,
  lease: { id: string; until: number },
  after: string,
  walk: number,
): Promise<{ after: string | null } | false> {
  const known = await store.page(storage.db, after, PAGE);
  const now = clock.now();
  const rows = known.map((row) => ({
    ...row,
    ...judge(JSON.parse(row.facts) as Facts, row, judging),
    checkedAt: now,
  }));
  const next = rows.length < PAGE ? null : (rows.at(-1)?.accountId ?? null);
  return storage.transaction(async (trx) => {
    if (!(await store.hold(trx, lease, { rules: fingerprint, rules_after: next }))) return false;
    // Whoever was marked since the page was read is judged again from there; their marks stay.
    await store.write(trx, { rows, gone: [], done: [], walk });
    return { after: next };
  });
}
