/** Fills in what records are found by, for those that an earlier build wrote: newest first, in small steps, beside everything else. */
import { sql } from 'kysely';
import type { Storage } from '../storage/storage.ts';

const STEP = 200;

interface Found {
  event: string;
  actor: string | null;
  ip: string | null;
  flow: string | null;
  outcome: string | null;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function read(body: string): Found {
  try {
    const { event, actor, ip, flow, outcome } = JSON.parse(body) as Record<string, unknown>;
    return { event: text(event) ?? '', actor: text(actor), ip: text(ip), flow: text(flow), outcome: text(outcome) };
  } catch {
    // Somebody tampered with it: `verify` tells, and it is looked at no more here.
    return { event: '', actor: null, ip: null, flow: null, outcome: null };
  }
}

/** @returns how many were filled in; less than a step: that was all. */
export async function fillStep({ db, transaction }: Storage): Promise<{ filled: number; all: boolean }> {
  const rows = await db
    .selectFrom('audit')
    .select(['seq', 'body'])
    .where('event', 'is', null)
    .orderBy('seq', 'desc')
    .limit(STEP)
    .execute();
  if (rows.length > 0)
    await transaction(async (trx) => {
      for (const { seq, body } of rows) {
        const { event, actor, ip, flow, outcome } = read(body);
        await sql`
          update audit set event = ${event}, actor = ${actor}, ip = ${ip}, flow = ${flow}, outcome = ${outcome}
          where seq = ${seq}`.execute(trx);
      }
    });
  return { filled: rows.length, all: rows.length < STEP };
}
