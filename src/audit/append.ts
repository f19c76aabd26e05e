/**
 * Adds records at the end of the chain. Writers take turns at the row `audit_head`: its update locks it until commit
 * (PostgreSQL), or the whole database has one writer (SQLite). Append last in a transaction, so that nobody waits long.
 */
import type { Insertable, Transaction } from 'kysely';
import type { Clock } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';
import { prepared } from '../storage/prepared.ts';
import type { AuditTable, Schema } from '../storage/schema.ts';
import type { AuditRecord } from './audit.ts';
import { canonicalJson } from './canonical.ts';
import { type Chain, UNPROVEN } from './chain.ts';

const HEAD = 1;

const advanceHead = prepared((ex, { by }: { by: number }) =>
  ex
    .updateTable('audit_head')
    .set((eb) => ({ seq: eb('seq', '+', by) }))
    .where('id', '=', HEAD)
    .returning(['seq', 'hash']),
);
const hashOf = prepared((ex, { seq }: { seq: number }) => ex.selectFrom('audit').select('hash').where('seq', '=', seq));
const insert = prepared((ex, row: Insertable<AuditTable>) => ex.insertInto('audit').values(row));
const sealHead = prepared((ex, { hash }: { hash: string }) =>
  ex.updateTable('audit_head').set({ hash }).where('id', '=', HEAD),
);

async function advance(trx: Transaction<Schema>, by: number): Promise<{ seq: number; hash: string }> {
  const [row] = (await advanceHead(trx, { by })).rows;
  if (row) return row;
  // Somebody deleted the head. Go on behind the last record, unproven, so that `verify` tells for ever.
  const { last } = await trx
    .selectFrom('audit')
    .select((eb) => eb.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('audit_head')
    .values({ id: HEAD, seq: last ?? 0, hash: UNPROVEN })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const [made] = (await advanceHead(trx, { by })).rows;
  if (!made) throw new Error('The end of the audit can not be made.');
  return made;
}

/** What the next record must follow: the last one's hash, if the head proves that it is the last one. */
async function linkAfter(trx: Transaction<Schema>, chain: Chain, head: { seq: number; hash: string }): Promise<string> {
  if (head.seq === 0) return head.hash === '' ? chain.genesis : UNPROVEN;
  const [last] = (await hashOf(trx, { seq: head.seq })).rows;
  return last && chain.same(chain.seal(head.seq, last.hash), head.hash) ? last.hash : UNPROVEN;
}

export async function append(
  trx: Transaction<Schema>,
  chain: Chain,
  clock: Clock,
  records: readonly AuditRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const advanced = await advance(trx, records.length);
  const head = { seq: advanced.seq - records.length, hash: advanced.hash };
  const at = new Date(clock.now()).toISOString();
  let previous = await linkAfter(trx, chain, head);
  const rows = records.map((record, n) => {
    const seq = head.seq + n + 1;
    const body = canonicalJson({ ...(record as unknown as JsonObject), at, seq });
    const { subject, event, actor, ip, flow, outcome } = record;
    const found = { subject: subject ?? null, event, actor, ip: ip ?? null, flow: flow ?? null, outcome };
    const row = { seq, body, previous, hash: chain.hash(previous, body), ...found };
    previous = row.hash;
    return row;
  });
  const [only, ...more] = rows;
  if (only && more.length === 0) await insert(trx, only);
  else await trx.insertInto('audit').values(rows).execute();
  await sealHead(trx, { hash: chain.seal(advanced.seq, previous) });
}
