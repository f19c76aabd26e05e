/** A table with a caption that scrolls by itself on a narrow screen, reachable by keyboard. Nothing to show gets a sentence. */
import type { ComponentChildren } from 'preact';

export interface Column<Key extends string> {
  key: Key;
  title: string;
  /** Set flush at the end. */
  numeric?: boolean;
}

export interface DataTableProps<Key extends string> {
  caption: string;
  columns: readonly Column<Key>[];
  rows: readonly { cells: Readonly<Record<Key, ComponentChildren>> }[];
  /** Instead of an empty table. */
  empty: string;
}

export function DataTable<Key extends string>({ caption, columns, rows, empty }: DataTableProps<Key>) {
  if (rows.length === 0)
    return (
      <p class="soft">
        <strong>{caption}</strong>
        <br />
        {empty}
      </p>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section class="scroll" aria-label={caption} tabIndex={0}>
      <table class="data">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ key, title, numeric }) => (
              <th key={key} scope="col" class={numeric ? 'amount' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ cells }, row) => (
            <tr key={row}>
              {columns.map(({ key, numeric }, n) =>
                n === 0 ? (
                  <th key={key} scope="row" class={numeric ? 'amount' : undefined}>
                    {cells[key]}
                  </th>
                ) : (
                  <td key={key} class={numeric ? 'amount' : undefined}>
                    {cells[key]}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
