/**
 * The audit as a file, oldest first, batch by batch. JSON lines carry the chain, so that `verifyLines` proves them without a
 * database; in CSV nothing is a formula to a spreadsheet.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { stringify } from 'csv-stringify/sync';
import type { Executor } from '../storage/storage.ts';
import { storedCheckpoint } from './checkpoint.ts';
import { type AuditFilter, matches } from './filter.ts';
import type { AuditEntry } from './read.ts';

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const BATCH = 1_000;
const COLUMNS = ['seq', 'at', 'event', 'outcome', 'actor', 'subject', 'ip', 'flow', 'method', 'reason'] as const;

const csv = (rows: (string | number)[][]): string => stringify(rows, { escape_formulas: true });

const csvRow = (entry: AuditEntry): (string | number)[] => [
  ...COLUMNS.map((key) => entry[key] ?? ''),
  entry.detail === undefined ? '' : JSON.stringify(entry.detail),
];

/** A record with its place in the chain; the body as it was hashed. */
export const jsonLine = ({ body, previous, hash }: { body: string; previous: string; hash: string }): string =>
  `{"hash":${JSON.stringify(hash)},"previous":${JSON.stringify(previous)},"record":${body}}\n`;

/** Pieces of the file. What is written meanwhile does not come along. */
export async function* exportAudit(
  executor: Executor,
  filter: AuditFilter,
  format: ExportFormat,
): AsyncGenerator<string> {
  const head = await executor.selectFrom('audit_head').select('seq').executeTakeFirst();
  // Spreadsheets take a file for UTF-8 only when it says so.
  if (format === 'csv') yield `\uFEFF${csv([[...COLUMNS, 'detail']])}`;
  const checkpoint = format === 'jsonl' ? await storedCheckpoint(executor) : undefined;
  if (checkpoint) {
    const { toldSeq: _, ...proof } = checkpoint;
    yield `${JSON.stringify({ checkpoint: proof })}\n`;
  }
  for (let after = checkpoint?.seq ?? 0; ; ) {
    const rows = await executor
      .selectFrom('audit')
      .select(['seq', 'body', 'previous', 'hash'])
      .where('seq', '>', after)
      .where('seq', '<=', head?.seq ?? 0)
      .$if(filter.subject !== undefined, (query) => query.where('subject', '=', filter.subject as string))
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    const lines = rows.flatMap(({ body, previous, hash }) => {
      const entry = JSON.parse(body) as AuditEntry;
      if (!matches(entry, filter)) return [];
      return format === 'csv' ? csv([csvRow(entry)]) : jsonLine({ body, previous, hash });
    });
    if (lines.length > 0) yield lines.join('');
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return;
    // The embedded engine answers without a pause: others get their turn.
    await breathe();
    after = last.seq;
  }
}
