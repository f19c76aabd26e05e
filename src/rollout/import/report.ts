/** What became of each line, as CSV for a spreadsheet: no cell is a formula, and no contact or answer is in it. */
import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { Imports, LineState } from './imports.ts';

const PAGE = 1_000;

async function* rows(imports: Pick<Imports, 'lines'>, id: string, state?: LineState): AsyncGenerator<string> {
  // Spreadsheets take a file for UTF-8 only when it says so.
  yield `\uFEFF${stringify([['line', 'username', 'state', 'note']])}`;
  for (let after = 0; ; ) {
    const page = await imports.lines(id, { state, after, limit: PAGE });
    if (page.length > 0)
      yield stringify(
        page.map((one) => [one.line, one.username, one.state, one.says]),
        { escape_formulas: true },
      );
    const last = page.at(-1);
    if (page.length < PAGE || !last) return;
    after = last.line;
  }
}

export const importReport = (imports: Pick<Imports, 'lines'>, id: string, state?: LineState): Readable =>
  Readable.from(rows(imports, id, state));
