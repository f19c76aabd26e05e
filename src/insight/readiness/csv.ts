/** Lists of people as CSV, page by page. Nothing in it is a formula to a spreadsheet, whatever somebody is called. */
import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { ReadinessRow } from '../../storage/repositories/readiness.ts';
import type { Change } from '../rules/preview.ts';

type Cell = string | number;

const lines = (rows: readonly (readonly Cell[])[]): string => stringify(rows as Cell[][], { escape_formulas: true });

const iso = (at: number): string => new Date(at).toISOString();

async function* readinessLines(pages: AsyncIterable<readonly ReadinessRow[]>): AsyncGenerator<string> {
  // Spreadsheets take a file for UTF-8 only when it says so.
  yield `\uFEFF${lines([['username', 'name', 'verdict', 'reasons', 'rule', 'groups', 'checked']])}`;
  for await (const rows of pages)
    yield lines(
      rows.map((row) => [
        row.username,
        row.displayName,
        row.verdict,
        row.reasons.join(' '),
        row.rule,
        row.groups.join('; '),
        iso(row.checkedAt),
      ]),
    );
}

async function* changeLines(pages: AsyncIterable<readonly Change[]>): AsyncGenerator<string> {
  yield `\uFEFF${lines([['username', 'name', 'change', 'reasons', 'rule', 'groups']])}`;
  for await (const page of pages)
    yield lines(
      page.map(({ row, is, judged }) => [
        row.username,
        row.displayName,
        is,
        judged.reasons.join(' '),
        judged.rule,
        row.groups.join('; '),
      ]),
    );
}

export const readinessCsv = (pages: AsyncIterable<readonly ReadinessRow[]>): Readable =>
  Readable.from(readinessLines(pages));

export const changesCsv = (pages: AsyncIterable<readonly Change[]>): Readable => Readable.from(changeLines(pages));
