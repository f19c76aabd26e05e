/** Reading the audit, newest first, in pages. Proves nothing: that is what `verify` is for. */
import type { Executor } from '../storage/storage.ts';
import type { AuditRecord } from './audit.ts';

export interface AuditEntry extends AuditRecord {
  seq: number;
  /** ISO 8601, UTC, ms. */
  at: string;
}

/** `before`: the last `seq` of the page before. `subject`: only what is about that account. */
export async function readAudit(
  executor: Executor,
  { before, subject, limit = 100 }: { before?: number; subject?: string; limit?: number } = {},
): Promise<AuditEntry[]> {
  const rows = await executor
    .selectFrom('audit')
    .select('body')
    .$if(before !== undefined, (query) => query.where('seq', '<', before as number))
    .$if(subject !== undefined, (query) => query.where('subject', '=', subject as string))
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => JSON.parse(row.body) as AuditEntry);
}
